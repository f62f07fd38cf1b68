"""Writes small OneRoster deliveries, right ones and wrong ones, for the tests of this room."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from matricula.roster import TABLES, Delivery, Finding, Marker, Roster
from matricula.sources.oneroster_csv.manifest import FILES
from matricula.sources.oneroster_csv.source import OneRosterCsv, OneRosterCsvSettings

Row = Mapping[str, str]

ORGS: list[Row] = [{"sourcedId": "o1", "name": "Oak School", "type": "school"}]
SESSIONS: list[Row] = [
    {
        "sourcedId": "y27",
        "title": "2026/27",
        "type": "schoolYear",
        "startDate": "2026-08-01",
        "endDate": "2027-07-31",
        "schoolYear": "2027",
    }
]
COURSES: list[Row] = [{"sourcedId": "co1", "schoolYearSourcedId": "y27", "title": "Physics", "orgSourcedId": "o1"}]
CLASSES: list[Row] = [
    {
        "sourcedId": f"c{number}",
        "title": f"Physics {number}",
        "grades": "09,10",
        "courseSourcedId": "co1",
        "classType": "scheduled",
        "schoolSourcedId": "o1",
        "termSourcedIds": "y27",
    }
    for number in (1, 2)
]


def user(number: int, role: str = "student", **changes: str) -> Row:
    """One row of users.csv in version 1.1."""
    row = {
        "sourcedId": f"u{number}",
        "enabledUser": "true",
        "orgSourcedIds": "o1",
        "role": role,
        "username": f"user{number}",
        "givenName": f"Given{number}",
        "familyName": f"Family{number}",
        "email": f"user{number}@school.example",
    }
    return row | changes


def enrollment(number: int, user_id: str, class_id: str = "c1", role: str = "student", **changes: str) -> Row:
    """One row of enrollments.csv."""
    row = {
        "sourcedId": f"e{number}",
        "classSourcedId": class_id,
        "schoolSourcedId": "o1",
        "userSourcedId": user_id,
        "role": role,
        "primary": "false",
        "beginDate": "2026-08-01",
        "endDate": "2027-07-31",
    }
    return row | changes


USERS: list[Row] = [user(1, "teacher"), user(2), user(3)]
ENROLLMENTS: list[Row] = [
    enrollment(1, "u1", role="teacher"),
    enrollment(2, "u2"),
    enrollment(3, "u3"),
    enrollment(4, "u3", "c2"),
]
ROSTER_11: dict[str, list[Row]] = {
    "orgs": ORGS,
    "academicSessions": SESSIONS,
    "courses": COURSES,
    "classes": CLASSES,
    "users": USERS,
    "enrollments": ENROLLMENTS,
}


def roster_12() -> dict[str, list[Row]]:
    """The same school in version 1.2, where roles have a file of their own."""
    users = [{key: value for key, value in row.items() if key not in ("role", "orgSourcedIds")} for row in USERS]
    roles = [
        {
            "sourcedId": f"r-{row['sourcedId']}",
            "userSourcedId": row["sourcedId"],
            "roleType": "primary",
            "role": row["role"],
            "orgSourcedId": "o1",
        }
        for row in USERS
    ]
    return ROSTER_11 | {"users": users, "roles": roles}


def header_of(table: str, version: str) -> list[str]:
    """The header line of a file."""
    return [column.name for column in TABLES[table].of(version)]


def csv_text(header: Sequence[str], rows: Sequence[Row]) -> str:
    """A CSV file by the standard, with CR LF line ends."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue()


def manifest_text(version: str, modes: Mapping[str, str]) -> str:
    """A manifest with a line for every file of the version; those not named are absent."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    new = FILES[13:]
    names = FILES if version == "1.2" else [name for name in FILES if name not in new]
    lines += [f"file.{name},{modes.get(name, 'absent')}" for name in names]
    return "\r\n".join(lines) + "\r\n"


def deliver(
    folder: Path,
    tables: Mapping[str, Sequence[Row]] = ROSTER_11,
    version: str = "1.1",
    *,
    manifest: bool = True,
) -> Path:
    """Write a delivery by the standard."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_bytes(csv_text(header_of(name, version), rows).encode())
    if manifest:
        text = manifest_text(version, dict.fromkeys(tables, "bulk"))
        (folder / "manifest.csv").write_bytes(text.encode())
    return folder


def deliver_now(path: Path, since: Marker | None = None, **settings: Any) -> Delivery:
    """What a source hands over."""
    return OneRosterCsv(OneRosterCsvSettings(path=path, **settings)).deliver(since)


def read(path: Path, *, strict: bool = False) -> Roster:
    """Read a delivery."""
    return deliver_now(path, strict=strict).roster()


def found(roster: Roster, code: str) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in roster.findings if finding.code == code]


def only(roster: Roster, code: str) -> Finding:
    """The one finding of a delivery, which must be of this kind."""
    assert [finding.code for finding in roster.findings] == [code], [str(finding) for finding in roster.findings]
    return roster.findings[0]


def ids(roster: Roster, table: str) -> list[str]:
    """The sourcedIds of a table, in order."""
    return roster.table(table)["sourcedId"].to_list()


def real_rosters() -> Path:
    """Where the real rosters are; skips the test where they are missing."""
    shared = os.environ.get("MATRICULA_SHARED") or Path(__file__).parents[3] / "shared"
    path = Path(shared) / "sis" / "oneroster"
    if not path.is_dir():
        pytest.skip("the real rosters are not on this machine (set MATRICULA_SHARED)")
    return path
