"""The queue of identities: people of whom a person has to say which account is theirs."""

from collections.abc import Iterable

from matricula.errors import UsageError
from matricula.planning.ground import Unclear
from matricula.planning.unclear import ACCOUNT, LEAVE, NEW
from matricula.store import Identity, Store

_KIND = "user"
#: What can be said of people whose account the ledger holds and turned out to be doubtful, by the finding.
_ANSWERS = {"account-is-somebody-else": (ACCOUNT, NEW, LEAVE), "account-perhaps-merged": (ACCOUNT, LEAVE)}
OF_KNOWN = tuple(_ANSWERS)


def keep_unclear(store: Store, profile: str, unclear: Iterable[Unclear]) -> None:
    """Bring the queue in line with what a plan found."""
    found = {
        each.key: Identity(profile, _KIND, each.key, each.name, each.code, each.message, each.candidates)
        for each in unclear
    }
    store.identities.keep(profile, _KIND, found.values(), OF_KNOWN)


def decisions_of(store: Store, profile: str) -> dict[str, str]:
    """What persons said of people in a profile's queue, by sourcedId: `account:ID`, `new` or `leave`."""
    return store.identities.decisions(profile, _KIND)


def reaffirmed(store: Store, profile: str) -> frozenset[str]:
    """Keys of people whose decision was taken after their account turned out to be doubtful."""
    queue = store.identities.all(profile)
    return frozenset(each.key for each in queue if each.decision is not None and each.code in OF_KNOWN)


def doubtful(store: Store, profile: str) -> frozenset[str]:
    """Keys of people whose account turned out to be doubtful, and who wait for a word or for the account it brings.

    Plans look at them though nothing about them changed.
    """
    queue = [each for each in store.identities.all(profile) if each.code in OF_KNOWN]
    return frozenset(each.key for each in queue if each.state == "open" or each.decision == NEW)


def answers_of(code: str) -> tuple[str, ...]:
    """What can be said of people who have an account, by the finding about them."""
    return _ANSWERS.get(code, (LEAVE,))


def settle(store: Store, profile: str, person: str, decision: str | None, by: str) -> Identity:
    """Say which account is a person's; the next plan goes by it.

    Args:
        store: the state.
        profile: the profile.
        person: sourcedId, or the name where only one in the queue bears it.
        decision: `account:ID`, `new` or `leave`; None takes back what was said.
        by: who says it.

    Returns:
        the person as they stand in the queue now.

    Raises:
        UsageError: nobody in the queue is called so, or several are, or the person has an account already.
    """
    found = _found(store, profile, person)
    known = store.ledger.get(profile, _KIND, found.key)
    if known is not None and not known.removed and decision and not decision.startswith(answers_of(found.code)):
        raise UsageError(
            f"{found.name} has an account already (id {known.moodle_id}); only a value of theirs is another's.",
            where=f"profile {profile}, person {found.key}",
            remedy="Mend the value in the school's system or in Moodle, or say that it is left as it is: "
            f"matricula identities settle {found.key} --leave",
            code="identity-known",
        )
    store.identities.say(profile, _KIND, found.key, decision, by)
    return next(each for each in store.identities.all(profile) if each.key == found.key)


def _found(store: Store, profile: str, person: str) -> Identity:
    queue = store.identities.all(profile)
    exact = [each for each in queue if each.key == person]
    found = exact or [each for each in queue if each.name.casefold() == person.casefold()]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"Several people in the queue are called {person}." if found else f"Nobody in the queue is called {person}.",
        where=f"profile {profile}",
        remedy=f"Name one by sourcedId: {', '.join(each.key for each in found)}."
        if found
        else "`matricula identities` lists who is in it.",
        code="identity-unknown",
    )
