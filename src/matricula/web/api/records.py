"""People, courses and classes: found, and looked at one by one. Neither source nor site is asked."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matricula.errors import SettingError, UsageError
from matricula.hub.forgetting import forget, remembered
from matricula.hub.profile_saving import written_profile
from matricula.hub.records import Record, enrolments_of, record_of
from matricula.hub.searching import search
from matricula.hub.trying import Trial
from matricula.hub.why import explain_course, explain_kept
from matricula.profiles.faults import path_of
from matricula.profiles.reading import read_profile
from matricula.service.permissions import May
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes_of_records import (
    CountedShape,
    EnrolledShape,
    FieldShape,
    ForgottenShape,
    FoundShape,
    RecordShape,
    TriedShape,
)
from matricula.web.listing import chosen_of, profiles_of
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["people and courses"])
MOST_PROFILES = 10

Asked = Annotated[str, Query(max_length=200, description="Parts of names, user names, sourcedIds, codes.")]
Key = Annotated[str, Query(min_length=1, max_length=400, description="The sourcedId, of a course its key.")]


class Asking(BaseModel):
    """A mapping to be tried."""

    setting: str = Field(max_length=200, description="Where it stands, as `courses.fields.fullname`.")
    body: str | None = Field(
        None, max_length=1_000_000, description="The profile as it is being written, as YAML; by default as it is."
    )
    seek: str = Field("", max_length=200, description="A sourcedId or a part of a name; by default the first rows.")


class Forgetting(BaseModel):
    """Who is to be forgotten."""

    key: str = Field(min_length=1, max_length=400, description="The person's sourcedId.")
    word: Literal["forget"] = Field(description="The word itself: it cannot be taken back.")


@router.get("/search")
def find(
    visit: Visit = needs(May.SEE),
    *,
    q: Asked = "",
    what: Annotated[Literal["people", "courses", "classes"], Query(description="What is looked for.")] = "people",
    profile: Annotated[str | None, Query(description="Only in this profile.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FoundShape]:
    """People, courses or classes of the rosters that were last read, and those who have left."""
    home, names = visit.service.home, [each.name for each in chosen_of(profiles_of(visit), profile or "")]
    if len(names) > MOST_PROFILES:
        raise UsageError(
            f"There are {len(names)} profiles.", where="profile", remedy="Say in which one.", code="profile-unsaid"
        )
    offset = place_of(cursor) or 0
    hits = search(home, names, what, q, limit=limit + 1, offset=offset)
    return page_of([FoundShape.of(each) for each in hits.found], limit, lambda _: offset + limit)


@router.get("/profiles/{profile}/person")
def person(profile: str, key: Key, visit: Visit = needs(May.SEE)) -> RecordShape:
    """One person: what the rules make of them, what was written, where they are enrolled, and why."""
    record = record_of(visit.service.home, profile, "person", key)
    return _shape(visit, record, explain_kept(visit.service.hub, record.kept, key).verdict)


@router.get("/profiles/{profile}/course")
def course(profile: str, key: Key, visit: Visit = needs(May.SEE)) -> RecordShape:
    """One course: what the rules make of it, what was written, who is in it, and why."""
    record = record_of(visit.service.home, profile, "course", key)
    return _shape(visit, record, explain_course(visit.service.hub, record.kept, key)[0])


@router.get("/profiles/{profile}/deliveries")
def deliveries(
    profile: str,
    visit: Visit = needs(May.SEE),
    *,
    limit: Annotated[int, Query(ge=1, le=500, description="At most so many.")] = 100,
) -> list[CountedShape]:
    """How many records the last deliveries held, oldest first."""
    found = visit.service.store.series.deliveries(profile, limit)
    return [CountedShape.of(each) for each in found]


@router.post("/profiles/{profile}/preview")
def preview(profile: str, asked: Asking, visit: Visit = needs(May.SEE)) -> list[TriedShape]:
    """What a mapping makes of the first rows of the roster that was last read; nothing is saved."""
    home = visit.service.home
    written = written_profile(asked.body, profile) if asked.body is not None else home.written("profile", profile)
    read = visit.service.rosters.of(home.profile(profile).source)
    if read is None:
        raise SettingError(
            "The roster has not been read yet.",
            where=f"profile {profile}",
            remedy="Ask for a job of the kind `read`, and once more when it has ended.",
            code="roster-unread",
        )
    draft = read_profile(written.content, f"profile {profile}", written.lines)
    tried = Trial(read.roster, draft, asked.seek).of(path_of(asked.setting))
    if tried is None:
        raise UsageError(
            f"Nothing is mapped at “{asked.setting}”.",
            where="setting",
            remedy="Name a setting that is a mapping, as courses.fields.fullname.",
            code="mapping-unknown",
        )
    return [TriedShape.of(each) for each in tried.rows]


@router.post("/profiles/{profile}/forget")
def forget_person(profile: str, told: Forgetting, visit: Visit = needs(May.OWN)) -> ForgottenShape:
    """Remove a person from everything that is kept for a profile; their account in Moodle stays as it is."""
    home = visit.service.home
    counts, clean = forget(home, remembered(home, told.key, profile, exact=True))
    return ForgottenShape(counts=counts, clean=clean)


def _shape(visit: Visit, record: Record, why: str) -> RecordShape:
    return RecordShape(
        profile=record.kept.profile.name,
        key=record.key,
        name=record.name,
        state=record.state,
        moodle_id=record.ledger.moodle_id if record.ledger else None,
        address=record.address,
        written_at=record.written_at,
        why=why,
        fields=[FieldShape.of(each) for each in record.fields],
        enrolments=[EnrolledShape.of(each) for each in enrolments_of(visit.service.home, record)],
    )
