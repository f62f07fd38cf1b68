"""The roster: a school's people, courses, classes and enrolments at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from matricula.roster.extensions import extensions_of
from matricula.roster.findings import Finding
from matricula.roster.tables import LINE, TABLES


@dataclass(frozen=True)
class Scope:
    """What a source claims to have delivered completely.

    Only inside it does a missing record mean that the record is gone.

    Args:
        complete: names of the tables delivered completely and read without losing rows whose sourcedId is unknown.
    """

    complete: frozenset[str] = frozenset()

    def covers(self, table: str) -> bool:
        """Whether a record missing from the table is truly gone."""
        return table in self.complete


@dataclass(frozen=True)
class Roster:
    """The school's roster in OneRoster's terms, in the shape of version 1.2 whatever version was delivered.

    Frames have OneRoster's own column names and the schemas of `matricula.roster.tables`; all exist, maybe with no
    rows. Extension columns (`metadata.house`) follow as text, named as in the file; a frame has those that were
    delivered, maybe none. Blank cells are null. `users.orgSourcedIds` and `users.role` are there for convenience in
    both versions: the user's organisations and role, the primary ones first.

    Args:
        orgs: schools, districts, departments.
        academicSessions: school years, terms, grading periods.
        courses: what is taught.
        classes: a course taught to a group in a term.
        users: people.
        roles: who is what in which organisation; version 1.1 says this in `users`.
        enrollments: who is what in which class.
        scope: which tables are complete.
        findings: what was wrong, errors first.
        origin: where the roster came from, for people.
        files: for each table read, the name of the file it came from.
        unreadable: for each table, the sourcedIds of rows that were there but had to be left out. They are not
            absences: what belongs to them stays as it is until they are mended.
        unreadable_unknown: for each table, how many rows were left out whose sourcedId could not be read. Such a
            table is never in the scope.
        unreadable_pairs: the user and the class of rows of `enrollments` that were left out; what could not be read
            is empty. Where both are empty the table is not in the scope, since anybody's place may be meant.
    """

    orgs: pl.DataFrame
    academicSessions: pl.DataFrame  # noqa: N815 - OneRoster's own name
    courses: pl.DataFrame
    classes: pl.DataFrame
    users: pl.DataFrame
    roles: pl.DataFrame
    enrollments: pl.DataFrame
    scope: Scope
    findings: tuple[Finding, ...] = ()
    origin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable_unknown: Mapping[str, int] = field(default_factory=dict)
    unreadable_pairs: frozenset[tuple[str, str]] = frozenset()

    def table(self, name: str) -> pl.DataFrame:
        """The frame of a table by OneRoster's name.

        Raises:
            KeyError: there is no such table.
        """
        if name not in TABLES:
            raise KeyError(name)
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def extensions(self, table: str) -> tuple[str, ...]:
        """Names of a table's extension columns, such as `metadata.house`, in the file's order.

        Raises:
            KeyError: there is no such table.
        """
        return extensions_of(TABLES[table], self.table(table).columns)

    def counts(self) -> dict[str, int]:
        """Rows in each table."""
        return {name: self.table(name).height for name in TABLES}

    def place_of(self, table: str, sourced_id: str) -> str:
        """Where a record stands, for people: `users.csv line 17`.

        Returns:
            the place; the file alone, or the table's name, where more is not known.
        """
        file = self.files.get(table, table)
        lines = self.table(table).filter(pl.col("sourcedId") == sourced_id).get_column(LINE)
        if lines.is_empty() or lines[0] is None:
            return file
        return f"{file} line {lines[0]}"
