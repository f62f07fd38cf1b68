"""A few people and courses on a real Moodle that has the plugin local_matricula, and its calls as they are sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from matricula.moodle import Moodle

STUDENT, TEACHER, NOBODY = 5, 3, 99_999_999
Row = Mapping[str, Any]


@dataclass(frozen=True)
class PluginSite:
    """A category with two courses and four people, none of them enrolled.

    Args:
        moodle: the client.
        category: its id.
        courses: ids of the courses.
        people: ids of the people.
        mark: what all names begin with.
    """

    moodle: Moodle
    category: int
    courses: list[int]
    people: list[int]
    mark: str

    def ask(self, function: str, **parameters: Any) -> Any:
        """One call; lists and dicts are packed."""
        packed = {
            name: value if isinstance(value, str | int) else json.dumps(value) for name, value in parameters.items()
        }
        return self.moodle.write(f"local_matricula_{function}", packed)

    def outcomes(self, function: str, rows: Sequence[object], **more: Any) -> list[dict[str, Any]]:
        """What a call says of each row."""
        told: list[dict[str, Any]] = json.loads(self.ask(function, rows=list(rows), **more)["outcomes"])
        return told

    def codes(self, function: str, rows: Sequence[object], **more: Any) -> list[str]:
        """Why rows are refused; the empty text for done."""
        return [outcome.get("code", "") for outcome in self.outcomes(function, rows, **more)]

    def unpacked(self, function: str, name: str) -> Any:
        """One packed value of an answer."""
        return json.loads(self.ask(function)[name])

    def snapshot(self, kind: str, fields: Sequence[str] = (), **filtered: Sequence[object]) -> list[dict[str, Any]]:
        """Rows of a kind."""
        answer = self.ask("get_snapshot", kind=kind, fields=list(fields) if fields else "", filter=filtered or "")
        assert answer["next"] == 0
        columns = json.loads(answer["columns"])
        assert {len(values) for values in columns.values()} == {answer["count"]}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def core(self, function: str, **parameters: Any) -> Any:
        """A call of Moodle's own."""
        return self.moodle.read(function, parameters)

    def enrolments(self, course: int = 0) -> dict[tuple[int, str], dict[str, Any]]:
        """Enrolments of a course by user and method."""
        rows = self.snapshot("enrolment", courseid=[self.courses[course]])
        return {(row["userid"], row["method"]): row for row in rows}

    def row(self, person: int = 0, course: int = 0, **more: Any) -> dict[str, Any]:
        """A row that says who and where."""
        return {"courseid": self.courses[course], "userid": self.people[person], **more}


@contextmanager
def plugin_site(moodle: Moodle, mark: str) -> Iterator[PluginSite]:
    """Make people and courses, and delete them afterwards."""
    (category,) = moodle.write("core_course_create_categories", {"categories": [{"name": f"{mark} & Co"}]})
    try:
        courses = moodle.write(
            "core_course_create_courses",
            {
                "courses": [
                    {"fullname": f"Course {name} & more", "shortname": f"{mark}-{name}", "idnumber": f"{mark}.{name}"}
                    | {"categoryid": category["id"]}
                    for name in "ab"
                ]
            },
        )
        people = moodle.write(
            "core_user_create_users",
            {
                "users": [
                    {
                        "username": f"{mark}.{name}",
                        "firstname": name,
                        "lastname": "O'Neil & Sons",
                        "password": "Pass.12345",
                    }
                    | {"email": f"{mark}.{name}@school.example", "idnumber": f"{mark}:{name}", "city": "Zürich"}
                    for name in ("ada", "alan", "grace", "tia")
                ]
            },
        )
        ids = [person["id"] for person in people]
        try:
            yield PluginSite(moodle, category["id"], [course["id"] for course in courses], ids, mark)
        finally:
            moodle.write("core_user_delete_users", {"userids": ids})
    finally:
        moodle.write("core_course_delete_categories", {"categories": [{"id": category["id"], "recursive": True}]})
