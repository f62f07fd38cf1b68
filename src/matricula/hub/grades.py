"""Transfers of grades as the hub makes them: planned, written, taken back, and what is in conflict."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from matricula.applying import Applied, Progress
from matricula.applying.progress import StopAsked
from matricula.errors import SettingError, StopError, UsageError
from matricula.grades.applying import Transfer
from matricula.grades.desired import desired_gradebook
from matricula.grades.difference import Kept
from matricula.grades.drafting import draft_transfer
from matricula.grades.matching import Bindings, bind
from matricula.grades.reading import Reading
from matricula.grades.sent import ids_of
from matricula.grades.settling import recover
from matricula.grades.undoing import draft_undo
from matricula.grades.wanted import Known, Learnt, Wanted
from matricula.hub.deliveries import Reader, Say, silent
from matricula.hub.home import Home
from matricula.hub.kept_roster import kept_roster
from matricula.hub.persons import person
from matricula.hub.sinks import fingerprint_of, opened
from matricula.hub.storing import Planned, keep_plan
from matricula.planning.plan import today_in
from matricula.profiles import Profile, desire
from matricula.roster import Roster
from matricula.roster.gradebook import KINDS, Gradebook
from matricula.sinks import Sink
from matricula.store import Conflict, PlanRecord, Run

TRANSFER: Final = "transfer"
"""In a plan's summary: the sink that it is for (`sink`), and what its settings were (`settings`)."""
READ: Final = "read"
"""In a transfer's summary: how many gradebooks were read for it (`gradebooks`) of how many (`of`); null for none."""

_NO_NAMES: Final = {"student": pl.String(), "person": pl.String()}


def place_of(sink: str) -> str:
    """What stands in plans, runs and locks in the place of a site."""
    return f"sink {sink}"


def goes_to_sink(place: str) -> bool:
    """Whether what stands in the place of a site is a sink."""
    return place.startswith(place_of(""))


def is_transfer(record: PlanRecord) -> bool:
    """Whether a plan is for a sink and not for a Moodle."""
    return TRANSFER in record.summary


def sink_for(profile: Profile) -> str:
    """The sink that a profile's grades go to.

    Raises:
        SettingError: it names none.
    """
    if profile.grades.sink is None:
        raise SettingError(
            f"The profile {profile.name} names no sink, so no grades are transferred.",
            where=f"profile {profile.name}, grades.sink",
            remedy="Load a document with `kind: sink` and name it under `grades:` as `sink`.",
            code="grades-no-sink",
        )
    return profile.grades.sink


def planned_transfer(home: Home, profile: Profile, say: Say = silent, reading: Reading | None = None) -> Planned:
    """Work out a transfer of the learning data that is kept, and store it. Nothing is written to the sink.

    Args:
        home: the home.
        profile: the profile.
        say: told in words what is being done.
        reading: what the learning data was brought up to date with just now; None where it was not.

    Raises:
        SettingError: the profile names no sink, or a setting of the sink is wrong.
        MatriculaError: the sink or, where nothing of it is kept, the source cannot be read.
    """
    name = sink_for(profile)
    with opened(home, name, say) as sink:
        recover(home.store, place_of(name), sink, name)
        wanted, known = _wanted(home, profile, say)
        standing = _standing(sink, wanted, say)
        kept, bindings = _kept(home, profile, name, known, wanted, standing)
        say("comparing")
        found = reading.findings if reading else ()
        wanted = replace(wanted, findings=(*found, *wanted.findings, *(bindings.findings if bindings else ())))
        draft, conflicts = draft_transfer(wanted, standing, kept, sink.abilities, profile.grades)
        summary = {TRANSFER: {"sink": name, "settings": fingerprint_of(sink)}, READ: _read(reading)}
    with home.store.begin():
        home.store.conflicts.replace(profile.name, _conflicts(profile.name, conflicts))
        planned = keep_plan(
            home.store, profile, draft, f"grades of {profile.site}", site=place_of(name), summary=summary
        )
        if not draft.held:
            _outdate_held(home, planned.record)
    return planned


def _read(reading: Reading | None) -> dict[str, int] | None:
    return {"gradebooks": len(reading.gradebooks), "of": reading.courses} if reading else None


def read_in_words(record: PlanRecord) -> str:
    """How much of the gradebooks a transfer was made of, where that is not all of them; else empty.

    Args:
        record: the plan.
    """
    told = record.summary.get(READ)
    if not is_transfer(record) or READ not in record.summary or (told and told["gradebooks"] >= told["of"]):
        return ""
    if told is None:
        return "No gradebook was read for it: it goes by what was read before."
    return (
        f"{told['gradebooks']:,} of {told['of']:,} gradebooks were read for it: those of which Moodle tells a change, "
        "and those whose turn it was. The others are as they were read before."
    )


def transferred(
    home: Home,
    record: PlanRecord,
    changes: pl.DataFrame,
    profile: Profile,
    progress: Progress,
    stop: StopAsked,
    began: Callable[[int], None] | None = None,
) -> Applied:
    """Carry out a stored transfer, or go on where an earlier attempt was cut off.

    Args:
        home: the home.
        record: the plan, which is not held.
        changes: its changes.
        profile: its profile.
        progress: told how far it is.
        stop: set when no further call is to begin.
        began: told the number of the run once it has begun.

    Raises:
        StopError: the profile or the sink is not as it was when the plan was made.
        MatriculaError: it could not go on; apply the plan again to go on.
    """
    name, number, store = record.summary[TRANSFER]["sink"], record.number or 0, home.store
    _same_sink(home, record, profile)
    with opened(home, name, progress.step) as sink:
        run = store.runs.start(number, profile.name, record.site, person())
        try:
            if began is not None:
                began(run)
            recover(store, record.site, sink, name)
        except BaseException:
            store.runs.finish(run, "interrupted", {})
            raise
        states = Transfer(store, sink, name, profile.name, run, progress, stop).carry_out(changes)
    done = store.journal.outcomes(run).filter(pl.col("state") == "done").select(number="change")
    written = changes.filter(pl.col("action").is_in(["create", "update", "remove"])).join(done, on="number")
    if known := {(each.kind, each.key) for each in store.conflicts.all(profile.name)}:
        store.conflicts.strike(profile.name, known.intersection(written.select("kind", "key").iter_rows()))
    return Applied(run, states)


def planned_undo(home: Home, profile: Profile, run: Run, summary: dict[str, Any], say: Say = silent) -> Planned:
    """Work out what takes a transfer back, and store it. Nothing is written to the sink.

    Args:
        home: the home.
        profile: the profile.
        run: the run that wrote it.
        summary: what is kept of the plan beside its counts.
        say: told in words what is being done.

    Raises:
        MatriculaError: the sink cannot be read, or a document is wrong.
    """
    record, store = home.store.plans.get(run.plan), home.store
    name = record.summary[TRANSFER]["sink"]
    _same_sink(home, record, profile)
    outcomes = store.journal.outcomes(run.id).filter(pl.col("state") == "done").select(number="change")
    done = store.plans.changes(run.plan).filter(pl.col("after").is_not_null()).join(outcomes, on="number")
    with opened(home, name, say) as sink:
        recover(store, place_of(name), sink, name)
        standing = None
        if sink.abilities.readable:
            say(f"reading {place_of(name)}")
            standing = sink.read(sorted(set(done["written"].str.json_path_match("$.class").drop_nulls())))
        people = pl.DataFrame(schema=_NO_NAMES)
        kept = Kept(name, _ledgers(home, profile), store.conflicts.decisions(profile.name).clear(), people, _NONE)
        draft = draft_undo(run.id, done, standing, kept, sink.abilities, profile.grades)
        summary |= {TRANSFER: {"sink": name, "settings": fingerprint_of(sink)}}
    return keep_plan(store, profile, draft, f"run {run.id}, to undo it", site=place_of(name), summary=summary)


def conflicts_meant(home: Home, profile: str, key: str | None) -> list[Conflict]:
    """The conflicts that somebody means: all of a profile, or those of a record by its key or name.

    Raises:
        UsageError: there is none such, or several records are called so.
    """
    known = home.store.conflicts.all(profile)
    if key is None:
        return known
    # Tabs in keys are shown as blanks, and nobody types a tab.
    by_key = [each for each in known if key in (each.key, each.key.replace("\t", " "))]
    found = by_key or [each for each in known if each.name.casefold() == key.casefold()]
    if not found:
        raise UsageError(
            f"No conflict of “{key}” is known.",
            where=f"profile {profile}",
            remedy=f"`matricula grades conflicts {profile}` lists what there is; write a record's key or name.",
            code="conflict-unknown",
        )
    if not by_key and len(found) > 1:
        raise UsageError(
            f"Several records are called “{key}”.",
            where=f"profile {profile}",
            remedy="Write the key of one: " + ", ".join(f"“{each.key}”".replace("\t", " ") for each in found[:5]),
            code="conflict-ambiguous",
        )
    return found


def settle_conflicts(home: Home, profile: str, conflicts: Iterable[Conflict], *, send: bool) -> int:
    """Note which side stands: Moodle's is sent by the next transfer, or the other is kept.

    It holds for just these two values: what either side says anew is a conflict again.

    Args:
        home: the home.
        profile: the profile.
        conflicts: those that are meant.
        send: whether Moodle's stands.

    Returns:
        how many were settled.
    """
    chosen = list(conflicts)
    state, store = ("send" if send else "keep"), home.store
    with store.begin():
        number = store.conflicts.settle(chosen, state, person(), datetime.now(UTC))  # type: ignore[arg-type]
        for each in chosen[:_NOTED]:
            subject = f"conflict {each.kind} {each.key}"
            store.audit.note(f"grades.{state}", by=person(), subject=subject, profile=profile)
    return number


_NOTED: Final = 500
_NONE: Final = pl.DataFrame(schema={"key": pl.String(), "id": pl.String()})


def _wanted(home: Home, profile: Profile, say: Say) -> tuple[Wanted, Known]:
    roster, classes = _roster(home, profile, say)
    say("reading what is kept of the gradebooks")
    read, site = home.store.learning.frame, profile.site
    learnt = Learnt(
        courses=read("course", site, gone=True),
        categories=read("category", site, gone=True),
        items=read("item", site, gone=True),
        grades=read("grade", site, gone=True),
        activities=read("activity", site, gone=True),
    )
    known = Known(_courses(home, profile, learnt), _people(home, profile, roster), classes, profile.timezone)
    wanted = desired_gradebook(learnt, profile.grades, known, roster, today_in(profile.timezone))
    return wanted, known


def _roster(home: Home, profile: Profile, say: Say) -> tuple[Roster, pl.DataFrame]:
    """The roster as it was last read: grades need its classes and days, and its source need not be there."""
    kept = kept_roster(home, profile.name)
    if kept.fault is not None:
        raise kept.fault
    if kept.at is not None:
        return kept.roster, kept.desired.classes
    say("reading the roster")
    roster = Reader(home, say).read(profile.source)
    return roster, desire(roster, profile).classes


def _courses(home: Home, profile: Profile, learnt: Learnt) -> pl.DataFrame:
    ledger = home.store.ledger.frame(profile.name, "course")
    ours = ledger.filter(~pl.col("removed"), pl.col("moodle_id").is_not_null()).select("key", course="moodle_id")
    titled = ours.join(learnt.courses.select("course", title="name"), on="course", how="left")
    return titled.select("course", "key", pl.coalesce("title", "key").alias("title"))


def _people(home: Home, profile: Profile, roster: Roster) -> pl.DataFrame:
    """Everybody who has or had an account, also those who left: their grades are sent before they are forgotten."""
    ledger = home.store.ledger.frame(profile.name, "user").filter(pl.col("moodle_id").is_not_null())
    written = pl.Struct({"firstname": pl.String(), "lastname": pl.String(), "username": pl.String()})
    fields = ledger.select(pl.col("written").fill_null("{}").str.json_decode(written).struct.unnest())
    told = ledger.select("key", user="moodle_id").hstack(fields)
    names = roster.users.select(key="sourcedId", given="givenName", family="familyName", login="username")
    told = told.join(names, on="key", how="left", maintain_order="left")
    name = pl.concat_str(
        [pl.coalesce("given", "firstname"), pl.coalesce("family", "lastname")], separator=" ", ignore_nulls=True
    ).str.strip_chars()
    return told.select(
        "user",
        "key",
        name=pl.when(name != "").then(name).otherwise("key"),
        username=pl.coalesce("login", "username"),
    )


def _standing(sink: Sink, wanted: Wanted, say: Say) -> Gradebook | None:
    if not sink.abilities.readable:
        return None
    say("reading what the school's gradebooks hold")
    named = [wanted.book.frames[kind]["class"] for kind in KINDS]
    of_gone = wanted.gone.select(pl.col("key").str.extract(r"^[ci][^\t]*\t([^\t]+)")).to_series()
    classes = pl.concat([*named, of_gone]).drop_nulls().unique()
    return sink.read(sorted(classes))


def _kept(
    home: Home, profile: Profile, sink: str, known: Known, wanted: Wanted, standing: Gradebook | None
) -> tuple[Kept, Bindings | None]:
    ledgers = _ledgers(home, profile)
    adopted, bindings = _NONE, None
    if standing is not None:
        bound = dict(ids_of("line-item", ledgers["line-item"], sink).iter_rows())
        bindings = bind(wanted, standing, bound, profile.grades)
        adopted = bindings.new.filter(pl.col("by") != "key").select("key", "id")
    people = known.people.select(student="key", person="name")
    return Kept(sink, ledgers, home.store.conflicts.decisions(profile.name), people, adopted), bindings


def _ledgers(home: Home, profile: Profile) -> dict[str, pl.DataFrame]:
    return {kind: home.store.ledger.frame(profile.name, kind) for kind in KINDS}


def _conflicts(profile: str, found: pl.DataFrame) -> list[Conflict]:
    now = datetime.now(UTC)
    return [
        Conflict(profile, row["kind"], row["key"], row["name"], row["ours"], row["theirs"], "open", None, now, now)
        for row in found.iter_rows(named=True)
    ]


def _outdate_held(home: Home, record: PlanRecord) -> None:
    """Put away what still waits of earlier transfers: a later one need not wait."""
    for older in home.store.plans.all(record.profile, state="held", sites=[record.site]):
        words = f"plan {record.number}, a later transfer, need not wait"
        home.store.plans.set_state(older.number or 0, "superseded", person(), words)


def _same_sink(home: Home, record: PlanRecord, profile: Profile) -> None:
    """See that a transfer goes to the sink that it was made for: another one has other records under its ids."""
    made_for = record.summary[TRANSFER]
    name = made_for["sink"]
    if profile.grades.sink == name and fingerprint_of(home.sink(name)) == made_for["settings"]:
        return
    now = profile.grades.sink or "none"
    changed = "whose settings have changed since" if now == name else f"and its profile names {now} by now"
    raise StopError(
        f"Plan {record.number} was made for the sink {name}, {changed}.",
        where=f"plan {record.number}",
        remedy=f"Make a new one with `matricula grades plan {profile.name}`.",
        code="plan-of-another-sink",
    )
