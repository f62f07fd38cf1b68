"""The sample schools of openSIS in MariaDB, with what gradebooks need, seen with plain SQL."""

import gzip
import html
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import URL

from matricula.sinks import SinkSurroundings

KEPT = (
    "gradebook_assignment_types",
    "gradebook_assignments",
    "gradebook_grades",
    "student_report_card_grades",
)
READ = (
    "course_period_var",
    "course_periods",
    "courses",
    "report_card_grade_scales",
    "report_card_grades",
    "schedule",
    "school_progress_periods",
    "school_quarters",
    "school_semesters",
    "school_years",
)
PLACES: dict[str, tuple[tuple[int, int], tuple[int, ...], tuple[int, int]]] = {
    "8.0": ((28, 29), (1, 2, 3, 4), (21, 22)),
    "9.2": ((1, 4), (1, 2, 3, 7), (14, 12)),
    "older": ((28, 29), (1, 2, 3, 4), (21, 22)),
}
"""Two sections, four students and two marking periods of each version."""

OLDER = (
    "ALTER TABLE gradebook_assignment_types DROP COLUMN last_updated, DROP COLUMN updated_by",
    "ALTER TABLE gradebook_assignments DROP COLUMN last_updated, DROP COLUMN updated_by",
    "ALTER TABLE gradebook_grades DROP COLUMN last_updated, DROP COLUMN updated_by",
    "ALTER TABLE student_report_card_grades DROP COLUMN last_updated, DROP COLUMN updated_by",
)
"""Tables without the notes of who changed a row and when; nothing must count on them."""


class OpensisBench:
    """A school whose gradebooks are empty to begin with."""

    surroundings = SinkSurroundings()

    def __init__(self, url: URL, version: str) -> None:
        self.url = url
        self.version = version
        sections, students, periods = PLACES[version]
        self.classes = tuple(f"section-{each}" for each in sections)
        self.students = tuple(f"student-{each}" for each in students)
        self.sessions = tuple(f"term-{each}" for each in periods)
        self.engine = create_engine(url, connect_args={"client_flag": 1 << 16})
        shown = url.set(password=None).render_as_string(hide_password=False)
        self.settings: dict[str, Any] = {
            "type": "opensis",
            "url": shown,
            "passwordless": not url.password,
            "timezone": "America/New_York",
        }

    def make(self) -> None:
        """Load the tables that are needed, and see that the students are scheduled in both sections."""
        version = "8.0" if self.version == "older" else self.version
        named = "|".join((*KEPT, *READ))
        dump = gzip.decompress(_dump(version).read_bytes())
        told = re.findall(rf"^(?:CREATE TABLE|INSERT INTO) `(?:{named})`.*?;$".encode(), dump, re.MULTILINE | re.DOTALL)
        with closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            # openSIS has a profile numbered 0, and pictures among its texts.
            cursor.execute("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
            for statement in (*told, *(OLDER if self.version == "older" else ())):
                cursor.execute(statement)
            connection.commit()
        for section in self.classes:
            for student in self.students:
                self.run(
                    "INSERT INTO schedule (syear, school_id, student_id, start_date, course_id, course_period_id) "
                    "SELECT syear, school_id, %s, '2020-01-01', course_id, course_period_id FROM course_periods "
                    "WHERE course_period_id = %s",
                    student.partition("-")[2],
                    section.partition("-")[2],
                )

    def run(self, statement: str, *values: Any) -> Any:
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(statement, tuple(values))
            return [dict(row._mapping) for row in result] if result.returns_rows else None

    def clear(self) -> None:
        for table in (*KEPT, "matricula_grade_keys"):
            if self.run("SHOW TABLES LIKE %s", table):
                self.run(f"DELETE FROM {table}")

    def seen(self, kind: str) -> list[dict[str, Any]]:
        return [_SEEN[kind](row) for row in self.run(f"SELECT * FROM {_TABLES[kind]}")]

    def alter(self, kind: str, sourced_id: str, **fields: Any) -> None:
        where, values = _where(kind, sourced_id)
        for field, value in fields.items():
            column = "points" if field == "score" else field
            self.run(f"UPDATE {_TABLES[kind]} SET {column} = %s WHERE {where}", value, *values)

    def lose(self, kind: str, sourced_id: str) -> None:
        where, values = _where(kind, sourced_id)
        self.run(f"DELETE FROM {_TABLES[kind]} WHERE {where}", *values)


_TABLES = {
    "grade-category": KEPT[0],
    "line-item": KEPT[1],
    "result": KEPT[2],
    "final-grade": KEPT[3],
}


def _where(kind: str, sourced_id: str) -> tuple[str, tuple[str, ...]]:
    if kind == "result":
        return "assignment_id = %s AND student_id = %s", tuple(sourced_id.split("-"))
    number = {"grade-category": "assignment_type_id", "line-item": "assignment_id", "final-grade": "id"}[kind]
    return f"{number} = %s", (sourced_id,)


def _result(row: dict[str, Any]) -> dict[str, Any]:
    points = None if row["points"] is None else float(row["points"])
    return {
        "id": f"{row['assignment_id']}-{row['student_id']}",
        "student": f"student-{row['student_id']}",
        "score": None if points == -1 else points,
        "comment": row["comment"],
    }


_SEEN = {
    "grade-category": lambda row: {"id": str(row["assignment_type_id"]), "title": row["title"]},
    "line-item": lambda row: {
        "id": str(row["assignment_id"]),
        "title": row["title"],
        "description": row["description"] and html.unescape(row["description"]),
        "maximum": float(row["points"]),
    },
    "result": _result,
    "final-grade": lambda row: {"id": str(row["id"]), "letter": row["grade_letter"]},
}


def _dump(version: str) -> Path:
    shared = os.environ.get("MATRICULA_SHARED") or Path(__file__).parents[3] / "shared"
    path = Path(shared) / "sis" / f"opensis-{version}" / f"opensis_{version}.sql.gz"
    if not path.is_file():
        pytest.skip("the sample schools of openSIS are not on this machine (set MATRICULA_SHARED)")
    return path


@contextmanager
def opensis(version: str) -> Iterator[OpensisBench]:
    """A school in a database of its own, its gradebooks as the sample has them; skips where no server is named."""
    server = os.environ.get("MATRICULA_TEST_MARIADB")
    if not server:
        pytest.skip("no MariaDB is named (set MATRICULA_TEST_MARIADB)")
    own = f"matricula_gradebook_{uuid.uuid4().hex[:12]}"
    keeper = create_engine(server, isolation_level="AUTOCOMMIT")
    bench = None
    try:
        with keeper.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {own}")
        bench = OpensisBench(make_url(server).set(database=own), version)
        bench.make()
        yield bench
    finally:
        if bench is not None:
            bench.engine.dispose()
        with keeper.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {own}")
        keeper.dispose()


def _of(version: str):
    @contextmanager
    def opened(_: Path) -> Iterator[OpensisBench]:
        with opensis(version) as bench:
            yield bench

    return opened


opensis_8 = _of("8.0")
opensis_9 = _of("9.2")
MORNING = datetime(2021, 9, 1, 3, 59, tzinfo=UTC)
"""Late in the evening of 31 August in New York."""
