"""openSIS's database: what is there, what would be added or altered, and writing just that."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, Literal

from sqlalchemy import Connection, MetaData, String, Table, func, insert, select, update
from sqlalchemy.exc import NoSuchTableError

from matricula.errors import SettingError
from matricula.importing.opensis.rows import KEYS, OpenSisYear, Ref, Rows, Wanted
from matricula.importing.opensis.there import There
from matricula.importing.records import ImportChange, School, to_json
from matricula.importing.rules import RULES
from matricula.importing.years import Year
from matricula.profiles.documents import Import
from matricula.roster import Finding
from matricula.store import ImportedRow

FOUND: Final = {"found": True}
"""What is remembered of a person who was in openSIS before: they are never altered."""

#: Columns of which a value that is too long is cut; any other one is left out.
_CUT: Final = frozenset({"first_name", "last_name", "title", "course_title", "name", "short_name", "course_code"})
#: Columns that may be empty where the row that they refer to is not there.
_OPTIONAL: Final = frozenset({"teacher_id", "secondary_teacher_id"})
#: Columns that openSIS counts by itself once the row is there.
_COUNTED: Final = frozenset({"filled_seats"})
#: Signs beyond this have no place in columns of MySQL's older UTF-8, which openSIS has in some tables.
_BEYOND: Final = 0xFFFF
_RELATION: Final = "staff_school_relationship"
_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Act:
    """What is done to one row.

    Args:
        action: `add`, `update`, or `found`: it is there already and only remembered.
        row: the row as it should be.
        number: its number, where it has one.
        values: the columns to be set; of a new row all of them.
        before: what was told of these columns before.
    """

    action: Literal["add", "update", "found"]
    row: Wanted
    number: str
    values: Mapping[str, Any]
    before: Mapping[str, Any]


class OpenSis:
    """The database for one import.

    Args:
        connection: a connection, in whose transaction everything is read and written.
        settings: the import.
        place: what the database is called in what is remembered.
        told: what was told before.
    """

    def __init__(self, connection: Connection, settings: Import, place: str, told: Iterable[ImportedRow]) -> None:
        self._connection = connection
        self._settings = settings
        self._place = place
        self._tables: dict[str, Table] = {}
        self._usernames: dict[str, str] = {}
        self._known: dict[Ref, tuple[str, dict[str, Any]]] = {
            Ref(table, row.moodle_id): (row.key, json.loads(row.body))
            for row in told
            for table, _, at in [row.kind.partition("@")]
            if at and row.kind == f"{table}@{place}"
        }
        self.findings: list[Finding] = []

    def acts(self, school: School) -> list[Act]:
        """What would be done, in order. Nothing is written.

        Raises:
            SettingError: the school or its year is not in openSIS, or a column that is mapped is not there.
        """
        year = self._year(school.year)
        rows = Rows(school, self._settings, year)
        wanted = rows.all()
        self.findings += rows.findings
        self._take_marked()
        gone = self._gone()
        ours = defaultdict(set)
        for own, (number, _) in self._known.items():
            ours[own.table].add(number)
        there = There(self._connection, self._table, ours)
        self._usernames = {each.moodle_id: str(each.body["username"]) for each in school.of("person")}
        acts: list[Act] = []
        left: set[Ref] = set(gone)
        for row in wanted:
            own = Ref(row.table, row.ident)
            needed = {
                value for name, value in row.values.items() if isinstance(value, Ref) and name not in _OPTIONAL
            } - {own}
            if own in left or needed & left:
                left.add(own)
                continue
            act = self._act(row, there, left)
            if act is not None:
                acts.append(act)
        return acts

    def changes(self, acts: Iterable[Act]) -> tuple[ImportChange, ...]:
        """Acts as they are shown."""
        return tuple(
            ImportChange(act.row.table, act.action, act.number, act.row.name, act.before, _shown(act.values))
            for act in acts
            if act.action != "found"
        )

    def write(self, acts: Sequence[Act]) -> list[ImportedRow]:
        """Carry acts out in the connection's transaction, which is left open.

        Returns:
            what is to be remembered.
        """
        for _, several in groupby(acts, key=lambda act: act.row.table):
            group = list(several)
            self._add([act for act in group if act.action == "add"])
            for act in group:
                self._settle(act)
        places = {Ref(act.row.table, act.row.ident) for act in acts}
        return [
            ImportedRow(f"{own.table}@{self._place}", own.ident, number, to_json(body))
            for own, (number, body) in self._known.items()
            if own in places
        ]

    def commit(self) -> None:
        """Make what was written last."""
        self._connection.commit()

    def _act(self, row: Wanted, there: There, left: set[Ref]) -> Act | None:
        own = Ref(row.table, row.ident)
        if known := self._known.get(own):
            return self._alteration(row, *known)
        if row.table in ("students", "staff"):
            several = there.persons(row.table, row.values, self._username_of(row))
            if len(several) > 1:
                self._note("import-person-ambiguous", ", ".join(sorted(several)), name=row.name)
                left.add(own)
                return None
            if several:
                (number,) = several
                self._note("import-person-there", f"{KEYS[row.table]} {number}", name=row.name)
                self._known[own] = (number, dict(FOUND))
                return Act("found", row, number, {}, {})
        if row.after is not None and (old := self._known.get(row.after)) is not None and old[1] == FOUND:
            # Of somebody who was there only what the year needs is added, and only where it is missing.
            if row.only_new or there.has_place(row.table, old[0], row.values):
                return None
        elif row.table == "login_authentication" and there.is_taken(str(row.values["username"])):
            self._note("import-login-taken", str(row.values["username"]), name=row.name)
            return None
        return Act("add", row, "", self._fitting(row), {})

    def _alteration(self, row: Wanted, number: str, body: dict[str, Any]) -> Act | None:
        if body == FOUND or row.table == _RELATION:
            return None
        now = self._fitting(row)
        differing = {
            name: value
            for name, value in now.items()
            if (name not in body or _plain(self._resolved(value)) != body[name]) and name not in _COUNTED
        }
        if not differing:
            return None
        return Act("update", row, number, differing, {name: body.get(name) for name in differing})

    def _username_of(self, row: Wanted) -> str:
        return self._usernames.get(row.ident, "")

    def _fitting(self, row: Wanted) -> dict[str, Any]:
        """The values as their columns take them."""
        table = self._table(row.table)
        columns = {column.name.casefold(): column for column in table.columns}
        values: dict[str, Any] = {}
        for name, value in row.values.items():
            column = columns.get(name.casefold())
            if column is None:
                if name.casefold() in _own_columns(self._settings, row.table):
                    raise self._no_column(row.table, name)
                continue
            fits = value
            if isinstance(value, str) and isinstance(column.type, String):
                fits = _fit(value, column.type, cut=name in _CUT)
                if fits != value:
                    self._note("import-value-cut", value, column=f"{row.table}.{name}")
            values[column.name] = fits
        return values

    def _settle(self, act: Act) -> None:
        """Carry an update out, and remember what was told of the row."""
        own = Ref(act.row.table, act.row.ident)
        if act.action == "found":
            self._known[own] = (act.number, dict(FOUND))
            return
        number, before = self._known[own]
        values = {name: self._resolved(value) for name, value in act.values.items()}
        if act.action == "update":
            table, key = self._table(act.row.table), KEYS[act.row.table]
            self._connection.execute(update(table).where(table.c[key] == int(number)).values(values))
        self._known[own] = (number, before | {name: _plain(value) for name, value in values.items()})

    def _add(self, acts: Sequence[Act]) -> None:
        """Add rows of one table; which number each was given is read back by its mark."""
        if not acts:
            return
        table, key = self._table(acts[0].row.table), KEYS[acts[0].row.table]
        rows = [self._new_row(act, table) for act in acts]
        by_columns = sorted(zip(rows, acts, strict=True), key=lambda pair: sorted(pair[0]))
        for _, several in groupby(by_columns, key=lambda pair: sorted(pair[0])):
            self._connection.execute(insert(table), [row for row, _ in several])
        self._take_marked(table.name)
        itself = {name for act in acts for name, value in act.values.items() if value == Ref(table.name, act.row.ident)}
        made = [int(self._known[Ref(table.name, act.row.ident)][0]) for act in acts]
        for start in range(0, len(made), _AT_ONCE) if itself else ():
            here = table.c[key].in_(made[start : start + _AT_ONCE])
            self._connection.execute(update(table).where(here).values(dict.fromkeys(itself, table.c[key])))

    def _new_row(self, act: Act, table: Table) -> dict[str, Any]:
        own = Ref(table.name, act.row.ident)
        row = {name: self._resolved(value) for name, value in act.values.items() if value != own}
        if table.name == "history_marking_periods":
            generator = self._table("marking_period_id_generator")
            row["marking_period_id"] = self._connection.execute(insert(generator).values({})).lastrowid
        return row | {"updated_by": self._mark(act.row.ident)}

    def _resolved(self, value: Any) -> Any:
        if not isinstance(value, Ref):
            return value
        known = self._known.get(value)
        return int(known[0]) if known else None

    def _take_marked(self, *names: str) -> None:
        """Know rows by their marks: those just made, and those of an import that was cut off before it remembered."""
        start = self._mark("")
        for name in names or KEYS:
            table = self._table(name)
            ours = func.substr(table.c.updated_by, 1, len(start)) == start
            for number, mark in self._connection.execute(select(table.c[KEYS[name]], table.c.updated_by).where(ours)):
                self._known.setdefault(Ref(name, str(mark).removeprefix(start)), (str(int(number)), {}))

    def _mark(self, ident: str) -> str:
        return f"matricula {self._settings.name} {ident}"

    def _gone(self) -> set[Ref]:
        """Rows of ours that somebody took out of openSIS: they are not made again, nor what hangs on them."""
        numbers: dict[str, set[str]] = {}
        for own in self._known:
            if own.table not in numbers and own.table in KEYS:
                column = self._table(own.table).c[KEYS[own.table]]
                numbers[own.table] = {str(int(each)) for each in self._connection.scalars(select(column))}
        return {own for own, (number, _) in self._known.items() if number not in numbers.get(own.table, {number})}

    def _year(self, year: Year) -> OpenSisYear:
        schools, years = self._table("schools"), self._table("school_years")
        found = {int(row.id): str(row.title or "") for row in self._connection.execute(select(schools))}
        number = self._settings.opensis_school or (next(iter(found)) if len(found) == 1 else 0)
        if number not in found:
            raise SettingError(
                "Say which school of openSIS is meant." if not number else f"openSIS has no school {number}.",
                where=f"import {self._settings.name}, opensis_school",
                remedy=f"There are: {', '.join(f'{each} ({title})' for each, title in sorted(found.items()))}.",
                code="import-school-unknown",
            )
        told = {
            int(row.syear): row
            for row in self._connection.execute(select(years).where(years.c.school_id == number))
            if row.syear is not None
        }
        syear = year.first.year
        if syear not in told:
            raise SettingError(
                f"openSIS does not have the school year {year.title}.",
                where=self._place,
                remedy=f"Make it there (Rollover, or Marking Periods), or name another one with --year; there are: "
                f"{', '.join(str(each + 1) for each in sorted(told))}.",
                code="import-year-unknown",
            )
        own = told[syear]
        return OpenSisYear(
            school=number,
            syear=syear,
            marking_period=int(own.marking_period_id),
            first=own.start_date or year.first,
            last=own.end_date or year.last,
            grades=self._grades(number),
            code=self._code(syear),
            older=self._history(number)
            | {each: int(row.marking_period_id) for each, row in told.items() if each != syear},
        )

    def _history(self, school: int) -> dict[int, int]:
        """Years that somebody else entered for grades of old."""
        table = self._table("history_marking_periods")
        ours = {number for own, (number, _) in self._known.items() if own.table == table.name}
        asked = select(table.c.syear, table.c.marking_period_id).where(
            table.c.school_id == school, table.c.mp_type == "year"
        )
        return {int(year): int(number) for year, number in self._connection.execute(asked) if str(number) not in ours}

    def _grades(self, school: int) -> dict[str, int]:
        table = self._table("school_gradelevels")
        rows = list(self._connection.execute(select(table).where(table.c.school_id == school)))
        return {str(word).casefold(): int(row.id) for row in rows for word in (row.title, row.short_name) if word}

    def _code(self, syear: int) -> int | None:
        table = self._table("student_enrollment_codes")
        asked = select(table.c.id).where(table.c.syear == syear, table.c.type == "Add").order_by(table.c.id).limit(1)
        return self._connection.execute(asked).scalar_one_or_none()

    def _table(self, name: str) -> Table:
        if name not in self._tables:
            try:
                table = Table(name, MetaData(), autoload_with=self._connection, resolve_fks=False)
            except NoSuchTableError as error:
                raise self._no_opensis(f"There is no table {name}") from error
            if name in KEYS and "updated_by" not in table.c:
                raise self._no_opensis(f"The table {name} has no column updated_by")
            self._tables[name] = table
        return self._tables[name]

    def _no_opensis(self, what: str) -> SettingError:
        return SettingError(
            f"{what}: the database is none of openSIS Classic 8 or 9.",
            where=self._place,
            remedy="Mend the name of the database in the address.",
            code="import-no-opensis",
        )

    def _no_column(self, table: str, name: str) -> SettingError:
        return SettingError(
            f"openSIS's table {table} has no column {name}.",
            where=f"import {self._settings.name}, fields",
            remedy="Make the field in openSIS, or name another column; columns of its own fields begin with CUSTOM_.",
            code="import-column-unknown",
        )

    def _note(self, code: str, value: str, **about: object) -> None:
        finding = RULES[code].finding(sourced_id="", line=None, value=value, told=about)
        if finding not in self.findings:
            self.findings.append(finding)


def _fit(value: str, kind: String, *, cut: bool) -> str | None:
    """A text as its column takes it; None where it does not fit and is not to be cut."""
    old = str(getattr(kind, "collation", "") or getattr(kind, "charset", "") or "").startswith(("utf8mb3", "utf8_"))
    told = "".join(sign for sign in value if ord(sign) <= _BEYOND) if old else value
    if kind.length is None or len(told) <= kind.length:
        return told if cut or told == value else None
    return told[: kind.length].rstrip() if cut else None


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are shown: of what refers to another row that row's table."""
    return {
        name: f"{value.table} {value.ident}" if isinstance(value, Ref) else _plain(value)
        for name, value in values.items()
        if value is not None
    }


def _own_columns(settings: Import, table: str) -> set[str]:
    """Columns that the import's profile fields name."""
    targets = (field.to.partition(".") for field in settings.fields)
    return {column for prefix, _, column in targets if prefix == table}
