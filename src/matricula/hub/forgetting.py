"""Forgetting a person on request: who is meant, what is kept of them, and its removal from the whole state."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula import logs
from matricula.errors import MatriculaError, StopError, UsageError, WaitError
from matricula.hub.audited import note
from matricula.hub.backups import copies_beside
from matricula.hub.home import Home
from matricula.hub.import_seen import drop_seen
from matricula.hub.kept_roster import let_go
from matricula.hub.persons import person
from matricula.hub.retention import sources_of
from matricula.hub.whom import Meant, full_names, person_meant, person_of_key
from matricula.profiles import Profile
from matricula.roster import Roster
from matricula.store import Person
from matricula.store.forgetting import Traces
from matricula.store.terms import Terms

_IDENTIFIERS = (
    "username",
    "email",
    "idnumber",
    "identifier",
    "userMasterIdentifier",
    "phone",
    "sms",
    "phone1",
    "phone2",
    "userIds",
)
"""Fields that tell a person by themselves, in the roster or in Moodle."""


@dataclass(frozen=True)
class Known:
    """A person as one profile knows them.

    Args:
        profile: the profile.
        site: its site.
        key: the sourcedId.
        name: the name.
        accounts: ids of the accounts in Moodle.
        delivered_by: the source that still delivered them when it was last read; empty where it did not.
        delivered_at: when that was.
    """

    profile: str
    site: str
    key: str
    name: str
    accounts: tuple[int, ...]
    delivered_by: str
    delivered_at: datetime | None


@dataclass(frozen=True)
class Remembered:
    """What the state holds of a person.

    Args:
        known: the person in each profile that knows them.
        counts: rows about them, by table.
        documents: documents that mention them; these are the school's own, and stay as they are.
        copies: copies of the state beside it, which may hold them, too, and stay as they are.
        people: the same as the state is asked for it.
    """

    known: tuple[Known, ...]
    counts: dict[str, int]
    documents: tuple[str, ...]
    copies: tuple[str, ...]
    people: tuple[Person, ...]


def remembered(home: Home, asked: str, profile: str | None = None, *, exact: bool = False) -> Remembered:
    """Find a person in the state: in kept deliveries, ledgers, plans and the queue of identities.

    Args:
        home: the home.
        asked: sourcedId, user name, e-mail address or full name.
        profile: only in this profile, and in the sources that it is made of.
        exact: whether a sourcedId is asked for and nothing else.

    Raises:
        UsageError: nobody is meant, or several are, or profiles know different people by that.
    """
    names = [profile] if profile is not None else home.names("profile")
    found = [each for name in names if (each := _in_profile(home, home.profile(name), asked, exact=exact))]
    if not found:
        raise UsageError(
            f"Nothing is kept of a person “{asked}”.",
            where="matricula forget",
            remedy="Ask by sourcedId, user name, e-mail address or full name, as the school's system has them. What a "
            "person was called before, and rosters of sources that no profile names, are not looked through.",
            code="person-unknown",
        )
    if len({known.name.casefold() for known, _ in found}) > 1:
        listed = "\n".join(f"  {known.profile}: {known.key}  {known.name}" for known, _ in found)
        raise UsageError(
            f"The profiles know different people by “{asked}”:\n{listed}",
            where="matricula forget",
            remedy="Say which is meant with --profile.",
            code="person-ambiguous",
        )
    people = tuple(person for _, person in found)
    terms = Terms((text for person in people for text in person.texts), "")
    documents = [each for each in home.store.documents.all() if terms.scrub(each.body) != each.body]
    return Remembered(
        tuple(known for known, _ in found),
        home.store.forgetting.counts(people),
        tuple(f"{each.kind} {each.name}" for each in documents),
        tuple(str(each) for each in copies_beside(home)),
        people,
    )


def forget(home: Home, found: Remembered) -> tuple[dict[str, int], bool]:
    """Remove a person from the state; only that it was done, when and by whom is noted.

    Args:
        home: the home.
        found: the person.

    Returns:
        rows removed or blanked by table, and whether the files hold nothing of them any more: on SQLite a command
        that is at work on the state keeps the last of it until it has ended.

    Raises:
        WaitError: a run of one of the profiles is at work.
        StopError: one was cut off and is not settled.
    """
    for each in found.people:
        _refuse_while_running(home, each.profile)
    counts = home.store.forgetting.forget(found.people, f"forgotten-{secrets.token_hex(4)}", person())
    let_go(home)
    drop_seen(home)
    for each in found.people:
        note(home, "person.forgotten", each.profile, subject="a person")
    logs.event("forgotten", **{f"rows_{name}": number for name, number in counts.items()})
    try:
        return counts, home.store.scrub({*counts, "outcome", "plan_audit", "kept_delivery", "job", "audited"})
    except MatriculaError as error:  # the rows are gone for good by now
        logs.event("scrub failed", code=error.code)
        return counts, False


def _in_profile(home: Home, profile: Profile, asked: str, *, exact: bool) -> tuple[Known, Person] | None:
    roster = _kept_roster(home, profile.source)
    meant = _with_key(home, profile, asked, roster) if exact else _meant(home, profile, asked, roster)
    if meant is None:
        return None
    traces = home.store.forgetting.traces(profile.name, [meant.key])
    person = Person(
        profile=profile.name,
        keys=frozenset(traces.keys),
        sources=frozenset(sources_of(home, profile.source)),
        texts=frozenset(_texts(meant, traces)),
        usernames=frozenset({*traces.fields.get("username", ()), *_values([meant.row or {}], "username")}),
        records=frozenset(_enrolments(roster, traces.keys)),
        site=profile.site,
        accounts=frozenset(traces.accounts),
    )
    kept = home.store.kept.last(profile.source)
    there = roster is not None and meant.row is not None and meant.key in set(roster.users["sourcedId"])
    known = Known(
        profile=profile.name,
        site=profile.site,
        key=meant.key,
        name=meant.name,
        accounts=tuple(sorted(traces.accounts)),
        delivered_by=profile.source if there else "",
        delivered_at=kept.at if there and kept else None,
    )
    return known, person


def _kept_roster(home: Home, source: str) -> Roster | None:
    delivery = home.store.kept.delivery(source)
    try:
        return delivery.roster() if delivery else None
    except MatriculaError:
        return None


def _meant(home: Home, profile: Profile, asked: str, roster: Roster | None) -> Meant | None:
    ledger = home.store.ledger.frame(profile.name, "user")
    try:
        return person_meant(asked, roster, ledger, partly=False)
    except UsageError as error:
        error.where = f"matricula forget, profile {profile.name}"
        if error.code != "person-unknown":
            raise
    in_plans = home.store.forgetting.named_in_plans(profile.name, asked)
    if len(in_plans) > 1:
        listed = "\n".join(f"  {key}  {name}" for key, name in in_plans.items())
        raise UsageError(
            f"{len(in_plans)} people of earlier plans answer to “{asked}”:\n{listed}",
            where=f"matricula forget, profile {profile.name}",
            remedy="Ask again with the sourcedId, the first word of a line.",
            code="person-ambiguous",
        )
    return next((Meant(key, name, None) for key, name in in_plans.items()), None)


def _with_key(home: Home, profile: Profile, key: str, roster: Roster | None) -> Meant | None:
    try:
        return person_of_key(key, roster, home.store.ledger.frame(profile.name, "user"))
    except UsageError:
        names = home.store.forgetting.named_in_plans(profile.name, key)
        return Meant(key, names[key], None) if key in names else None


def _texts(meant: Meant, traces: Traces) -> set[str]:
    """What a person is called, as far as no other person is called so."""
    row = meant.row or {}
    fields = {name: next(iter(values)) for name, values in traces.fields.items()}
    texts = {meant.key, *traces.keys, meant.name, *traces.names, *full_names(row)}
    texts |= set(full_names({"givenName": fields.get("firstname"), "familyName": fields.get("lastname")}))
    for name in _IDENTIFIERS:
        texts |= {*traces.fields.get(name, ()), *_values([row], name)}
    return {text for text in texts if text}


def _values(rows: Iterable[dict[str, Any]], name: str) -> set[str]:
    return {row[name] for row in rows if isinstance(row.get(name), str) and row[name]}


def _enrolments(roster: Roster | None, keys: set[str]) -> list[str]:
    if roster is None:
        return []
    rows = roster.enrollments.select("sourcedId", "userSourcedId").iter_rows()
    return [record for record, user in rows if user in keys and record]


def _refuse_while_running(home: Home, profile: str) -> None:
    sites = {home.profile(profile).site, *(run.site for run in home.store.runs.all(profile))}
    for site in sorted(sites):
        if live := home.store.runs.live(site):
            raise WaitError(
                f"Run {live.id} is writing to {site}.",
                where="matricula forget",
                remedy="Wait until it has ended.",
                code="site-locked",
            )
        if cut := home.store.runs.unfinished(site):
            raise StopError(
                f"Run {cut.id} on {site} was cut off, and what became of its last calls is not known.",
                where="matricula forget",
                remedy=f"Settle it first: matricula plan {cut.profile}",
                code="run-unsettled",
            )
