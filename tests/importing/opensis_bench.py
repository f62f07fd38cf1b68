"""The sample schools of openSIS with all the tables that an import writes, and a site's school put into them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from import_bench import importing, of, told_by
from opensis_school import MariaSchool, mariadb
from sqlalchemy import Connection, text

from matricula.importing import ImportChange, School
from matricula.importing.opensis.address import opened, read_address, told
from matricula.importing.opensis.database import OpenSis
from matricula.importing.site import SiteSeen
from matricula.roster import Roster
from matricula.sources import open_source
from matricula.store import ImportedRow

ALSO = (
    "history_marking_periods",
    "marking_period_id_generator",
    "student_enrollment_codes",
    "student_report_card_grades",
)


@contextmanager
def opensis(version: str) -> Iterator[MariaSchool]:
    """A sample school in MariaDB with a school year that holds today's courses; skips where there is no server."""
    import gzip

    from opensis_school import sample

    with mariadb(version) as school:
        dump = gzip.decompress((sample(version) / f"opensis_{version}.sql.gz").read_bytes())
        named = "|".join(ALSO).encode()
        kinds = (b"CREATE TABLE", b"INSERT INTO")
        made = [each for kind in kinds for each in _statements(dump, kind, named)]
        school._carry_out(school._url, *made)
        school.change(
            "INSERT INTO school_years (marking_period_id, syear, school_id, title, short_name, start_date, end_date) "
            "VALUES (900, 2026, 1, 'Full Year', 'FY', '2026-08-03', '2027-05-28')"
        )
        yield school


def _statements(dump: bytes, kind: bytes, named: bytes) -> list[bytes]:
    return re.findall(rb"^" + kind + rb" `(?:" + named + rb")`.*?;$", dump, re.MULTILINE | re.DOTALL)


@dataclass
class Desk:
    """Imports by hand into one database, and what is remembered of them.

    Args:
        database: the database.
        settings: settings of the import.
    """

    database: MariaSchool
    settings: dict[str, Any] = field(default_factory=dict)
    rows: list[ImportedRow] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def school(self, seen: SiteSeen, totals: Any = None) -> School:
        return importing(seen, self.rows, totals, **self.settings)

    def put(
        self, seen: SiteSeen, totals: Any = None, *, remember: bool = True, commit: bool = True
    ) -> list[ImportChange]:
        """Write a site's school, and remember it; returns what was written."""
        school = self.school(seen, totals)
        with self._opened() as connection:
            target = OpenSis(connection, of(**self.settings), self.place, self.rows)
            acts = target.acts(school)
            changes = list(target.changes(acts))
            new = [*told_by(school), *target.write(acts)]
            if commit:
                target.commit()
        self.codes = sorted(finding.code for finding in target.findings)
        if remember:
            self.rows = list({(row.kind, row.moodle_id): row for row in [*self.rows, *new]}.values())
        return changes

    @property
    def url(self) -> Any:
        return read_address(self.database.settings["url"])

    @property
    def place(self) -> str:
        return told(self.url)

    def read(self, **parameters: Any) -> Roster:
        """The roster as the preset reads it."""
        given = {"school": 1, "year": 2026, "day": "2026-11-26"} | parameters
        return open_source({**self.database.settings, "parameters": given}).deliver().roster()

    def ask(self, query: str) -> list[Any]:
        with self._opened() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def everything(self) -> dict[str, list[Any]]:
        """All rows of all tables that are written."""
        names = ("staff", "students", "courses", "course_periods", "schedule", "login_authentication", *ALSO)
        with self._opened() as connection:
            return {name: _rows(connection, name) for name in names}

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        with opened(self.url, self.database.password) as connection:
            yield connection


def _rows(connection: Connection, table: str) -> list[Any]:
    return sorted(map(str, connection.execute(text(f"SELECT * FROM {table}"))))
