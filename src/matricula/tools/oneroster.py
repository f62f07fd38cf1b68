"""Learning tools that offer OneRoster: classes and students are read, and grades come back; rosters cannot be written.

OneRoster's rostering service knows no writing. Such a tool takes its roster from the school by files or a service of
its own; here it is only seen who is in its classes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from matricula import logs
from matricula.errors import MatriculaError, SettingError, StopError
from matricula.sinks.oneroster_rest.names import in_address
from matricula.sinks.oneroster_rest.records import number, pointer
from matricula.sinks.oneroster_rest.settings import PATHS as GRADEBOOK
from matricula.sources.oneroster_rest.lists import Lists
from matricula.sources.oneroster_rest.service import Purpose, Record
from matricula.sources.oneroster_rest.settings import PATHS as ROSTERING
from matricula.sources.oneroster_rest.settings import base_of
from matricula.sources.web import SignIn, WebClient, auth_of
from matricula.sources.web.signing_in import safe_address
from matricula.tools.protocol import (
    Abilities,
    CourseGoneError,
    Instance,
    Lesson,
    NewStudent,
    Outcome,
    Question,
    Revision,
    Student,
    StudentGrades,
    ToolCourse,
    ToolSettings,
    ToolSurroundings,
)

READ_ONLY: Final = (
    "OneRoster lets rosters only be read. Enter it in the tool, or where the tool gets its roster from: the school's "
    "OneRoster files or service."
)
"""Why no row of a roster is written."""

_LIMIT: Final = 1000
_SCOPE = "https://purl.imsglobal.org/spec/or/v1p{}/scope/{}"
_SCOPES = ("roster-core.readonly", "gradebook.readonly")
_LEAVE = "read orgs, classes, their students, lineItems and results"


@dataclass(frozen=True)
class _Place:
    base: str
    version: str


class OneRosterTool:
    """A learning tool by its OneRoster service; see `Tool`.

    The version is that of the address (`/v1p1` is 1.1), else 1.2. One signs in by client credentials where the settings
    have a `token_url`, by OAuth 1.0a where they have a `client_id` alone, and else by a token.

    Args:
        settings: how it is reached.
        surroundings: where its token or secret comes from.

    Raises:
        SettingError: the address cannot be used, or no token is known.
    """

    abilities: ClassVar[Abilities] = Abilities(
        writes_rosters=False, changes_email=False, restores=False, invites_itself=False, enables_courses=False
    )

    def __init__(self, settings: ToolSettings, surroundings: ToolSurroundings) -> None:
        self._where = f"tool {settings.name}"
        version = "1.1" if "/v1p1" in settings.url else "1.2"
        try:
            url = safe_address(settings.url)
            sign_in = _sign_in(settings)
        except ValueError as error:
            raise SettingError(
                f"The tool cannot be reached with these settings: {error}.",
                where=self._where,
                remedy="Mend `url`, `client_id` and `token_url`.",
                code="tool-settings",
            ) from None
        token = logs.hide(surroundings.token().strip())
        scopes = [_SCOPE.format(version[-1], name) for name in _SCOPES]
        auth = auth_of(sign_in, lambda _: token, scopes, f"matricula tool token {settings.name}")
        example = f"https://tool.example{ROSTERING[version]}"
        self._client = WebClient(auth, url, example, timeout=settings.timeout)
        rostering = base_of(url, version, ROSTERING).replace("/gradebook/", "/rostering/")
        gradebook = base_of(url, version, GRADEBOOK).replace("/rostering/", "/gradebook/")
        self._rosters = self._lists(rostering, version, "roster", ROSTERING, surroundings.say)
        self._grades = self._lists(gradebook, version, "gradebook", GRADEBOOK, surroundings.say)

    def _lists(self, base: str, version: str, wanted: str, paths: Any, say: Callable[[str], None]) -> Lists:
        purpose = Purpose(wanted, _LEAVE, " and ".join(_SCOPES), paths)
        return Lists(_Place(base, version), self._client, purpose, _LIMIT, say)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    def instance(self) -> Instance:
        """Who it is: the organisation above all others (GET orgs)."""
        with self._told():
            found = self._rosters.whole("orgs")
        if found is None:
            raise self._no_service()
        host = urlsplit(self._rosters.place.base).hostname or self._where
        if not found:
            return Instance(host, host)
        top = next((org for org in found if not pointer(org.get("parent"))), found[0])
        return Instance(pointer(top) or host, _text(top.get("name")) or host)

    def courses(self, search: str = "") -> list[ToolCourse]:
        """Its classes, by title (GET classes); what is searched for is looked for here."""
        with self._told():
            found = self._rosters.whole("classes")
        if found is None:
            raise self._no_service()
        wanted = search.casefold().strip()
        courses = [_course(each) for each in found if pointer(each)]
        kept = [each for each in courses if wanted in f"{each.name}\n{each.code}\n{each.id}".casefold()]
        return sorted(kept, key=lambda each: (each.name.casefold(), each.id))

    def enable(self, course: str) -> ToolCourse:
        """The class; OneRoster knows no enabling, and nothing is written."""
        return self._one(course)

    def disable(self, course: str) -> ToolCourse:
        """The class, told as not enabled; nothing is written."""
        return replace(self._one(course), enabled=False)

    def students(self, course: str, *, deleted: bool = False) -> list[Student]:
        """Students of a class (GET classes/{id}/students); nobody tells of those who were deleted."""
        found = self._of_class(self._rosters, course, "students")
        return [] if deleted else [_student(each) for each in found if pointer(each)]

    def add(self, course: str, students: Sequence[NewStudent]) -> list[Outcome]:
        """Nobody can be added; see `READ_ONLY`."""
        return self._refused(course, students)

    def edit(self, course: str, students: Sequence[Student]) -> list[Outcome]:
        """Nobody can be changed; see `READ_ONLY`."""
        return self._refused(course, students)

    def delete(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Nobody can be taken out; see `READ_ONLY`."""
        return self._refused(course, students)

    def restore(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Nobody can be brought back; see `READ_ONLY`."""
        return self._refused(course, students)

    def grades(self, course: str, patience: float) -> tuple[Lesson, ...]:
        """Line items of a class and their results, each as a lesson of one revision and one question.

        Args:
            course: the class.
            patience: not needed; nothing is worked out first.
        """
        del patience
        items = self._of_class(self._grades, course, "lineItems")
        results = self._of_class(self._grades, course, "results")
        by_item: dict[str | None, dict[str, float | None]] = {}
        for each in results:
            student = pointer(each.get("student"))
            if student is not None:
                by_item.setdefault(pointer(each.get("lineItem")), {})[student] = self._score(each)
        return tuple(_lesson(each, by_item.get(pointer(each), {})) for each in items if pointer(each))

    def _refused(self, course: str, rows: Sequence[object]) -> list[Outcome]:
        del course
        return [Outcome("refused", reason=READ_ONLY) for _ in rows]

    def _one(self, course: str) -> ToolCourse:
        found = next((each for each in self.courses() if each.id == course), None)
        if found is None:
            raise self._gone()
        return found

    def _of_class(self, lists: Lists, course: str, name: str) -> list[Record]:
        with self._told():
            found = lists.whole(f"classes/{in_address(course)}/{name}")
        if found is None:
            raise self._gone()
        return found

    def _score(self, result: Record) -> float | None:
        """The points of a result; None for who is excused or has none yet."""
        told = result.get("score")
        if told in (None, "") or result.get("scoreStatus") in ("exempt", "not submitted"):
            return None
        if (found := number(told)) is None:
            raise StopError(
                "A result has a score that is no number.",
                where=f"{self._where}, result {pointer(result)}",
                remedy="Mend it in the tool, or show the vendor this message.",
                code="tool-answer",
            )
        return found

    def _gone(self) -> CourseGoneError:
        return CourseGoneError(
            "The tool has no such class (404).",
            where=self._where,
            remedy="See what there is with `matricula tool courses`.",
            code="tool-unknown",
        )

    def _no_service(self) -> SettingError:
        return SettingError(
            "There is no OneRoster service at this address (404).",
            where=f"{self._where}, {self._rosters.place.base}",
            remedy=f"Ask the vendor for its address; it looks like https://tool.example"
            f"{ROSTERING[self._rosters.place.version]} .",
            code="service-address",
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Refused credentials are told as those of a tool are."""
        try:
            yield
        except MatriculaError as error:
            if error.code != "credentials-refused":
                raise
            raise SettingError(
                error.what, where=f"{self._where}, {error.where}", remedy=error.remedy, code="tool-token-refused"
            ) from None


def _sign_in(settings: ToolSettings) -> SignIn:
    if settings.token_url:
        return SignIn(method="client-credentials", client_id=settings.client_id, token_url=settings.token_url)
    if settings.client_id:
        return SignIn(method="oauth1", consumer_key=settings.client_id)
    return SignIn(method="bearer")


def _course(record: Record) -> ToolCourse:
    sourced = pointer(record) or ""
    return ToolCourse(sourced, _text(record.get("title")) or sourced, _text(record.get("classCode")), enabled=True)


def _student(record: Record) -> Student:
    return Student(
        email=_text(record.get("email")),
        given=_text(record.get("givenName")),
        family=_text(record.get("familyName")),
        number=_text(record.get("identifier")),
        id=pointer(record) or "",
        accepted=True,
    )


def _lesson(item: Record, scores: dict[str, float | None]) -> Lesson:
    sourced = pointer(item) or ""
    title = _text(item.get("title")) or sourced
    students = tuple(StudentGrades(student, None, {sourced: score}) for student, score in sorted(scores.items()))
    revision = Revision(sourced, title, (Question(sourced, number(item.get("resultValueMax"))),), students)
    return Lesson(sourced, "", title, (revision,))


def _text(told: Any) -> str:
    return told.strip() if isinstance(told, str) else ""
