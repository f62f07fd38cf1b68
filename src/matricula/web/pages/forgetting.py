"""Forgetting a person: what would go, a word that is typed, and it is gone."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.hub.forgetting import Remembered, forget, remembered
from matricula.service.permissions import May
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

WORD: Final = "forget"
HERE: Final = "here"
TABLES: Final = {
    "ledger": "what Matricula looks after: the account, enrolments and places in groups",
    "change": "changes in plans, which are blanked",
    "kept_table": "rows in the rosters that were last read",
    "problem": "records that Moodle refused",
    "identity": "places in the queue of identities",
    "drift": "fields edited in Moodle",
    "kept_grade": "kept grades",
    "finding": "findings about rows",
}
UNTYPED: Final = UsageError(
    "The word was not typed, so nothing was removed.",
    remedy=f"Type the word {WORD} if you are sure.",
    code="forget-untyped",
)
router = APIRouter()


@router.get("/profiles/{profile}/people-forget/{key:path}", name="forget")
def ask(profile: str, key: str, visit: Visit = needs(May.OWN), where: str = "") -> Response:
    """What would be removed."""
    return _form(visit, profile, key, where)


@router.post("/profiles/{profile}/people-forget/{key:path}")
def carry_out(
    profile: str,
    key: str,
    visit: Visit = needs(May.OWN),
    word: Annotated[str, Form()] = "",
    where: Annotated[str, Form()] = "",
) -> Response:
    """Remove it, once the word was typed."""
    if word.strip().casefold() != WORD:
        return _form(visit, profile, key, where, UNTYPED)
    found, _ = _found(visit, profile, key, where)
    _, clean = forget(visit.service.home, found)
    said = "The person is forgotten. Their account in Moodle is as it was."
    if not clean:
        said += " The last of it leaves the files when other work has ended: then purge once more under Settings."
    return go(visit.request, "/people", said, tone="good" if clean else "warning")


def _form(visit: Visit, profile: str, key: str, where: str, error: UsageError | None = None) -> Response:
    found, everywhere = _found(visit, profile, key, where)
    told = [(TABLES.get(name, name), number) for name, number in found.counts.items()]
    may_everywhere = visit.visitor.sites(May.OWN) is None
    return visit.page(
        "forget",
        status=400 if error else 200,
        profile=profile,
        key=key,
        found=found,
        told=told,
        everywhere=everywhere,
        may_everywhere=may_everywhere,
        word=WORD,
        error=error,
    )


def _found(visit: Visit, profile: str, key: str, where: str) -> tuple[Remembered, bool]:
    """What is kept of a person, and whether that is in all profiles.

    Whoever owns one site alone forgets people in its profile only, and where profiles know different people by the
    same sourcedId, each is forgotten by itself.
    """
    home = visit.service.home
    if visit.visitor.sites(May.OWN) is None and where != HERE:
        try:
            return remembered(home, key, exact=True), True
        except UsageError as error:
            if error.code != "person-ambiguous":
                raise
    return remembered(home, key, profile, exact=True), False
