"""Two sources for the tests of what is made of two: a school's system, and a directory of its people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from deliveries import ROSTER_11, Row, deliver, enrollment, user

from matricula.errors import SettingError
from matricula.roster import TABLES, Delivery, Draft, Roster
from matricula.sources import Surroundings, open_source

Rows = Sequence[Mapping[str, str | None]]


def sis(folder: Path, **tables: list[Row]) -> Delivery:
    """What the school's system delivers: three people, two classes, four enrolments."""
    read = open_source({"type": "oneroster-csv", "path": str(deliver(folder / "sis", ROSTER_11 | tables))})
    return read.deliver()


def directory(folder: Path, rows: list[Row]) -> Delivery:
    """What a directory delivers: people alone."""
    tables = {"users": rows, "orgs": ROSTER_11["orgs"]}
    return open_source({"type": "oneroster-csv", "path": str(deliver(folder / "ad", tables))}).deliver()


def of_ad(number: int, **changes: str) -> Row:
    """Somebody in the directory, by a sourcedId of its own there."""
    row = user(number, sourcedId=f"guid-{number}", username=f"login{number}", email=f"User{number}@School.Example")
    return {**row, "givenName": f"Known{number}", **changes}


AD = [of_ad(1), of_ad(2), of_ad(3)]


def surroundings(**deliveries: Delivery) -> Surroundings:
    """What a source gets that asks for others."""

    def delivery_of(name: str) -> Delivery:
        if name not in deliveries:
            raise SettingError(f"There is no source named “{name}”.", code="source-unknown")
        return deliveries[name]

    return Surroundings(delivery_of=delivery_of)


def join(courses: Delivery, people: Delivery, **settings: Any) -> Delivery:
    """What both together deliver."""
    document = {"type": "combined", "courses": "sis", "people": "ad", "join": "email"} | settings
    return open_source(document, surroundings(sis=courses, ad=people)).deliver()


def changed(delivery: Delivery, table: str, **changes: Any) -> Delivery:
    """A delivery of which one table is otherwise."""
    draft = delivery.drafts[table]
    return replace(delivery, drafts={**delivery.drafts, table: replace(draft.copy(), **changes)})


def without(delivery: Delivery, *tables: str) -> Delivery:
    """A delivery without some tables."""
    return replace(delivery, drafts={name: draft for name, draft in delivery.drafts.items() if name not in tables})


def places_by(column: str, folder: Path) -> Delivery:
    """A school's system without people, whose enrolments name them by another column of theirs."""
    named = {f"u{number}": f"{user(number)[column]}" for number in (1, 2, 3)}
    rows = [enrollment(1, named["u1"], role="teacher"), enrollment(2, named["u2"]), enrollment(3, named["u3"], "c2")]
    return without(sis(folder, enrollments=rows), "users")


def one(roster: Roster, sourced_id: str) -> dict[str, Any]:
    """Somebody of a roster."""
    return roster.users.filter(pl.col("sourcedId") == sourced_id).row(0, named=True)


def codes(roster: Roster) -> set[str]:
    """The kinds of findings of joining."""
    return {found.code for found in roster.findings if found.code.startswith("combined-")}


def draft(table: str, rows: Rows, **settings: Any) -> Draft:
    """A table as a source makes it."""
    frame = pl.DataFrame(list(rows), infer_schema_length=None).with_row_index("line", 1)
    return Draft(TABLES[table], frame.with_columns(pl.col("line").cast(pl.Int64)), f"{table}.csv", **settings)


def combined(folder: Path) -> dict[str, Any]:
    """Prepares both sources and gives the settings that join them."""
    sis(folder)
    directory(folder, AD)
    return {"type": "combined", "courses": "sis", "people": "ad", "join": "email"}


def read_from(folder: Path) -> Surroundings:
    """Surroundings that know the sources prepared by `combined`."""
    sources = {name: {"type": "oneroster-csv", "path": str(folder / name)} for name in ("sis", "ad")}
    return Surroundings(delivery_of=lambda name: open_source(sources[name]).deliver())
