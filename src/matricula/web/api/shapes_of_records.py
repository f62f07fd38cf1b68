"""What the API hands out of people, courses, and what waits for a person."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from matricula.web.api.shapes import Shape


class FoundShape(Shape):
    """One person, course or class that was found."""

    profile: str = Field(description="The profile that knows it.")
    site: str = Field(description="Its site.")
    what: str = Field(description="`people`, `courses` or `classes`.")
    key: str = Field(description="The sourcedId, of a course its key.")
    name: str = Field(description="Its name.")
    aside: list[str] = Field(description="What else it is called: user name, e-mail address, short name, codes.")
    state: str = Field(description="`used`, `unusable` (its row in the delivery) or `left`.")
    moodle_id: int | None = Field(description="Its id in Moodle; null where it is not there.")
    address: str = Field(description="Where it is in Moodle; empty where it is not.")


class FieldShape(Shape):
    """One field of a person or course."""

    name: str = Field(description="Moodle's name of it.")
    wanted: Any = Field(description="What the rules make of the roster.")
    written: Any = Field(description="What was last written.")


class RecordShape(BaseModel):
    """A person or a course."""

    profile: str = Field(description="The profile.")
    key: str = Field(description="The sourcedId, of a course its key.")
    name: str = Field(description="Its name.")
    state: str = Field(description="`used`, `unusable` (its row in the delivery) or `left`.")
    moodle_id: int | None = Field(description="Its id in Moodle; null where no run has written it.")
    address: str = Field(description="Where it is in Moodle; empty where it is not.")
    written_at: datetime | None = Field(description="When it was last written.")
    why: str = Field(description="Why it is as it is, in one sentence.")
    fields: list[FieldShape] = Field(description="Wanted and written, field by field.")
    enrolments: list["EnrolledShape"] = Field(description="Places in courses, of a course those of its people.")


class EnrolledShape(Shape):
    """One person's place in one course."""

    person: str = Field(description="The person's sourcedId.")
    person_name: str = Field(description="Their name.")
    course: str = Field(description="The course's key.")
    course_name: str = Field(description="Its name.")
    wanted: str | None = Field(description="The Moodle role that the rules give; null where the roster has it no more.")
    role: str | None = Field(description="The role that was last written.")
    state: str = Field(description="`enrolled`, `suspended`, `ended`, `by others` or `waiting`.")
    run: int | None = Field(description="The run that wrote it last.")


class ProblemShape(Shape):
    """A record that a site would not take."""

    kind: str = Field(description="The kind of record.")
    key: str = Field(description="Its key.")
    name: str = Field(description="Its name.")
    reason: str = Field(description="Why it was refused last, and what to do.")
    run: int | None = Field(description="The run that met it last.")
    opened_at: datetime = Field(description="When it was first met.")
    seen_at: datetime = Field(description="When it was last met.")


class IdentityShape(Shape):
    """Somebody of whom a person has to say which account is theirs."""

    key: str = Field(description="The sourcedId.")
    name: str = Field(description="The name.")
    code: str = Field(description="Why it has to be said, in one word.")
    message: str = Field(description="The same in a sentence.")
    candidates: list[dict[str, Any]] = Field(description="Accounts that may be theirs.")
    state: str = Field(description="`open` or `settled`.")
    decision: str | None = Field(description="What was said; null where nothing was.")


class EditShape(Shape):
    """A field that somebody edited in Moodle."""

    kind: str = Field(description="The kind of record.")
    key: str = Field(description="Its key.")
    field: str = Field(description="The field.")
    name: str = Field(description="The record's name.")
    written: Any = Field(description="What was last written.")
    seen: Any = Field(description="What was seen.")
    state: str = Field(description="`open`, `accepted`, `put-back` or `in-vain`.")
    since: datetime = Field(description="When it was first seen.")


class WaitingShape(Shape):
    """What waits for a person in a profile."""

    held: int = Field(description="Plans that something holds.")
    identities: int = Field(description="People of whom somebody must say which account is theirs.")
    problems: int = Field(description="Records that Moodle refused.")
    drift: int = Field(description="Fields edited in Moodle of which nothing was decided.")


class NoticeShape(Shape):
    """What people are told of one cause."""

    id: int = Field(description="Counts from 1.")
    kind: str = Field(
        description="`held-plan`, `failed-run`, `new-problems`, `grade-conflicts`, `token-expires` or `tool-wrong`."
    )
    site: str = Field(description="The site; may be empty.")
    profile: str = Field(description="The profile; may be empty.")
    subject: str = Field(description="It in one line.")
    body: str = Field(description="It in full.")
    link: str = Field(description="The page of the console.")
    state: str = Field(description="`open`, or `over` when the cause has gone.")
    times: int = Field(description="How often it was seen.")
    first_at: datetime = Field(description="When it was seen first.")
    last_at: datetime = Field(description="When it was seen last.")


class CountedShape(Shape):
    """How many records a delivery held."""

    at: datetime = Field(description="When it was read.")
    counts: dict[str, int] = Field(description="Records by table or kind.")


class TriedShape(Shape):
    """What a mapping makes of one row."""

    name: str = Field(description="Whose row it is.")
    came: dict[str, Any] = Field(description="The properties that the mapping names.")
    value: Any = Field(description="What it makes of them; null where the field is left as it is.")
    is_meant: bool | None = Field(description="Of a condition whether it is met; null for everything else.")


class ForgottenShape(BaseModel):
    """What was removed of a person."""

    counts: dict[str, int] = Field(description="Rows removed or blanked, by table.")
    clean: bool = Field(description="Whether the files hold nothing of them any more.")
