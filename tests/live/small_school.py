"""A small school with names of its own for each run, so that it can come into any Moodle and leave it again."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
}


@dataclass(frozen=True)
class SmallSchool:
    """Twelve students and three teachers in four classes.

    Args:
        mark: begins every id, user name and code.
        students: given and family names.
        moved: students (by number) who are in the next class instead of their own.
    """

    mark: str
    students: dict[int, tuple[str, str]] = field(
        default_factory=lambda: {number: (f"Pupil{number}", f"O’Néill & Søn {number}") for number in range(12)}
    )
    moved: frozenset[int] = frozenset()

    def without(self, number: int) -> SmallSchool:
        return replace(self, students={key: name for key, name in self.students.items() if key != number})

    def renamed(self, number: int, family: str) -> SmallSchool:
        return replace(self, students=self.students | {number: (self.students[number][0], family)})

    def username(self, number: int) -> str:
        return f"{self.mark}.pupil{number}"

    def email(self, number: int) -> str:
        return f"{self.mark}.pupil{number}@school.example"

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        rows = self._rows()
        for name, header in HEADERS.items():
            columns = header.split(",")
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows[name])
        marks = {name: "bulk" if name in HEADERS else "absent" for name in (*HEADERS, "demographics", "results")}
        lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
        lines += [f"file.{name},{state}" for name, state in marks.items()]
        (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _rows(self) -> dict[str, list[dict[str, str]]]:
        m = self.mark
        place = {"schoolSourcedId": f"{m}-org", "termSourcedIds": f"{m}-year"}
        people = [self._student(number) for number in self.students] + [self._teacher(number) for number in range(3)]
        members = [(number, (number + (number in self.moved)) % 4, "student") for number in self.students]
        teachers = [(number, klass, "teacher") for klass in range(4) for number in [klass % 3]]
        return {
            "orgs": [{"sourcedId": f"{m}-org", "name": f"{m} Trial & School", "type": "school"}],
            "academicSessions": [
                {
                    "sourcedId": f"{m}-year",
                    "title": "2026/27",
                    "type": "schoolYear",
                    "startDate": "2026-08-15",
                    "endDate": "2027-07-15",
                    "schoolYear": "2027",
                }
            ],
            "courses": [{"sourcedId": f"{m}-co", "title": "Science", "orgSourcedId": f"{m}-org"}],
            "classes": [
                {
                    "sourcedId": f"{m}-cl{number}",
                    "title": f"{number}A Science & Q<A",
                    "courseSourcedId": f"{m}-co",
                    "classCode": f"{m}-{number}A",
                    "classType": "scheduled",
                    **place,
                }
                for number in range(4)
            ],
            "users": people,
            "enrollments": [
                {
                    "sourcedId": f"{m}-e-{role}-{number}-{klass}",
                    "classSourcedId": f"{m}-cl{klass}",
                    "schoolSourcedId": f"{m}-org",
                    "userSourcedId": f"{m}-{role[0]}{number}",
                    "role": role,
                }
                for number, klass, role in members + teachers
            ],
        }

    def _student(self, number: int) -> dict[str, str]:
        given, family = self.students[number]
        return self._person(f"s{number}", "student", given, family, self.username(number), self.email(number))

    def _teacher(self, number: int) -> dict[str, str]:
        name = f"{self.mark}.teacher{number}"
        return self._person(f"t{number}", "teacher", f"Teacher{number}", "Łuk", name, f"{name}@school.example")

    def _person(self, key: str, role: str, given: str, family: str, username: str, email: str) -> dict[str, str]:
        return {
            "sourcedId": f"{self.mark}-{key}",
            "enabledUser": "true",
            "orgSourcedIds": f"{self.mark}-org",
            "role": role,
            "username": username,
            "givenName": given,
            "familyName": family,
            "email": email,
        }
