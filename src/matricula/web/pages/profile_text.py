"""A profile as YAML, and its revisions."""

from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub.profile_saving import save_profile, written_profile
from matricula.profiles.faults import Fault
from matricula.profiles.reading import content_of, profile_faults
from matricula.service.permissions import May
from matricula.web.documents import demand_reach
from matricula.web.profile_editor import Line
from matricula.web.profile_pages import diff_of, head, newest, note_saved
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs, number_of

router = APIRouter()


@router.get("/profiles/{profile}/yaml", name="profile-yaml")
def show(profile: str, visit: Visit = needs(May.SEE)) -> Response:
    """The text of a profile."""
    document = newest(visit, profile)
    return _page(visit, profile, document.body, document.revision, [])


@router.post("/profiles/{profile}/yaml")
def save(
    profile: str,
    text: Annotated[str, Form()] = "",
    revision: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OPERATE),
) -> Response:
    """Save the text of a profile."""
    number = number_of(revision, "revision")
    text = text.replace("\r\n", "\n")
    try:
        written = written_profile(text, profile)
    except SettingError as error:
        return _page(visit, profile, text, number, [Fault((), _line_of(error), f"{error.what} {error.remedy}")], 422)
    faults = profile_faults(written.content, written.lines)
    if faults:
        return _page(visit, profile, text, number, faults, 422)
    before = newest(visit, profile)
    demand_reach(visit, content_of(before.body), written.content)
    try:
        saved = save_profile(visit.service.home, profile, text, after=number)
    except StopError as error:
        if error.code != "document-newer":
            raise
        return _page(visit, profile, text, number, [], 409, newer=True)
    here = f"/profiles/{profile}/yaml"
    if saved.revision == number:
        return go(visit.request, here, "Nothing was changed.", tone="warning")
    note_saved(visit, profile, saved.revision, before.body, text)
    return go(visit.request, here, f"Saved as revision {saved.revision}. Make a plan to see what it changes.")


@router.get("/profiles/{profile}/revisions", name="profile-revisions")
def revisions(profile: str, visit: Visit = needs(May.SEE)) -> Response:
    """Every saved state of a profile."""
    found = visit.service.store.documents.revisions("profile", profile)
    told = [(found[0], len(found[0].body.splitlines()), 0)]
    for older, newer in pairwise(found):
        signs = [sign for sign, *_ in diff_of(older.body, newer.body)]
        told.append((newer, signs.count("+"), signs.count("-")))
    here = f"/profiles/{profile}/revisions"
    return visit.page("profile_revisions", **head(visit, profile, "revisions"), revisions=told[::-1], here=here)


@router.get("/profiles/{profile}/revisions/{number}", name="profile-revision")
def revision(profile: str, number: int, than: int | None = None, visit: Visit = needs(May.SEE)) -> Response:
    """One saved state, and what differs from another one."""
    documents = {each.revision: each for each in visit.service.store.documents.revisions("profile", profile)}
    last = max(documents)
    if number not in documents:
        raise _unknown(profile, number)
    than = than if than in documents else (number - 1 if number == last else last)
    other = documents.get(than)
    return visit.page(
        "profile_revision",
        **head(visit, profile, "revisions"),
        shown=documents[number],
        newest=last,
        numbers=sorted(documents, reverse=True),
        than=than if other else 0,
        diff=diff_of(other.body, documents[number].body) if other else [],
        may_restore=number != last and visit.may(May.OPERATE),
    )


@router.post("/profiles/{profile}/revisions/{number}/restore", name="restore-revision")
def restore(
    profile: str, number: int, newest_then: Annotated[str, Form(alias="newest")] = "", visit: Visit = needs(May.OPERATE)
) -> Response:
    """Save an earlier state as the newest one."""
    wanted = visit.service.store.documents.revision("profile", profile, number)
    if wanted is None:
        raise _unknown(profile, number)
    before = newest(visit, profile)
    demand_reach(visit, content_of(before.body), content_of(wanted.body))
    saved = save_profile(visit.service.home, profile, wanted.body, after=number_of(newest_then, "revision"))
    visit.note(
        "profile.restored",
        f"profile {profile}",
        profile=profile,
        words=f"revision {number} as revision {saved.revision}",
    )
    return go(
        visit.request,
        f"/profiles/{profile}/revisions",
        f"Revision {number} is in force again, as revision {saved.revision}. Make a plan to see what it changes.",
    )


def _page(
    visit: Visit, profile: str, text: str, number: int, faults: list[Fault], status: int = 200, *, newer: bool = False
) -> Response:
    theirs = newest(visit, profile) if newer else None
    base = visit.service.store.documents.revision("profile", profile, number)
    at: dict[int, tuple[str, ...]] = {}
    for fault in faults:
        at[fault.line] = (*at.get(fault.line, ()), fault.says)
    lines = [Line(n, line, at.get(n, ()), changed=False) for n, line in enumerate(text.splitlines(), 1)]
    return visit.page(
        "profile_yaml",
        status=status,
        **head(visit, profile, "yaml"),
        address=f"/profiles/{profile}/yaml",
        text=text,
        revision=number,
        summary=[("", str(fault) if fault.path else fault.says, "") for fault in faults],
        lines=lines,
        newer=theirs,
        their_diff=diff_of(base.body if base else "", theirs.body) if theirs else [],
    )


def _line_of(error: SettingError) -> int:
    """The line that a text which is no YAML is wrong in."""
    word = error.where.partition(", line ")[2].partition(",")[0]
    return int(word) if word.isdigit() else 0


def _unknown(profile: str, number: int) -> UsageError:
    return UsageError(f"The profile {profile} has no revision {number}.", code="revision-unknown")
