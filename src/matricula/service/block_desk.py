"""What the block inside a Moodle may ask for: how its course stands, and to bring it in step, exactly as it was shown.

It acts as itself, for a person of that Moodle. It reaches its own site's courses and nothing else: jobs, plans and
previews of others are to it as if they were not there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from matricula.errors import StopError, UsageError
from matricula.hub.block_course import (
    BlockCourse,
    CourseLook,
    Missing,
    course_for_block,
    tools_of_course,
    why_not_now,
)
from matricula.hub.chosen import COURSE
from matricula.hub.storing import COURSE_ALONE
from matricula.hub.tools import stored_preview
from matricula.service.approving import approve
from matricula.service.block_jobs import (
    Told,
    job_in_words,
    outcome_of_grades,
    outcome_of_plan,
    told_of_grades,
    told_of_plan,
)
from matricula.service.permissions import BLOCK_MAY
from matricula.service.service import Service
from matricula.store import CourseMapping, Job, PlanRecord, Preview

LARGEST: Final = 2**62
Number = Field(gt=0, lt=LARGEST)


class Asked(BaseModel):
    """The body of a request.

    Args:
        courseid: the course's id in Moodle.
        by: the user name of who asks, in that Moodle.
        plan: the plan that is to be written.
        preview: the preview that is to be written.
        job: the job that is asked after.
        tool: the learning tool that is meant.
        words: what was agreed to, where something is taken away.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    courseid: int = Number
    by: str = Field("", max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    plan: int | None = Field(None, gt=0, lt=LARGEST)
    preview: int | None = Field(None, gt=0, lt=LARGEST)
    job: int | None = Field(None, gt=0, lt=LARGEST)
    tool: str = Field("", max_length=63)
    words: str = Field("", max_length=1000)


@dataclass(frozen=True)
class Block:
    """The block of a site, on behalf of a person there.

    Args:
        site: the site.
        user: the person's user name in that Moodle.
    """

    site: str
    user: str = ""

    @property
    def name(self) -> str:
        """Who this is in plans, jobs and the audit log."""
        return f"block {self.site}" + (f": {self.user}" if self.user else "")

    def may(self, act: str) -> bool:
        """Whether it may ask for something."""
        return act in BLOCK_MAY


class BlockDesk:
    """Answers what the block of one site asks.

    Args:
        service: the service.
        site: the site; its name has been proved.
    """

    def __init__(self, service: Service, site: str) -> None:
        self._service = service
        self._home = service.home
        self._store = service.store
        self._site = site

    def answer(self, act: str, asked: Asked, address: str = "") -> dict[str, Any]:
        """Do what is asked, and tell.

        Args:
            act: what is asked, one of `BLOCK_MAY`.
            asked: the body of the request.
            address: the network address that it came from.

        Raises:
            UsageError: the block may not do this, the course, job, plan or preview is not one of its own, or
                something is not said.
            StopError: the plan waits for another person, or nothing can become of it any more.
            MatriculaError: it cannot be done now.
        """
        block = Block(self._site, asked.by.strip())
        if not block.may(act):
            raise UsageError(
                "The block of a Moodle may not ask for this.",
                where=f"site {self._site}",
                remedy=f"It may ask for: {', '.join(BLOCK_MAY)}.",
                code="block-act-unknown",
            )
        if act not in _READ and not block.user:
            raise _unsaid("by")
        acts: Mapping[str, Callable[[Asked, Block, str], dict[str, Any]]] = {
            "course": self._course,
            "preview-enrolments": self._preview_enrolments,
            "continue": self._continue,
            "preview-grades": self._preview_grades,
            "continue-grades": self._continue_grades,
            "job": self._job,
        }
        return acts[act](asked, block, address)

    def _course(self, asked: Asked, _block: Block, _address: str) -> dict[str, Any]:
        found = course_for_block(self._home, self._site, asked.courseid)
        tools = tools_of_course(self._home, self._site, asked.courseid)
        told: dict[str, Any] = {"synced": None, "missing": [], "more": 0, "tools": [_tool(each) for each in tools]}
        grades = sorted({each.tool for each in tools if each.state == "ok"})
        may: dict[str, Any] = {"enrolments": False, "why": "", "grades": grades}
        if found is not None:
            look = CourseLook(self._service.hub, found)
            missing, more = look.missing()
            why = why_not_now(self._home, found.profile)
            told |= {"synced": _synced(found, look), "missing": [_missing(each) for each in missing], "more": more}
            may |= {"enrolments": not why, "why": why}
        return told | {"may": may}

    def _preview_enrolments(self, asked: Asked, block: Block, address: str) -> dict[str, Any]:
        course = self._kept(asked)
        given = {"only": [f"{COURSE}{course.key}"]}
        job = self._service.jobs.ask(
            "plan", profile=course.profile.name, arguments=given, by=block.name, address=address
        )
        return {"job": job.id}

    def _continue(self, asked: Asked, block: Block, address: str) -> dict[str, Any]:
        course = self._kept(asked)
        number = asked.plan
        if number is None:
            raise _unsaid("plan")
        record = self._plan_of(course, number)
        if record.state == "held":
            raise StopError(
                f"Plan {number} waits for a person: {' '.join(str(hold['message']) for hold in record.held)}",
                where=f"plan {number}",
                remedy=f"An approver or owner of Matricula for {self._site} looks at it there and releases it.",
                code="block-held",
            )
        job = approve(self._service, number, asked.words, by=block.name, address=address)
        return {"job": job.id}

    def _preview_grades(self, asked: Asked, block: Block, address: str) -> dict[str, Any]:
        mapping = self._mapping(asked)
        given = {"tool": mapping.tool, "course": str(mapping.course)}
        job = self._service.jobs.ask("tool-grades", arguments=given, by=block.name, address=address)
        return {"job": job.id}

    def _continue_grades(self, asked: Asked, block: Block, address: str) -> dict[str, Any]:
        if asked.preview is None:
            raise _unsaid("preview")
        preview, mapping = self._preview_of(asked.courseid, asked.preview)
        if preview.state not in ("open", "applying"):
            raise StopError(
                f"Preview {preview.id} was written before, or a newer one has taken its place.",
                where=f"preview {preview.id}",
                remedy="Make a new one.",
                code="preview-over",
            )
        subject = f"preview {preview.id} of {mapping.tool}"
        self._store.audit.note("tool.applied", by=block.name, address=address, subject=subject, site=self._site)
        given = {"tool": mapping.tool, "preview": preview.id}
        job = self._service.jobs.ask("tool-apply", arguments=given, by=block.name, address=address)
        return {"job": job.id}

    def _job(self, asked: Asked, _block: Block, _address: str) -> dict[str, Any]:
        if asked.job is None:
            raise _unsaid("job")
        job = self._service.jobs.get(asked.job)
        told = self._told_of(job, asked.courseid) if job.site == self._site else None
        if told is None:
            raise _no_job(asked.job)
        ahead = bool(self._service.jobs.all(sites=[self._site], states=("working",), limit=1))
        return {
            "state": job.state,
            "words": job_in_words(job, told, ahead=ahead),
            "done": job.done,
            "total": job.total,
            "preview": told.preview,
            "outcome": told.outcome,
        }

    def _told_of(self, job: Job, courseid: int) -> Told | None:
        """What is to be told of a job that is about a course; None where it is about something else."""
        try:
            if job.kind in ("tool-grades", "tool-apply"):
                return self._told_of_grades(job, courseid)
            course = course_for_block(self._home, self._site, courseid)
            if course is None or job.profile != course.profile.name:
                return None
            if job.kind == "plan" and job.arguments == {"only": [f"{COURSE}{course.key}"]}:
                done = job.state == "done" and job.plan is not None
                return Told(preview=told_of_plan(self._service, course, job.plan or 0) if done else None)
            if job.kind == "apply":
                number = self._plan_of(course, int(job.arguments["plan"])).number or 0
                return Told(outcome=outcome_of_plan(self._service, number) if job.ended else None)
        except UsageError:  # its plan or preview is of another course, or not there any more
            return None
        return None

    def _told_of_grades(self, job: Job, courseid: int) -> Told | None:
        if job.kind == "tool-apply":
            number = self._preview_of(courseid, int(job.arguments["preview"]))[0].id
            return Told(outcome=outcome_of_grades(self._service, number) if job.ended else None)
        if job.arguments.get("course") != str(courseid) or job.arguments.get("replace"):
            return None
        done = job.state == "done" and "preview" in job.result
        return Told(preview=told_of_grades(self._service, int(job.result["preview"])) if done else None)

    def _kept(self, asked: Asked) -> BlockCourse:
        course = course_for_block(self._home, self._site, asked.courseid)
        if course is None:
            raise UsageError(
                "No profile of this site keeps this course in step with the school's system.",
                where=f"site {self._site}, course {asked.courseid}",
                remedy="Courses that Matricula made or found by their names are; whoever looks after Matricula knows.",
                code="block-course-unknown",
            )
        return course

    def _plan_of(self, course: BlockCourse, number: int) -> PlanRecord:
        """A plan that is for just a course of this site."""
        record = self._store.plans.get(number)
        fits = record.site == self._site and record.profile == course.profile.name
        if not fits or record.summary.get(COURSE_ALONE) != course.key:
            raise UsageError(
                f"There is no plan {number} for just this course.",
                where=f"plan {number}",
                remedy="Make a new preview.",
                code="plan-unknown",
            )
        return record

    def _mapping(self, asked: Asked) -> CourseMapping:
        found = tools_of_course(self._home, self._site, asked.courseid)
        meant = [each for each in found if asked.tool in ("", each.tool)]
        if not meant:
            raise UsageError(
                "No learning tool is mapped to this course.",
                where=f"site {self._site}, course {asked.courseid}",
                remedy="Whoever looks after Matricula maps it there, under Tools.",
                code="block-tool-unknown",
            )
        return meant[0]

    def _preview_of(self, courseid: int, number: int) -> tuple[Preview, CourseMapping]:
        """A preview of grades for a course of this site."""
        preview, mapping = stored_preview(self._home, number)
        if (mapping.site, mapping.course, preview.kind) != (self._site, courseid, "grades"):
            raise UsageError(
                f"There is no preview {number} of grades for this course.",
                where=f"preview {number}",
                remedy="Make a new one.",
                code="preview-unknown",
            )
        return preview, mapping


_READ: Final = ("course", "job")
"""Acts that change nothing; nobody need be named for them."""


def _unsaid(what: str) -> UsageError:
    return UsageError(
        f"The request does not say “{what}”.",
        where="block",
        remedy="Bring the block in Moodle up to date.",
        code="request-malformed",
    )


def _no_job(number: int) -> UsageError:
    return UsageError(
        f"There is no job {number} for this course.",
        where=f"job {number}",
        remedy="Begin anew from the course.",
        code="job-unknown",
    )


def _synced(course: BlockCourse, look: CourseLook) -> dict[str, Any]:
    found = look.synchronised()
    moments = {"at": found.at, "changed_at": found.changed_at, "read_at": found.read_at}
    told: dict[str, Any] = {name: int(at.timestamp()) if at else None for name, at in moments.items()}
    told |= {"profile": course.profile.name, "source": course.profile.source, "run": found.run, "waits": found.waits}
    return told


def _missing(each: Missing) -> dict[str, str]:
    return {"name": each.name, "role": each.role, "why": each.why}


def _tool(each: CourseMapping) -> dict[str, Any]:
    checked = int(each.checked_at.timestamp()) if each.checked_at else None
    told = {"tool": each.tool, "course": each.remote_name, "state": each.state, "message": each.message}
    return told | {"checked_at": checked}
