"""The queue of identities: people of whom a person has to say which account is theirs."""

import re
from collections.abc import Iterable

from matricula.errors import UsageError
from matricula.hub.audited import note, subject_of
from matricula.hub.home import Home
from matricula.hub.kept_roster import kept_roster
from matricula.hub.persons import person as who_is_at_work
from matricula.planning.ground import Unclear
from matricula.planning.unclear import ACCOUNT, LEAVE, NEW
from matricula.store import Identity, Store

_KIND = "user"
_SAYABLE = re.compile(rf"{ACCOUNT}[1-9]\d{{0,17}}|{NEW}|{LEAVE}")
#: Findings of which the accounts named cannot be the person's.
_OF_OTHERS = ("account-protected", "account-already-matched")
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


def choices_of(store: Store, identity: Identity) -> tuple[str, ...]:
    """What can be said of a person: `account:ID` of each account that can be theirs, `new`, `leave`.

    Of one who has an account as a rule only that it stays as it is.
    """
    answers = _answers(store, identity)
    theirs = ACCOUNT in answers and identity.code not in _OF_OTHERS
    numbers = [f"{ACCOUNT}{each['id']}" for each in identity.candidates] if theirs else []
    return (*numbers, *(word for word in (NEW, LEAVE) if word in answers))


def may_be_another(store: Store, identity: Identity) -> bool:
    """Whether an account that is not among the candidates can be said to be the person's."""
    return ACCOUNT in _answers(store, identity)


def told(decision: str | None) -> str:
    """What was said of a person, in words."""
    if decision is None:
        return "open again"
    if decision.startswith(ACCOUNT):
        return f"account {decision.removeprefix(ACCOUNT)}"
    return "a new account" if decision == NEW else "left as it is"


def settle(home: Home, profile: str, person: str, decision: str | None) -> Identity:
    """Say which account is a person's; the next plan goes by it.

    Args:
        home: the home.
        profile: the profile.
        person: sourcedId, or the name where only one in the queue bears it.
        decision: `account:ID`, `new` or `leave`; None takes back what was said.

    Returns:
        the person as they stand in the queue now.

    Raises:
        UsageError: nobody in the queue is called so, or several are, or the person has an account already, or this
            cannot be said of anybody.
    """
    store = home.store
    found = _found(store, profile, person)
    if decision is not None and not _SAYABLE.fullmatch(decision):
        raise UsageError(
            "This cannot be said of a person.",
            where=f"profile {profile}, person {found.key}",
            remedy="Choose one of the accounts, a new one, or that it is left as it is.",
            code="identity-unsaid",
        )
    if decision and not decision.startswith(_answers(store, found)):
        known = store.ledger.get(profile, _KIND, found.key)
        raise UsageError(
            f"{found.name} has an account already (id {known.moodle_id if known else None}); only a value of theirs "
            "is another's.",
            where=f"profile {profile}, person {found.key}",
            remedy="Mend the value in the school's system or in Moodle, or say that it is left as it is: "
            f"matricula identities settle {found.key} --leave",
            code="identity-known",
        )
    with store.begin():
        store.identities.say(profile, _KIND, found.key, decision, who_is_at_work())
        act = "identity.settled" if decision else "identity.reopened"
        note(home, act, profile, subject=subject_of(_KIND, found.key), words=told(decision))
    return next(each for each in store.identities.all(profile) if each.key == found.key)


def to_be_brought(store: Store, profile: str) -> list[Identity]:
    """People of whom somebody said which account is theirs, and to whom no run has brought it yet."""
    said = [each for each in store.identities.all(profile) if each.decision not in (None, LEAVE)]
    return [each for each in said if not _is_brought(store, each)]


def _is_brought(store: Store, identity: Identity) -> bool:
    known = store.ledger.get(identity.profile, identity.kind, identity.key)
    if known is None or known.removed:
        return False
    return identity.decision in (NEW, f"{ACCOUNT}{known.moodle_id}")


def _answers(store: Store, identity: Identity) -> tuple[str, ...]:
    known = store.ledger.get(identity.profile, identity.kind, identity.key)
    has_one = known is not None and not known.removed
    return answers_of(identity.code) if has_one else (ACCOUNT, NEW, LEAVE)


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


def queue(store: Store, profiles: Iterable[str]) -> list[Identity]:
    """Everybody in the queues of profiles, those settled too, profile by profile and by name."""
    return [each for name in profiles for each in store.identities.all(name)]


def next_open(store: Store, profiles: Iterable[str], current: Identity) -> tuple[Identity | None, int]:
    """Who comes after somebody in the queues, and how many others wait.

    Args:
        store: the state.
        profiles: the profiles to look in.
        current: the person.
    """
    everybody = queue(store, profiles)
    here = (current.profile, current.key)
    place = next((place for place, each in enumerate(everybody) if (each.profile, each.key) == here), -1)
    turned = [*everybody[place + 1 :], *everybody[: max(place, 0)]]
    waiting = [each for each in turned if each.state == "open"]
    return (waiting[0] if waiting else None), len(waiting)


def person_told(home: Home, identity: Identity) -> dict[str, str]:
    """What the rules make of a person in the queue, in the fields that accounts are told by; empty where unknown."""
    row = kept_roster(home, identity.profile).wanted(_KIND, identity.key) or {}
    told = {name: str(row.get(name) or "") for name in ("username", "email", "idnumber")}
    return {"name": identity.name} | told
