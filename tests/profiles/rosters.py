"""Rosters built by hand, without files, for the tests of profiles and planning."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
from hypothesis import strategies as st

from matricula.profiles import Desired, Profile, desire
from matricula.roster import TABLES, Roster, Scope

Row = dict[str, Any]
EVERYTHING = frozenset(TABLES)

DEFAULTS: dict[str, Row] = {
    "orgs": {"sourcedId": "o1", "name": "Oak School", "type": "school"},
    "academicSessions": {
        "sourcedId": "y27",
        "title": "2026/27",
        "type": "schoolYear",
        "startDate": dt.date(2026, 8, 1),
        "endDate": dt.date(2027, 7, 31),
        "schoolYear": "2027",
    },
    "courses": {"sourcedId": "co1", "title": "English 09", "orgSourcedId": "o1"},
    "classes": {
        "sourcedId": "c1",
        "title": "Ludicrous Lemur",
        "classCode": "ENG-9",
        "courseSourcedId": "co1",
        "schoolSourcedId": "o1",
        "termSourcedIds": ["y27"],
    },
    "users": {
        "sourcedId": "u1",
        "enabledUser": True,
        "username": "ann",
        "givenName": "Ann",
        "familyName": "Lee",
        "email": "ann@school.example",
        "identifier": "4711",
    },
    "roles": {"userSourcedId": "u1", "role": "student", "roleType": "primary", "orgSourcedId": "o1"},
    "enrollments": {"sourcedId": "e1", "classSourcedId": "c1", "userSourcedId": "u1", "role": "student"},
}


def roster(
    *, complete: frozenset[str] = EVERYTHING, unreadable: Any = None, pairs: Any = (), **tables: list[Row]
) -> Roster:
    """A roster of one record in each table, with the rows given instead, each laid over that record."""
    frames = {}
    for name, table in TABLES.items():
        rows = [{"line": number} | DEFAULTS[name] | changes for number, changes in enumerate(tables.get(name, [{}]), 2)]
        frames[name] = pl.DataFrame(rows, schema=table.schema)
    return Roster(**frames, scope=Scope(complete), unreadable=unreadable or {}, unreadable_pairs=frozenset(pairs))


def people(*changes: Row, role: str = "student") -> dict[str, list[Row]]:
    """Users u1, u2, … with one role each; a change `role` is taken out and given them."""
    users = []
    roles = []
    for number, change in enumerate(changes, 1):
        user = {
            "sourcedId": f"u{number}",
            "username": f"user{number}",
            "email": f"user{number}@school.example",
        } | change
        roles.append({"userSourcedId": user["sourcedId"], "role": user.pop("role", role)})
        users.append(user)
    return {"users": users, "roles": roles}


def profile(**parts: Any) -> Profile:
    return Profile(name="default", source="school", site="moodle", **parts)


def wanted(made: Roster | None = None, **parts: Any) -> Desired:
    return desire(made or roster(), profile(**parts))


def rows_of(desired: Desired, kind: str) -> dict[str, Row]:
    """The desired rows of a kind by key, their fields read."""
    return {
        row["key"]: row | {"fields": json.loads(row["fields"])}
        for row in desired.parts[kind].frame.iter_rows(named=True)
    }


def only(desired: Desired, kind: str) -> Row:
    """The one desired row of a kind."""
    (row,) = rows_of(desired, kind).values()
    return row


def codes(desired: Desired) -> list[str]:
    return sorted(finding.code for finding in desired.findings)


TEXT = st.text(st.sampled_from("aAbB9 <>/.@é\u00a0-_\n%"), max_size=12)
ODD = st.none() | TEXT
USUAL = st.sampled_from(["Ann", "Bea", "cleo", "dan", "eve", "flo", "gus", "Hal"])
NAMES = st.one_of(USUAL, USUAL, USUAL, USUAL, ODD)
IDS = st.sampled_from([*"abcdefghij", "A", "a/b", "x" * 300, "%2F", "é"])
ADDRESSES = st.sampled_from(
    [*(f"{name}@b.ch" for name in "abcdefg"), "A@b.ch", "a..b@b.ch", f"{'x' * 65}@b.ch"],
)
DATES = st.none() | st.dates(dt.date(2026, 3, 20), dt.date(2026, 11, 10))


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Small rosters with all that is odd and that a roster may hold."""

    def ids(least: int = 0) -> list[str]:
        return draw(st.lists(IDS, unique=True, min_size=least, max_size=5))

    def one_of(some: list[str]) -> str | None:
        return draw(st.none() | st.sampled_from(some)) if some else None

    orgs, sessions, courses, classes, users = ids(), ids(), ids(), ids(least=1), ids(least=2)
    tables: dict[str, list[Row]] = {
        "orgs": [{"sourcedId": org, "name": draw(TEXT)} for org in orgs],
        "academicSessions": [
            {
                "sourcedId": session,
                "title": draw(NAMES),
                "type": draw(st.sampled_from(["term", "schoolYear"])),
                "parentSourcedId": one_of(sessions),
                "schoolYear": draw(st.sampled_from([None, "2027", "2028"])),
                "startDate": draw(DATES),
                "endDate": draw(DATES),
            }
            for session in sessions
        ],
        "courses": [
            {"sourcedId": course, "title": draw(TEXT), "schoolYearSourcedId": one_of(sessions)} for course in courses
        ],
        "classes": [
            {
                "sourcedId": each,
                "title": draw(NAMES | st.just("x" * 300)),
                "classCode": draw(NAMES | st.just("x" * 300)),
                "courseSourcedId": one_of(courses),
                "schoolSourcedId": one_of(orgs),
                "termSourcedIds": draw(st.none() | st.lists(st.sampled_from(sessions), max_size=2))
                if sessions
                else None,
            }
            for each in classes
        ],
        "users": [
            {
                "sourcedId": user,
                "username": draw(NAMES | st.just("x" * 101)),
                "email": draw(st.one_of(st.none(), ADDRESSES, ADDRESSES, ODD)),
                "identifier": draw(NAMES),
                "givenName": draw(NAMES | st.just("n" * 300)),
                "familyName": draw(NAMES),
                "preferredGivenName": draw(NAMES),
                "enabledUser": draw(st.sampled_from([True, True, True, False, None])),
            }
            for user in users
        ],
        "roles": [
            {"userSourcedId": user, "role": draw(st.sampled_from(["student", "student", "teacher", "parent"]))}
            for user in users
        ],
        "enrollments": [],
    }
    if users and classes:
        places = draw(st.lists(st.tuples(st.sampled_from(users), st.sampled_from(classes)), max_size=10))
        tables["enrollments"] = [
            {
                "sourcedId": f"e{number}",
                "userSourcedId": user,
                "classSourcedId": each,
                "role": draw(st.sampled_from(["student", "student", "teacher", "proctor"])),
                "beginDate": draw(DATES),
                "endDate": draw(DATES),
            }
            for number, (user, each) in enumerate(places)
        ]
    return roster(**tables)


def shuffled(made: Roster, seed: int) -> Roster:
    """The same roster with the rows of every table in another order."""
    frames = {name: made.table(name).sample(fraction=1, shuffle=True, seed=seed) for name in TABLES}
    return Roster(**frames, scope=made.scope, unreadable=made.unreadable, unreadable_pairs=made.unreadable_pairs)
