"""Looking for people, courses and classes."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from matricula.hub.kept_roster import kept_roster
from matricula.hub.searching import WHATS, What, search
from matricula.service.permissions import May
from matricula.web.listing import PAGE, Page, address_of, chosen_of, profiles_of
from matricula.web.visit import Visit, needs

AT_ONCE: Final = 10
"""So many profiles at most are searched together; of more, one has to be chosen."""
router = APIRouter()


@router.get("/people", name="people")
def people(
    visit: Visit = needs(May.SEE), profile: str = "", q: str = "", what: str = "people", page: int = 1
) -> Response:
    """What is found, as one types."""
    seen = profiles_of(visit)
    meant: What = what if what in WHATS else "people"
    chosen = chosen_of(seen, profile)
    asked = q.strip()[:200]
    names = [each.name for each in chosen] if len(chosen) <= AT_ONCE else []
    number = max(1, min(page, 10_000))
    home = visit.service.home
    hits = search(home, names, meant, asked, limit=PAGE, offset=(number - 1) * PAGE)
    shown = Page(hits.found, number, hits.total, number * PAGE < hits.total, address_of(visit))
    return visit.page(
        "people",
        profiles=seen,
        profile=profile,
        q=asked,
        what=meant,
        whats=[(each, address_of(visit, what=each)) for each in WHATS],
        shown=shown,
        too_many=not names and bool(seen),
        read=kept_roster(home, names[0]) if len(names) == 1 else None,
    )
