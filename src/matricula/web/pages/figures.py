"""Figures over time: people and enrolments, changes a run, time a run."""

import csv
import io
from datetime import UTC
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from matricula.service.permissions import May
from matricula.store import Series
from matricula.web.listing import names_seen
from matricula.web.plots import Plotted, legend_of, svg_of
from matricula.web.refusals import ForbiddenError
from matricula.web.rendering import OUTCOMES
from matricula.web.visit import Visit, needs

router = APIRouter()

_DELIVERED: Final = {"users": "people", "classes": "classes", "enrollments": "enrolments"}
PLOTS: Final = ("people", "enrolments", "changes", "time")
"""What is drawn, by the name that its file has."""


@router.get("/figures", name="figures")
def figures(visit: Visit = needs(May.SEE), *, profile: str = "") -> Response:
    """Figures of one profile over time."""
    profiles = names_seen(visit)
    chosen = _chosen(profile, profiles)
    zone = ZoneInfo(visit.service.home.service().timezone)
    plots = plots_of(visit.service.store.series, chosen) if chosen else {}
    return visit.page(
        "figures",
        profiles=profiles,
        chosen=chosen,
        plots=[(name, each, svg_of(each, zone), legend_of(each)) for name, each in plots.items()],
    )


@router.get("/figures/file.csv", name="figures-file")
def file(visit: Visit = needs(May.SEE), *, profile: str = "", plot: str = "people") -> Response:
    """The numbers of one plot as a table."""
    chosen = _chosen(profile, names_seen(visit))
    name = plot if plot in PLOTS else PLOTS[0]
    written = io.StringIO()
    rows = csv.writer(written)
    if chosen:
        drawn = plots_of(visit.service.store.series, chosen)[name]
        rows.writerow(["at", *drawn.series])
        for index, at in enumerate(drawn.at):
            moment = at.astimezone(UTC).isoformat(timespec="seconds")
            rows.writerow([moment, *(values[index] for values in drawn.series.values())])
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(written.getvalue(), media_type="text/csv", headers=headers)


def plots_of(series: Series, profile: str) -> dict[str, Plotted]:
    """What is drawn of a profile, by the name of its file."""
    deliveries, runs = series.deliveries(profile), series.runs(profile)
    read = [each.at for each in deliveries]
    counts = {words: [each.counts.get(name) for each in deliveries] for name, words in _DELIVERED.items()}
    began = [each.at for each in runs]
    outcomes = {words: [float(each.outcomes.get(name, 0)) for each in runs] for name, (words, _) in OUTCOMES.items()}
    took = [each.seconds for each in runs]
    persons = {name: counts[name] for name in ("people", "classes")}
    return {
        "people": Plotted("People and classes delivered", "rows", read, persons),
        "enrolments": Plotted("Enrolments delivered", "rows", read, {"enrolments": counts["enrolments"]}),
        "changes": Plotted("Changes of each run", "changes", began, outcomes, stacked=True),
        "time": Plotted("Time of each run", "seconds", began, {"seconds": took}, stacked=True),
    }


def _chosen(profile: str, profiles: list[str]) -> str:
    """The profile that is asked for, or the first one.

    Raises:
        ForbiddenError: it is another site's.
    """
    if profile and profile not in profiles:
        raise ForbiddenError(May.SEE, "")
    return profile or next(iter(profiles), "")
