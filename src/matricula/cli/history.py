"""`matricula history`: plans and the runs that carried them out."""

from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, duration, moment
from matricula.cli.tables_told import told_counts
from matricula.store import Act, PlanRecord, Run

_ORDER = ("done", "refused", "stale", "skipped")


def history(
    profile: Annotated[str | None, typer.Argument(metavar="PROFILE", help="Only this profile's.")] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many plans at most.")] = 20,
    acts: Annotated[
        bool, typer.Option("--acts", help="What was done to the state itself: people forgotten, purges, new keys.")
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List plans and their runs, newest first.

    Examples:
      matricula history
      matricula history default --limit 100 --json
      matricula history --acts
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        if acts:
            _print_acts(screen, hub.store.acts.all(limit=limit))
            return
        if profile is not None:
            hub.home.profile(profile)
        plans = hub.store.plans.all(profile, limit)
        runs: dict[int, list[Run]] = {}
        for run in hub.store.runs.all(profile):
            runs.setdefault(run.plan, []).append(run)
    if as_json:
        screen.json({"plans": [_as_json(plan, runs.get(plan.number or 0, [])) for plan in plans]})
    elif not plans:
        screen.line("There is no plan yet. Make one: matricula plan")
    else:
        rows = [row for plan in plans for row in _rows(plan, runs.get(plan.number or 0, []))]
        screen.table(("plan", "made", "profile", "state", "changes", "run"), rows, numbers=("plan", "changes"))


def _print_acts(screen: Screen, acts: list[Act]) -> None:
    if screen.as_json:
        screen.json({"acts": acts})
        return
    rows = [(moment(act.at), act.kind, act.by, told_counts(act.counts) or "nothing") for act in acts]
    screen.table(("when", "act", "by", "what"), rows)


def _rows(plan: PlanRecord, runs: list[Run]) -> list[tuple[object, ...]]:
    told = [_told(run) for run in runs] or [""]
    first = (plan.number, moment(plan.created_at), plan.profile, plan.state, f"{_changes(plan):,}", told[0])
    return [first, *(("", "", "", "", "", more) for more in told[1:])]


def _changes(plan: PlanRecord) -> int:
    return sum(number for actions in plan.summary["counts"].values() for number in actions.values())


def _told(run: Run) -> str:
    counts = ", ".join(f"{run.summary[state]:,} {state}" for state in _ORDER if run.summary.get(state))
    took = f" in {duration((run.finished_at - run.started_at).total_seconds())}" if run.finished_at else ""
    state = "" if run.state == "done" else f"{run.state}: "
    return f"{run.id}: {state}{counts or 'nothing'}{took}"


def _as_json(plan: PlanRecord, runs: list[Run]) -> dict[str, Any]:
    return {
        "plan": plan.number,
        "profile": plan.profile,
        "site": plan.site,
        "source": plan.source,
        "created_at": plan.created_at,
        "state": plan.state,
        "counts": plan.summary["counts"],
        "held": plan.held,
        "runs": [
            {
                "run": run.id,
                "state": run.state,
                "owner": run.owner,
                "started_at": run.started_at,
                "finished_at": run.finished_at,
                "outcomes": run.summary,
            }
            for run in runs
        ],
    }
