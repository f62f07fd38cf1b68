"""What the API hands out: one model for each kind of thing."""

from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field


class Shape(BaseModel):
    """What all have in common: they are made from the dataclasses of the store and the hub."""

    @classmethod
    def of(cls, thing: Any, **more: Any) -> Self:
        """The shape of a thing.

        Args:
            thing: a dataclass with fields of the shape's names.
            more: what it does not say itself.
        """
        if not is_dataclass(thing):
            raise TypeError(f"{type(thing).__name__} is no dataclass")
        told = {each.name: getattr(thing, each.name) for each in fields(thing) if each.name in cls.model_fields}
        return cls.model_validate(told | more)


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    type: str = Field(description="The kind of refusal, as a URI.")
    title: str = Field(description="What was wrong.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What to do.")
    instance: str = Field(description="The path asked for.")
    code: str = Field(description="The kind of refusal in one word; see the reference of messages.")
    where: str = Field(description="The setting, file or field concerned; may be empty.")


class RoleShape(Shape):
    """A role that an account or a token has."""

    role: str = Field(description="`owner`, `operator`, `approver` or `viewer`.")
    site: str = Field(description="The site it is for; `*` for all.")


class MeShape(BaseModel):
    """Who asks."""

    name: str = Field(description="The account's user name.")
    display: str = Field(description="The person's name.")
    token: str | None = Field(description="The name of the token; null in a browser's session.")
    roles: list[RoleShape] = Field(description="What may be done.")


class DocumentShape(Shape):
    """A document, in its newest revision."""

    kind: str = Field(description="`site`, `source`, `sink`, `profile`, `tool`, `import` or `service`.")
    name: str = Field(description="Its name.")
    revision: int = Field(description="Counts from 1; also in the header `ETag`.")
    saved_at: datetime = Field(description="When this revision was saved.")
    body: str = Field(description="The document as YAML, comments kept.")
    content: dict[str, Any] = Field(description="Its settings.")


class RevisionShape(Shape):
    """One revision of a document."""

    revision: int = Field(description="Counts from 1.")
    saved_at: datetime = Field(description="When it was saved.")
    body: str = Field(description="The document as YAML.")


class SavedShape(Shape):
    """A document that was taken in."""

    kind: str = Field(description="Its kind.")
    name: str = Field(description="Its name.")
    revision: int = Field(description="Its revision; unchanged where the text is what it was.")


class StandingShape(BaseModel):
    """How a profile stands."""

    profile: str = Field(description="Its name.")
    site: str = Field(description="The site it writes to.")
    source: str = Field(description="The source it reads.")
    status: str = Field(description="Disabled, Pending, Queued, Running, Done, Failed or Held.")
    says: str = Field(description="The same in one sentence.")
    obstacle: str | None = Field(description="Why no plan of it may be applied now; null where one may.")


class ErrorShape(BaseModel):
    """Why a job failed."""

    code: str = Field(description="The kind of error in one word.")
    what: str = Field(description="What was wrong.")
    where: str = Field(description="Where.")
    remedy: str = Field(description="What to do.")


class JobShape(Shape):
    """Work that was asked for."""

    id: int = Field(description="Counts upward over all jobs.")
    kind: str = Field(description="What is to be done.")
    site: str = Field(description="The site concerned; empty where none is.")
    profile: str = Field(description="The profile concerned; empty where none is.")
    arguments: dict[str, Any] = Field(description="What else was said of it.")
    state: str = Field(description="`waiting`, `working`, `done`, `failed` or `cancelled`.")
    asked_by: str = Field(description="Who asked.")
    asked_at: datetime = Field(description="When.")
    not_before: datetime = Field(description="From when on it may begin.")
    began_at: datetime | None = Field(description="When it began last.")
    ended_at: datetime | None = Field(description="When it ended.")
    attempts: int = Field(description="How often it was begun.")
    stop_asked: bool = Field(description="Whether it was asked to stop while at work.")
    step: str = Field(description="What is being done now, in words.")
    done: int = Field(description="How much of it is done.")
    total: int | None = Field(description="How much there is to do; null where that is not known.")
    plan: int | None = Field(description="The plan it made or carries out.")
    run: int | None = Field(description="The run it carries out.")
    result: dict[str, Any] = Field(description="What came of it.")
    error: ErrorShape | None = Field(description="Why it failed, or waits for another attempt.")


class LineShape(Shape):
    """One line of a job's log."""

    number: int = Field(description="Counts from 1 within the job.")
    at: datetime = Field(description="When.")
    level: str = Field(description="`info`, `warning` or `error`.")
    text: str = Field(description="What is told.")


class HoldShape(BaseModel):
    """What holds a plan for a person."""

    model_config = {"extra": "allow"}

    words: str = Field(description="What has to be said to release it.")


class PlanShape(BaseModel):
    """A plan without its changes."""

    plan: int = Field(description="Its number.")
    profile: str = Field(description="The profile it was made for.")
    site: str = Field(description="The site it would write to.")
    source: str = Field(description="What it was made from.")
    created_at: datetime = Field(description="When it was made.")
    state: str = Field(description="`ready`, `held`, `released`, `rejected`, `applied` or `superseded`.")
    counts: Any = Field(description="How many changes of each kind and action.")
    held: list[HoldShape] = Field(description="What holds it.")
    release: str = Field(description="The words that release it; empty where nothing holds it.")
    only: list[str] = Field(description="Whom a manual run is for; empty where it is for all.")
    undo: int | None = Field(description="The run that it takes back; null for others.")


class ChangeShape(BaseModel):
    """One change of a plan."""

    number: int = Field(description="Counts from 1 within the plan.")
    kind: str = Field(description="The kind of record.")
    action: str = Field(description="What is done to it.")
    key: str = Field(description="The roster record's key.")
    moodle_id: int | None = Field(description="The record's id in Moodle; null where it is still to be made.")
    name: str = Field(description="Its name, for people.")
    person: str | None = Field(description="Key of the person concerned.")
    course: str | None = Field(description="Key of the course concerned.")
    before: Any = Field(description="What the site has.")
    after: Any = Field(description="What it shall have.")
    reason: str = Field(description="Why.")
    removes: bool = Field(description="Whether something is taken away.")


class FindingShape(Shape):
    """Something wrong with the source, as found when a plan was made."""

    code: str = Field(description="The kind of finding in one word.")
    severity: str = Field(description="How bad it is.")
    message: str = Field(description="What was wrong.")
    file: str | None = Field(description="The file it was in.")
    line: int | None = Field(description="The line, counted from 1.")
    column: str | None = Field(description="The column's name.")
    value: str | None = Field(description="The value found there.")
    remedy: str | None = Field(description="What to do.")
    subject: str | None = Field(description="The record concerned.")
    count: int = Field(description="How many times it was found.")


class RunShape(Shape):
    """A plan being applied, or one that was."""

    id: int = Field(description="Counts upward over all profiles.")
    plan: int = Field(description="The plan.")
    profile: str = Field(description="Its profile.")
    site: str = Field(description="The site written to.")
    owner: str = Field(description="Who started it.")
    started_at: datetime = Field(description="When it began.")
    finished_at: datetime | None = Field(description="When it ended; null while it has not.")
    state: str = Field(description="`running`, `done`, `interrupted` or `failed`.")
    summary: dict[str, Any] = Field(description="What came of it, in numbers.")


class OutcomeShape(BaseModel):
    """What became of a change."""

    change: int = Field(description="The change's number.")
    state: str = Field(description="`done`, `refused`, `stale`, `skipped`, or `sent` while it is under way.")
    moodle_id: int | None = Field(description="The record's id in Moodle.")
    reason: str = Field(description="Why it was not done.")


class AuditShape(Shape):
    """Who did what, when, from where."""

    id: int = Field(description="Counts upward.")
    at: datetime = Field(description="When.")
    by: str = Field(description="Who.")
    address: str = Field(description="The network address; empty for what the program does by itself.")
    act: str = Field(description="What was done.")
    subject: str = Field(description="What it was done to.")
    site: str = Field(description="The site concerned; may be empty.")
    profile: str = Field(description="The profile concerned; may be empty.")
    words: str = Field(description="What was typed or changed.")


def plain(thing: Any) -> dict[str, Any]:
    """A dataclass as a table of its fields."""
    return asdict(thing)
