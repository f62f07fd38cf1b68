"""From a service's JSON to rows of the roster's tables.

Which property of the JSON becomes which column follows the REST bindings 1.1 (chapter 4) and 1.2 (information model):
what the CSV binding calls `orgSourcedId` is an object `org` here, with `href`, `sourcedId` and `type`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from matricula.roster import TABLES
from matricula.roster.extensions import METADATA
from matricula.roster.tables import Column, Kind
from matricula.sources.records import as_text, frame_of

COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
"""What is read, in this order."""

GONE = "tobedeleted"
_GONE = frozenset({GONE, "inactive"})
"""Statuses of records that are no more; `inactive` is not OneRoster's, and services send it."""

_POINTERS: Mapping[str, Mapping[str, str]] = {
    "orgs": {"parentSourcedId": "parent"},
    "academicSessions": {"parentSourcedId": "parent"},
    "courses": {"schoolYearSourcedId": "schoolYear", "orgSourcedId": "org"},
    "classes": {"courseSourcedId": "course", "schoolSourcedId": "school", "termSourcedIds": "terms"},
    "users": {"orgSourcedIds": "orgs", "agentSourcedIds": "agents", "primaryOrgSourcedId": "primaryOrg"},
    "enrollments": {"classSourcedId": "class", "schoolSourcedId": "school", "userSourcedId": "user"},
    "roles": {"orgSourcedId": "org", "userProfileSourcedId": "userProfile"},
}

_FIRST_MOMENT = re.compile(r"T00:00(:00(\.0+)?)?(Z|[+-]00:?00)?$")

Row = dict[str, Any]


def rows_of(name: str, version: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Records of a collection as a frame of text with the columns of the roster's table and those of `metadata`.

    Args:
        name: the collection, which is also the table.
        version: `1.1` or `1.2`.
        records: one page of them.
    """
    columns = _columns(name, version)
    rows = [_row(name, columns, record) | dict(_metadata(record)) for record in records]
    further = dict.fromkeys(key for row in rows for key in row if key.startswith(METADATA))
    return frame_of(rows, (*(column.name for column in columns), *further))


def roles_of(records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The roles of users of 1.2, which stand within them, as rows of the table `roles`.

    Roles have no sourcedIds there; theirs are made of user, role and organisation, and so stay the same.
    """
    columns = _columns("roles", "1.2")
    rows = []
    for user in records:
        user_id, seen = as_text(user.get("sourcedId")), Counter[str]()
        if _status(user) in _GONE:
            continue
        for role in _objects(user.get("roles")):
            row = _row("roles", columns, role)
            made = "/".join(as_text(part) or "" for part in (user_id, row["role"], row["orgSourcedId"]))
            seen[made] += 1
            row["sourcedId"] = made if seen[made] == 1 else f"{made}/{seen[made]}"
            whose = {"userSourcedId": user_id, "dateLastModified": as_text(user.get("dateLastModified"))}
            rows.append(row | whose | {"status": "active"})
    return frame_of(rows, [column.name for column in columns])


def schools_of(name: str, version: str, record: Mapping[str, Any]) -> set[str] | None:
    """The organisations that a record belongs to; None where it belongs to all, or does not say."""
    if name == "users":
        found = {*_ids(record.get("primaryOrg"))} if version == "1.2" else {*_ids(record.get("orgs"))}
        if version == "1.2":
            found.update(each for role in _objects(record.get("roles")) for each in _ids(role.get("org")))
        return found
    if name in ("classes", "enrollments"):
        return {*_ids(record.get("school"))} or None
    return None


def outside(name: str, version: str, record: Mapping[str, Any], schools: Collection[str]) -> bool:
    """Whether a record belongs to other schools than the chosen ones."""
    if not schools:
        return False
    belongs = schools_of(name, version, record)
    return belongs is not None and belongs.isdisjoint(schools)


def is_gone(record: Mapping[str, Any]) -> bool:
    """Whether a record is marked as being no more."""
    return _status(record) in _GONE


def as_gone(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same record, marked as being no more."""
    return {**record, "status": GONE}


def _columns(name: str, version: str) -> list[Column]:
    return [column for column in TABLES[name].of(version) if column.kept]


def _row(name: str, columns: Sequence[Column], record: Mapping[str, Any]) -> Row:
    pointers = _POINTERS[name]
    row: Row = {}
    for column in columns:
        if column.name in pointers:
            found = _ids(record.get(pointers[column.name]))
            row[column.name] = found if column.kind is Kind.LIST else next(iter(found), None)
        else:
            value = record.get(column.name)
            row[column.name] = _day(value) if column.kind is Kind.DATE else _simple(value)
    row["status"] = _status(record)
    return row


def _status(record: Mapping[str, Any]) -> str | None:
    told = record.get("status")
    if isinstance(told, str) and told.strip().casefold() in _GONE:
        return GONE
    return as_text(told) if isinstance(told, str) else None


def _day(value: Any) -> Any:
    """A day; many services add its first moment. Other times are left to be noticed: they may mean another day."""
    told = as_text(value)
    return _FIRST_MOMENT.sub("", told) if told else None


def _ids(value: Any) -> list[str]:
    """What a pointer leads to: `{"href": …, "sourcedId": …, "type": …}`, several of them, or sourcedIds alone."""
    found = []
    for each in value if isinstance(value, list) else [value]:
        told = each.get("sourcedId") if isinstance(each, Mapping) else each
        if isinstance(told, str | int) and not isinstance(told, bool) and str(told).strip():
            found.append(str(told).strip())
    return found


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def _simple(value: Any) -> Any:
    """A value as it can stand in a cell: `userIds` as the CSV binding writes them, `{type:identifier}`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return [cell for each in value if (cell := _simple(each)) is not None]
    if isinstance(value, Mapping):
        named, number = as_text(value.get("type")), as_text(value.get("identifier"))
        return f"{{{named or ''}:{number}}}" if number else None
    return value


def _metadata(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Extension columns: what stands in `metadata`, as far as its values are simple."""
    told = record.get("metadata")
    for name, value in told.items() if isinstance(told, Mapping) else ():
        if not isinstance(value, Mapping) and not (
            isinstance(value, list) and any(isinstance(each, Mapping | list) for each in value)
        ):
            yield f"{METADATA}{name}", value
