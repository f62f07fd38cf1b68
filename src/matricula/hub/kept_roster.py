"""The roster as it was last read and what a profile's rules make of it, ready to be looked things up in.

Pages and the API look at single people and courses all the time, and a source may take minutes to be read. So they go
by the delivery that is kept, and what is worked out of it is held for as long as delivery and profile stay as they are.
"""

import json
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import polars as pl

from matricula.errors import MatriculaError
from matricula.hub.home import Home
from matricula.hub.kept_rosters import kept_rosters
from matricula.hub.kept_rosters import let_go as let_go_of_rosters
from matricula.hub.whom import full_name, full_names
from matricula.profiles import Desired, Profile, desire
from matricula.roster import TABLES, Delivery, Roster
from matricula.roster.roster import Scope
from matricula.roster.tables import LINE

HELD: Final = 6
"""So many profiles of a home are held at a time."""
USED, UNUSABLE, LEFT = "used", "unusable", "left"
"""How a record stands: in the roster; in the delivery, but its row cannot be used; in neither, but in the ledger."""


@dataclass(frozen=True)
class SourceRow:
    """A row as it was delivered.

    Args:
        table: OneRoster's name of the table.
        place: where it stands, for people.
        cells: what its columns hold, as text; blank ones too.
    """

    table: str
    place: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One person, course or class in the index that is searched.

    Args:
        key: the sourcedId, of a course its key.
        name: its name.
        aside: what else it is called: user name and e-mail address, or short name and codes.
        state: `USED`, `UNUSABLE` or `LEFT`.
        courses: of a class, the keys of the courses that it leads to.
        text: everything that it is found by, folded.
        exact: texts that mean just this one, folded.
        sorting: the name, folded.
    """

    key: str
    name: str
    aside: tuple[str, ...]
    state: str
    courses: tuple[str, ...]
    text: str
    exact: frozenset[str]
    sorting: str


@dataclass(frozen=True)
class KeptRoster:
    """What a profile's source last delivered, and what the rules make of it.

    Args:
        profile: the profile.
        at: when it was read; None where nothing is kept.
        roster: what of it can be used; empty where nothing is kept.
        desired: what the site should hold.
        delivery: the rows as they came; None where nothing is kept.
        fault: why the delivery or the rules cannot be used as a whole; None where they can.
    """

    profile: Profile
    at: datetime | None
    roster: Roster
    desired: Desired
    delivery: Delivery | None
    fault: MatriculaError | None = None

    @cached_property
    def people(self) -> dict[str, Entry]:
        """Everybody in the delivery, by sourcedId."""
        accounts = _by_key(self.desired, "user")
        used = {
            row["sourcedId"]: _person(row, accounts.get(row["sourcedId"], {}), USED)
            for row in self.roster.users.iter_rows(named=True)
        }
        return {row["sourcedId"]: _person(row, {}, UNUSABLE) for row in self._unusable("users")} | used

    @cached_property
    def courses(self) -> dict[str, Entry]:
        """Every course that the rules make, by its key."""
        classes: dict[str, list[dict[str, Any]]] = {}
        by_id = {row["sourcedId"]: row for row in self.roster.classes.iter_rows(named=True)}
        for each, course in self.desired.classes.iter_rows():
            classes.setdefault(course, []).append(by_id.get(each, {}))
        return {key: _course(row, classes.get(key, [])) for key, row in _by_key(self.desired, "course").items()}

    @cached_property
    def classes(self) -> dict[str, Entry]:
        """Every class in the delivery, by sourcedId."""
        leads: dict[str, list[str]] = {}
        for each, course in self.desired.classes.iter_rows():
            if course in self.courses:
                leads.setdefault(each, []).append(course)
        used = {
            row["sourcedId"]: _class(row, leads.get(row["sourcedId"], []), USED)
            for row in self.roster.classes.iter_rows(named=True)
        }
        return {row["sourcedId"]: _class(row, [], UNUSABLE) for row in self._unusable("classes")} | used

    def rows(self, table: str, column: str, values: Iterable[str]) -> list[SourceRow]:
        """Rows of a table as they were delivered.

        Args:
            table: OneRoster's name.
            column: the column to look in.
            values: what it is to hold.
        """
        draft = self.delivery.drafts.get(table) if self.delivery else None
        if draft is None or column not in draft.frame.columns:
            return []
        found = draft.frame.filter(pl.col(column).is_in(list(values)))
        return [
            SourceRow(table, _place(draft.file, row.get(LINE) if draft.numbered else None), _cells(row))
            for row in found.iter_rows(named=True)
        ]

    def wanted(self, kind: str, key: str) -> dict[str, Any] | None:
        """The row of a record that the rules make; None where they make none."""
        part = self.desired.parts.get(kind)
        found = part.frame.filter(pl.col("key") == key) if part else None
        return found.row(0, named=True) if found is not None and found.height else None

    def _unusable(self, table: str) -> list[dict[str, Any]]:
        """Rows as they came of records that could not be used."""
        draft = self.delivery.drafts.get(table) if self.delivery else None
        lost = self.roster.unreadable.get(table, frozenset())
        if draft is None or not lost or "sourcedId" not in draft.frame.columns:
            return []
        return list(draft.frame.filter(pl.col("sourcedId").is_in(list(lost))).iter_rows(named=True))


def kept_roster(home: Home, profile_name: str) -> KeptRoster:
    """What a profile's source last delivered, and what the rules make of it today. The source is not read.

    Args:
        home: the home.
        profile_name: the profile.

    Raises:
        UsageError: there is no such profile.
    """
    profile = home.profile(profile_name)
    # Rules may name the current school year, which changes with the day.
    today = datetime.now(UTC).astimezone(ZoneInfo(profile.timezone)).date()
    basis = (home.store.kept.fingerprint(profile.source), today, profile)
    with _lock:
        held = _held.setdefault(home, OrderedDict())
        if profile_name in held and held[profile_name][0] == basis:
            held.move_to_end(profile_name)
            return held[profile_name][1]
    found = _worked_out(home, profile)
    with _lock:
        held[profile_name] = (basis, found)
        held.move_to_end(profile_name)
        while len(held) > HELD:
            held.popitem(last=False)
    return found


def let_go(home: Home) -> None:
    """Hold nothing any more: somebody was forgotten."""
    left_entry.cache_clear()
    let_go_of_rosters(home)
    with _lock:
        _held.pop(home, None)


@lru_cache(maxsize=50_000)
def left_entry(key: str, written: str) -> Entry:
    """The entry of a person or course whom only the ledger knows.

    Args:
        key: the key.
        written: what was last written, as JSON.
    """
    text = {name: value for name, value in json.loads(written).items() if isinstance(value, str) and value}
    given, family = text.get("firstname", ""), text.get("lastname", "")
    name = f"{given} {family}".strip() or text.get("fullname") or key
    aside = [text.get(each) for each in ("username", "email", "shortname")]
    turned = f"{family}, {given}" if given and family else ""
    return _entry(key, name, aside, LEFT, [key, *aside, text.get("idnumber")], (name, turned))


def folded(text: str | None) -> str:
    """A text without capitals, accents and needless blanks, as it is searched for."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


_held: Final[WeakKeyDictionary[Home, OrderedDict[str, tuple[Any, KeptRoster]]]] = WeakKeyDictionary()
_lock: Final = Lock()


def _worked_out(home: Home, profile: Profile) -> KeptRoster:
    try:
        read = kept_rosters(home).of(profile.source)
        if read is not None:
            return KeptRoster(profile, read.at, read.roster, desire(read.roster, profile), read.delivery)
    except MatriculaError as error:
        return _unusable(home, profile, error)
    return KeptRoster(profile, None, _nothing(), desire(_nothing(), profile), None)


def _unusable(home: Home, profile: Profile, fault: MatriculaError) -> KeptRoster:
    """A delivery or rules that cannot be used as a whole: its rows can be looked at all the same."""
    kept, delivery = home.store.kept.last(profile.source), home.store.kept.delivery(profile.source)
    return KeptRoster(profile, kept.at if kept else None, _nothing(), desire(_nothing(), profile), delivery, fault)


def _nothing() -> Roster:
    frames: dict[str, Any] = {name: table.empty() for name, table in TABLES.items()}
    return Roster(**frames, scope=Scope())


def _by_key(desired: Desired, kind: str) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in desired.parts[kind].frame.iter_rows(named=True)}


def _person(row: dict[str, Any], account: dict[str, Any], state: str) -> Entry:
    given = [row.get("username"), row.get("email"), account.get("username"), account.get("email")]
    numbers = [row["sourcedId"], row.get("identifier"), row.get("userMasterIdentifier"), account.get("idnumber")]
    shown = (account.get("username") or row.get("username"), row.get("email"))
    names = (full_name(row), account.get("name"), *full_names(row))
    return _entry(row["sourcedId"], full_name(row), shown, state, [*numbers, *given], names)


def _course(row: dict[str, Any], classes: Iterable[dict[str, Any]]) -> Entry:
    codes = [each.get(name) for each in classes for name in ("classCode", "sourcedId")]
    titles = [each.get("title") for each in classes]
    exact = [row["key"], row.get("shortname"), *codes]
    return _entry(row["key"], str(row["name"]), (row.get("shortname"),), USED, exact, (row["name"], *titles))


def _class(row: dict[str, Any], courses: Iterable[str], state: str) -> Entry:
    title = row.get("title") or row["sourcedId"]
    exact = [row["sourcedId"], row.get("classCode")]
    return _entry(row["sourcedId"], title, (row.get("classCode"),), state, exact, (title,), courses)


def _entry(
    key: str,
    name: str,
    aside: Iterable[str | None],
    state: str,
    exact: Iterable[str | None],
    names: Iterable[str | None],
    courses: Iterable[str] = (),
) -> Entry:
    told = dict.fromkeys(folded(each) for each in (*names, *exact))
    return Entry(
        key=key,
        name=name,
        aside=tuple(dict.fromkeys(each for each in aside if each)),
        state=state,
        courses=tuple(dict.fromkeys(courses)),
        text="\n".join(each for each in told if each),
        exact=frozenset(folded(each) for each in exact) - {""},
        sorting=folded(name),
    )


def _place(file: str, line: int | None) -> str:
    return f"{file} line {line}" if line is not None else file


def _cells(row: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items() if name != LINE}
