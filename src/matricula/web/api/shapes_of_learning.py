"""What the API hands out of learning data, conflicts and learning tools."""

import json
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from matricula.store import Conflict
from matricula.web.api.shapes import Shape


class ConflictShape(Shape):
    """A grade that is neither as it was sent nor as Moodle has it."""

    kind: str = Field(description="`grade-category`, `line-item`, `result` or `final-grade`.")
    key: str = Field(description="The record.")
    name: str = Field(description="Its name, for people.")
    ours: dict[str, Any] = Field(description="What it should be, by field; `gone` where it should not be there.")
    theirs: dict[str, Any] = Field(description="What it is in the school's system; `gone` where it is not there.")
    state: str = Field(description="`open`; `send`, where Moodle's is sent; `keep`, where the other one stands.")
    by: str | None = Field(description="Who decided; null where nobody has.")
    since: datetime = Field(description="When it was first found.")
    at: datetime = Field(description="When it was last found, or decided.")

    @classmethod
    def told(cls, conflict: Conflict) -> Self:
        """The shape of a conflict."""
        return cls.of(conflict, ours=json.loads(conflict.ours), theirs=json.loads(conflict.theirs))


class CourseReadShape(Shape):
    """A course whose learning data is kept."""

    course: int = Field(description="Its id in Moodle.")
    name: str = Field(description="Its name.")
    shortname: str = Field(description="Its short name.")
    grades_at: datetime | None = Field(description="When its gradebook was read; null where it was not.")
    contents_at: datetime | None = Field(description="When its modules were read; null where they were not.")
    items: int = Field(description="Grade items, without totals.")
    graded: int = Field(description="Grades given in them; zero is one.")


class ItemReadShape(Shape):
    """A grade item, and how many people have what in it."""

    item: int = Field(description="Its id in Moodle.")
    name: str = Field(description="Its name.")
    kind: str = Field(description="`mod`, `manual`, or `course` and `category` for totals.")
    category: str = Field(description="The category that it stands in; may be empty.")
    weight: float | None = Field(description="Percent of what stands above; null where Moodle tells none.")
    maximum: float | None = Field(description="Most points; null for a scale.")
    hidden: bool = Field(description="Whether the whole item is hidden from students.")
    graded: int = Field(description="People with a grade; zero is one.")
    none: int = Field(description="People without a grade.")
    excused: int = Field(description="People who are excused.")
    hidden_grades: int = Field(description="People whose grade is hidden from them.")


class GradeShape(BaseModel):
    """What somebody has in a grade item."""

    item: int = Field(description="The item's id in Moodle.")
    user: int = Field(description="The account's id in Moodle.")
    name: str = Field(description="The person's name, as far as it is known.")
    state: str = Field(description="`graded`, `none` or `excused`.")
    raw: float | None = Field(description="The points; null where there are none.")
    shown: str = Field(description="As Moodle shows it.")
    percentage: str = Field(description="The percentage as Moodle shows it.")
    letter: str = Field(description="The letter as Moodle shows it.")
    feedback: str = Field(description="What the teacher wrote.")
    hidden: bool = Field(description="Whether it is hidden from the student.")
    locked: bool = Field(description="Whether it is locked.")
    overridden: bool = Field(description="Whether a teacher set it in the place of what was worked out.")
    former: bool = Field(description="Whether the person has left the course since.")
    changed_at: datetime = Field(description="When it was last seen to change.")


class ToolStandingShape(Shape):
    """How the connection with a tool stands."""

    tool: str = Field(description="The tool.")
    instance: str = Field(description="The id of its instance; empty where it never answered.")
    display: str = Field(description="The instance's name.")
    state: str = Field(description="`ok` or `wrong`.")
    message: str = Field(description="What is wrong; empty where nothing is.")
    checked_at: datetime = Field(description="When that was looked at.")


class ToolShape(BaseModel):
    """A learning tool."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its kind.")
    site: str = Field(description="The site whose courses are mapped to it.")
    url: str = Field(description="Its address.")
    has_token: bool = Field(description="Whether its token is kept.")
    mapped: int = Field(description="How many courses are mapped.")
    standing: ToolStandingShape | None = Field(description="How it stood when it was last looked at; null if never.")


class MappingShape(Shape):
    """One course of Moodle and one of a tool that are kept together."""

    id: int = Field(description="Its number.")
    tool: str = Field(description="The tool.")
    remote: str = Field(description="The id of the tool's course.")
    remote_name: str = Field(description="Its name.")
    site: str = Field(description="The site.")
    course: int = Field(description="The course's id in Moodle.")
    course_name: str = Field(description="Its name.")
    state: str = Field(description="`ok`, `course-gone`, `tool-course-gone`, `disabled` or `removed`.")
    message: str = Field(description="What is wrong; empty where nothing is.")
    made_at: datetime = Field(description="When it was made.")
    made_by: str = Field(description="Who made it.")
    checked_at: datetime | None = Field(description="When its courses were last looked at.")


class PreviewOutcomeShape(BaseModel):
    """What became of a change of a preview."""

    change: int = Field(description="The change's place in the preview, from 0.")
    state: str = Field(description="How it ended, or `sent` while that is not known.")
    reason: str = Field(description="Why it was not done; empty where it was.")


class PreviewShape(Shape):
    """What would change in a tool's course, or in Moodle's gradebook."""

    id: int = Field(description="Its number.")
    mapping: int = Field(description="The mapping of courses.")
    kind: str = Field(description="`roster` or `grades`.")
    state: str = Field(description="`open`, `applying`, `applied` or `superseded`.")
    changes: list[dict[str, Any]] = Field(description="The changes in their order.")
    findings: list[dict[str, Any]] = Field(description="What to look at.")
    made_at: datetime = Field(description="When it was made.")
    made_by: str = Field(description="For whom.")
    applied_at: datetime | None = Field(description="When it was written; null where it was not.")
    applied_by: str | None = Field(description="By whom.")
    outcomes: list[PreviewOutcomeShape] = Field(description="What became of its changes; empty before it is written.")
