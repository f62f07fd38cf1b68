"""Writes small files as schools make them, and reads them by a map of columns."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matricula.roster import Delivery, Finding, Roster
from matricula.sources import open_source

Part = Mapping[str, Any]

STUDENTS: Part = {
    "file": "students.csv",
    "holds": "people",
    "role": "student",
    "columns": {
        "sourcedId": "Nr",
        "familyName": "Nachname",
        "givenName": "Vorname",
        "email": "E-Mail",
        "class.title": "Klasse",
    },
}
STUDENTS_TEXT = """\
Nr;Nachname;Vorname;Klasse;E-Mail
101;Müller;Jürgen;7A;jm@oak.example
102;Lee;Ann;7A;al@oak.example
103;Öst;Ben;7B;bo@oak.example
"""
TEACHERS: Part = {
    "file": "teachers.csv",
    "holds": "people",
    "role": "teacher",
    "columns": {"username": "Kürzel", "familyName": "Nachname", "givenName": "Vorname", "email": "E-Mail"},
}
TEACHERS_TEXT = """\
Kürzel;Nachname;Vorname;E-Mail
hil;Hill;Tom;th@oak.example
iye;Iyer;Uma;ui@oak.example
"""
WIDE: Part = {
    "file": "wide.csv",
    "holds": "enrolments",
    "columns": {
        "person.sourcedId": "Student ID",
        "person.givenName": "First",
        "person.familyName": "Last",
        "person.grades": "Year",
        "course.courseCode": "Course code",
        "course.title": "Course",
        "teacher.email": "Teacher e-mail",
    },
}
WIDE_TEXT = """\
Student ID,First,Last,Year,Course code,Course,Teacher e-mail
1,Ann,Lee,7,PHY,Physics,th@oak.example
1,Ann,Lee,7,ART,Art,ui@oak.example
2,Ben,Öst,7,PHY,Physics,th@oak.example
"""


def settings(path: Path, *parts: Part, **others: Any) -> dict[str, Any]:
    """Settings of a source, in a school and a year."""
    return {"type": "tables", "path": str(path), "school": "Oak School", "year": 2027, "files": list(parts)} | others


def write(folder: Path, **texts: str | bytes) -> Path:
    """Write CSV files by name without `.csv`; texts in UTF-8."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def delivered(path: Path, *parts: Part, **others: Any) -> Delivery:
    """Read files by a map."""
    return open_source(settings(path, *parts, **others)).deliver()


def read(path: Path, *parts: Part, **others: Any) -> Roster:
    """Read files by a map, and check what they told."""
    return delivered(path, *parts, **others).roster()


def one_wide_file(folder: Path) -> dict[str, Any]:
    """The settings that read a school of one file."""
    return settings(write(folder, wide=WIDE_TEXT), WIDE)


def with_columns(part: Part, **columns: Any) -> Part:
    """A part with other columns; `None` takes one out, `__` in a name stands for a dot."""
    changed = {name.replace("__", "."): column for name, column in columns.items()}
    kept = {**part["columns"], **changed}
    return {**part, "columns": {name: column for name, column in kept.items() if column is not None}}


def rows(roster: Roster, table: str, *columns: str) -> set[tuple[Any, ...]]:
    """The records of a table, in some columns."""
    return set(roster.table(table).select(columns).rows())


def found(roster: Roster, code: str) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in roster.findings if finding.code == code]


def codes(roster: Roster) -> set[str]:
    """The kinds of findings, without blanks that the standard wants filled."""
    return {finding.code for finding in roster.findings} - {"required-blank"}


def lines(*cells: Sequence[str]) -> str:
    """A CSV text of rows of cells without commas."""
    return "".join(",".join(row) + "\n" for row in cells)
