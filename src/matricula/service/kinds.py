"""What jobs there are, and how each is done. A new one is one function here and one line in `KINDS`."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from matricula.applying import Applied
from matricula.hub import Planned, outcomes_of, stored_plan
from matricula.hub.deliveries import Reader
from matricula.hub.import_profile import make_import_profile
from matricula.hub.import_seen import drop_seen, keep_seen
from matricula.hub.importing import import_moved, import_password, import_settings, look_at_import, write_import
from matricula.hub.learning import read_for
from matricula.hub.plugins_seen import plugins_seen
from matricula.hub.retention import make_smaller, purge
from matricula.hub.sinks import check_sink
from matricula.hub.tools import check_tool, check_tools
from matricula.hub.transfers import plan_transfer
from matricula.hub.verifying import observe, verify
from matricula.roster import TABLES
from matricula.service.changing import changed
from matricula.service.looking import at_once, look, source_of
from matricula.service.tool_work import grades_previewed, preview_applied, roster_previewed
from matricula.service.work import Work

Result = dict[str, Any]
Concerns = Literal["profile", "source", "sink", "site", "tool", "plan", "run", "home"]


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Args:
        name: its name in the table, in commands and in addresses.
        says: what it does, in one sentence for people.
        concerns: what has to be named when it is asked for; a `source` can be named by a profile that reads it.
        do: does it, and returns what came of it as small JSON.
        arguments: what else may be said of it, with the type of each.
    """

    name: str
    says: str
    concerns: Concerns
    do: Callable[[Work], Result]
    arguments: dict[str, type] = field(default_factory=dict)


def _read(work: Work) -> Result:
    source = source_of(work)
    work.step(f"reading the source {source}")
    roster = Reader(work.hub.home, work.step).read(source)
    rows = {name: roster.table(name).height for name in TABLES}
    return {"source": source, "rows": rows, "findings": len(roster.findings)}


def _plan(work: Work) -> Result:
    return _told_of_plan(_planned(work))


def _run(work: Work) -> Result:
    work.hub.ready_to_write(work.job.profile)
    planned = _begun_before(work) or _planned(work)
    if planned.record.state == "applied":
        return _told_of_plan(planned) | _told_of_run(work, planned.number, work.job.run)
    return _gone_on(work, planned)


def _grades(work: Work) -> Result:
    """Plan a transfer, and write it unless it waits for a person."""
    work.hub.ready_to_write(work.job.profile)
    planned = _begun_before(work)
    if planned is None:
        full = bool(work.job.arguments.get("full", False))
        planned = _told_planned(work, plan_transfer(work.hub, work.job.profile, work.step, full=full))
    told = {"conflicts": work.hub.store.conflicts.counts().get(work.job.profile, 0)}
    if planned.record.state == "applied":
        return told | _told_of_plan(planned) | _told_of_run(work, planned.number, work.job.run)
    return told | _gone_on(work, planned)


def _changed(work: Work) -> Result:
    return changed(work, lambda planned: _gone_on(work, _told_planned(work, planned)))


def _gone_on(work: Work, planned: Planned) -> Result:
    """Carry a plan out unless it waits for a person."""
    if planned.record.state == "held" or not planned.changes.height:
        return _told_of_plan(planned)
    applied = _applied(work, planned.number, "")
    return _told_of_plan(planned) | _told_of_run(work, planned.number, applied.run)


def _apply(work: Work) -> Result:
    number = int(work.job.arguments["plan"])
    work.planned(number)
    planned = stored_plan(work.hub.store, number)
    if planned.record.state == "applied" and work.job.run is not None:  # the last attempt was cut off after its end
        run = work.job.run
    else:
        run = _applied(work, number, str(work.job.arguments.get("words", ""))).run
    return _told_of_plan(planned) | _told_of_run(work, number, run)


def _undo(work: Work) -> Result:
    planned = work.hub.undo(int(work.job.arguments["run"]), work.step)
    work.planned(planned.number)
    return _told_of_plan(planned)


def _move(work: Work) -> Result:
    planned = work.hub.move_enrolments(work.job.profile, work.step)
    work.planned(planned.number)
    return _told_of_plan(planned)


def _observe(work: Work) -> Result:
    edits = observe(work.hub, work.job.profile, work.step)
    return {"drift": len(edits)}


def _verify(work: Work) -> Result:
    found = verify(work.hub, work.job.profile, work.step)
    counts = Counter(each.code for each in found)
    return {"agree": not found, "differences": len(found), "counts": dict(sorted(counts.items()))}


def _learning(work: Work) -> Result:
    given = work.job.arguments
    full, contents = bool(given.get("full", False)), bool(given.get("contents", False))
    reading = read_for(work.hub, work.job.profile, work.step, full=full, contents=contents)
    counts = Counter(each.code for each in reading.findings)
    told = {"courses": reading.courses, "gradebooks": len(reading.gradebooks), "contents": len(reading.contents)}
    told |= {"changed": reading.changed, "submissions": reading.submissions}
    return told | {"findings": dict(sorted(counts.items()))}


def _check(work: Work) -> Result:
    work.step("looking at what the site is able to do")
    checks = at_once(work, lambda: work.hub.check(work.job.site, lambda each: work.say(f"{each.state}: {each.name}")))
    told = {"failed": sum(check.state == "fail" for check in checks), "checks": [asdict(check) for check in checks]}
    return told | {"plugins": plugins_seen(work.hub.home, work.job.site)}


def _import(work: Work) -> Result:
    """Look at what an import would write; with the checksum of what was shown, write just that."""
    given, home = work.job.arguments, work.hub.home
    settings = import_settings(home, work.job.site, str(given["document"]) if given.get("document") else None)
    password = import_password(home, settings)
    shown = at_once(work, lambda: look_at_import(home, settings, password, work.step))
    told: Result = {
        "import": settings.name,
        "checksum": shown.checksum,
        "changes": len(shown.changes),
        "counts": shown.counts,
        "findings": len(shown.findings),
    }
    if given.get("checksum") != shown.checksum:
        keep_seen(home, shown)
        if not given.get("checksum"):
            return told
        raise import_moved(shown)
    written = write_import(home, shown, password, work.step)
    drop_seen(home, settings.name)
    if given.get("profile"):
        made = make_import_profile(home, shown, str(given["profile"]), password, work.step)
        told |= {"profile": made.profile, "known": dict(made.entered)}
    return told | {"to": written.to, "files": len(written.files), "rows": written.rows}


def _purge(work: Work) -> Result:
    work.step("removing what is older than it need be kept")
    purged = purge(work.hub.home)
    return {"counts": purged.counts, "smaller": make_smaller(work.hub.home)}


def _sink_check(work: Work) -> Result:
    sink = str(work.job.arguments["sink"])
    work.step(f"looking at the sink {sink}")
    return asdict(at_once(work, lambda: check_sink(work.hub.home, sink, work.step)))


def _tool_check(work: Work) -> Result:
    tool = str(work.job.arguments["tool"])
    work.step(f"looking at the tool {tool}")
    found = check_tool(work.hub.home, tool)
    return {"tool": tool, "state": found.state, "message": found.message}


def _tools_check(work: Work) -> Result:
    found = check_tools(work.hub.home, work.step)
    wrong = sorted(each.tool for each in found if each.state != "ok")
    return {"tools": len(found), "wrong": wrong}


def _planned(work: Work) -> Planned:
    given = work.job.arguments
    planned = work.hub.plan(
        work.job.profile,
        work.step,
        full=bool(given.get("full", False)),
        only=tuple(given.get("only", ())),
        adopt=bool(given.get("adopt", False)),
    )
    return _told_planned(work, planned)


def _told_planned(work: Work, planned: Planned) -> Planned:
    work.planned(planned.number)
    work.say(f"plan {planned.number}: {planned.changes.height:,} changes, {planned.record.state}")
    return planned


def _begun_before(work: Work) -> Planned | None:
    """The plan that an earlier attempt of the job made, while it is still the one to carry out."""
    if work.job.plan is None:
        return None
    planned = stored_plan(work.hub.store, work.job.plan)
    if planned.record.state not in ("ready", "released", "applied"):
        return None
    work.say(f"going on with plan {planned.number}")
    return planned


def _applied(work: Work, plan: int, words: str) -> Applied:
    work.go_on()
    applied = work.hub.apply(plan, words, work.progress, work.stop, began=work.running)
    work.running(applied.run)  # a publication is done in one transaction, and its run is known at its end
    return applied


def _told_of_plan(planned: Planned) -> Result:
    record = planned.record
    return {
        "plan": planned.number,
        "held": record.state == "held",
        "changes": planned.changes.height,
        "counts": record.summary["counts"],
        "findings": len(planned.findings),
    }


def _told_of_run(work: Work, plan: int, run: int | None) -> Result:
    states = outcomes_of(work.hub.store, plan)["state"].value_counts()
    outcomes: dict[str, int] = dict(sorted(states.iter_rows()))
    return {"run": run, "outcomes": outcomes}


_OF_A_PLAN: dict[str, type] = {"full": bool, "only": list, "adopt": bool}
_OF_LEARNING: dict[str, type] = {"full": bool, "contents": bool}
_OF_IMPORT: dict[str, type] = {"document": str, "checksum": str, "profile": str}

KINDS: dict[str, JobKind] = {
    kind.name: kind
    for kind in (
        JobKind("read", "Reads the source and keeps what it delivers.", "source", _read, {"source": str}),
        JobKind("look", "Reads a source and tells what comes; keeps nothing.", "source", look, {"source": str}),
        JobKind("plan", "Works out what would change; writes nothing.", "profile", _plan, _OF_A_PLAN),
        JobKind("run", "Plans, and writes the plan unless it waits for a person.", "profile", _run, _OF_A_PLAN),
        JobKind(
            "grades", "Plans a transfer of grades, and writes it unless it waits.", "profile", _grades, {"full": bool}
        ),
        JobKind("changed", "Runs the profile for just those who were said to have changed.", "profile", _changed),
        JobKind("apply", "Writes a plan to the site.", "plan", _apply, {"plan": int, "words": str}),
        JobKind("undo", "Makes a plan that takes a run back; writes nothing.", "run", _undo, {"run": int}),
        JobKind(
            "move", "Makes a plan that moves enrolments to Matricula's own method; writes nothing.", "profile", _move
        ),
        JobKind("observe", "Looks at every record of the site and notes what was edited there.", "profile", _observe),
        JobKind("verify", "Compares ledger, roster and site completely; writes nothing.", "profile", _verify),
        JobKind("learning", "Reads grades and submissions of the courses.", "profile", _learning, _OF_LEARNING),
        JobKind("check", "Looks at what the site is able to do and what is missing.", "site", _check),
        JobKind("sink-check", "Sees that a sink is reached and what it holds.", "sink", _sink_check, {"sink": str}),
        JobKind(
            "tool-check",
            "Tries the connection with a learning tool and looks at its mapped courses.",
            "tool",
            _tool_check,
            {"tool": str},
        ),
        JobKind(
            "tools-check",
            "Tries the connections with all learning tools and looks at mapped courses.",
            "home",
            _tools_check,
        ),
        JobKind(
            "import", "Reads a site as a roster for the school; writes what was shown.", "site", _import, _OF_IMPORT
        ),
        JobKind(
            "tool-roster",
            "Shows what would change in a tool's course; writes nothing.",
            "tool",
            roster_previewed,
            {"tool": str, "course": str},
        ),
        JobKind(
            "tool-grades",
            "Shows which grades of a tool would be written to Moodle; writes nothing.",
            "tool",
            grades_previewed,
            {"tool": str, "course": str, "replace": bool},
        ),
        JobKind(
            "tool-apply",
            "Writes a preview: a roster to its tool, or grades to Moodle.",
            "tool",
            preview_applied,
            {"tool": str, "preview": int},
        ),
        JobKind("purge", "Removes what is older than it need be kept.", "home", _purge),
    )
}
"""The kinds of jobs by name."""
