"""Records that Moodle refused, by reason, and trying again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.hub.problems import Alike, alike, target_of
from matricula.hub.searching import moodle_address
from matricula.service.permissions import May
from matricula.service.synchronising import try_again
from matricula.store import Problem
from matricula.web.listing import chosen_of, paged, profiles_of
from matricula.web.rendering import go
from matricula.web.telling import Telling
from matricula.web.visit import Visit, needs

FEW = 5
"""So many names of a reason are shown where not all are asked for."""
router = APIRouter()


@dataclass(frozen=True)
class Shown:
    """A problem with where it leads.

    Args:
        problem: the problem.
        page: the page of the person or course; empty where there is none.
        moodle: where the person or course is in Moodle; empty where it is not.
    """

    problem: Problem
    page: str
    moodle: str


@dataclass(frozen=True)
class Reason:
    """Problems of a profile with one reason.

    Args:
        profile: the profile.
        site: its site.
        alike: the problems.
        few: the first of them.
    """

    profile: str
    site: str
    alike: Alike
    few: tuple[Shown, ...]


@router.get("/problems", name="problems")
def problems(
    visit: Visit = needs(May.SEE), profile: str = "", kind: str = "", reason: str = "", page: int = 1
) -> Response:
    """What was refused, or all that was refused for one reason."""
    seen = profiles_of(visit)
    chosen = chosen_of(seen, profile)
    found = [(each, group) for each in chosen for group in alike(visit.service.store.problems.all(each.name))]
    kinds = sorted({group.kind for _, group in found})
    found = [(each, group) for each, group in found if kind in ("", group.kind) and reason in ("", group.mark)]
    found.sort(key=lambda pair: -len(pair[1].problems))
    values: dict[str, Any] = {
        "profiles": seen,
        "profile": profile,
        "kind": kind,
        "kinds": kinds,
        "tell": Telling("UTC"),
    }
    if reason and found:
        one, group = found[0]
        shown = paged(visit, group.problems, page)
        rows = tuple(_shown(visit, one.name, shown.items))
        heading = Reason(one.name, one.site, group, ())
        return visit.page("problems_alike", **values, reason=heading, shown=shown, rows=rows)
    shown = paged(visit, found, page)
    reasons = [
        Reason(each.name, each.site, group, tuple(_shown(visit, each.name, group.problems[:FEW])))
        for each, group in shown.items
    ]
    return visit.page("problems", **values, shown=shown, reasons=reasons)


@router.post("/profiles/{profile}/problems/again")
def again(
    profile: str,
    visit: Visit = needs(May.OPERATE),
    kind: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Ask for a run that tries one record, or all that were refused for one reason, again."""
    known = visit.service.store.problems.all(profile)
    if reason:
        meant = [each for group in alike(known) if group.mark == reason for each in group.problems]
    else:
        meant = [each for each in known if (each.kind, each.key) == (kind, key)]
    if not meant:
        return go(visit.request, "/problems", "That is no problem any more: it was solved meanwhile.")
    job = try_again(visit.service, profile, meant, by=visit.by, address=visit.address)
    return go(visit.request, f"/jobs/{job.id}", "It is tried again. This page shows how far it is.")


def _shown(visit: Visit, profile: str, problems: Iterable[Problem]) -> Iterable[Shown]:
    home = visit.service.home
    url = home.site(home.profile(profile).site).url
    for each in problems:
        part, _, key = (target_of(each.kind, each.key) or "").partition(":")
        if not part:
            yield Shown(each, "", "")
            continue
        kind, pages = ("user", "people") if part == "person" else ("course", "courses")
        row = home.store.ledger.get(profile, kind, key)
        page = f"/profiles/{quote(profile, safe='')}/{pages}/{quote(key, safe='')}"
        yield Shown(each, page, moodle_address(url, kind, row.moodle_id if row else None))
