"""What a profile's mappings make of the roster's records: input and result side by side. No Moodle is asked."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.errors import UsageError
from matricula.hub.deliveries import Reader
from matricula.hub.home import Home
from matricula.profiles import Desired, Profile, desire
from matricula.profiles.categories import named_by
from matricula.profiles.class_frame import classes
from matricula.profiles.cohorts import names_in_cohorts
from matricula.profiles.documents import Mapped
from matricula.profiles.enrolment_frame import SEPARATOR, enrolment_rows, with_properties
from matricula.profiles.fields import properties
from matricula.profiles.groups import names_in_groups
from matricula.profiles.person_frame import people, with_kind
from matricula.profiles.places import findings_placed
from matricula.roster import Finding, Roster

#: What can be shown, with its kind of record.
KINDS = {
    "users": "user",
    "courses": "course",
    "enrolments": "enrolment",
    "categories": "category",
    "groups": "group",
    "cohorts": "cohort",
}
ENTITIES = tuple(KINDS)


@dataclass(frozen=True)
class Shown:
    """One record.

    Args:
        key: its key.
        name: its name.
        input: the properties that the mappings name, by their names; of a record made of several rows, the first's.
        result: the fields that Moodle is to hold; a field that is None is left as it is.
        notes: what was found wrong with it.
    """

    key: str
    name: str
    input: Mapping[str, Any]
    result: Mapping[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """Records of one kind.

    Args:
        profile: the profile.
        timezone: the profile's time zone, in which moments are told.
        records: the first of them.
        of: how many there are.
        left_out: what was found wrong with records that are therefore not among them.
    """

    profile: str
    timezone: str
    records: tuple[Shown, ...]
    of: int
    left_out: tuple[str, ...]


def preview(home: Home, name: str, entity: str, limit: int, only: str | None = None) -> Preview:
    """What a profile's mappings make of the roster as it is now.

    Args:
        home: the home.
        name: the profile.
        entity: one of `ENTITIES`.
        limit: how many records are wanted.
        only: the sourcedId of a record, or a part of its name; by default all.

    Raises:
        UsageError: there is no such profile, or it is none of `ENTITIES`.
        MatriculaError: the roster cannot be read.
    """
    if entity not in KINDS:
        raise UsageError(
            f"“{entity}” cannot be shown.",
            where="matricula profile preview --entity",
            remedy=f"It takes one of: {', '.join(ENTITIES)}.",
            code="value-unknown",
        )
    profile = home.profile(name)
    roster = Reader(home, keep=False).read(profile.source)
    desired = desire(roster, profile)
    part = desired.parts[KINDS[entity]]
    chosen = meant(part.frame, only)
    first = chosen.sort("line", nulls_last=True, maintain_order=True).head(limit)
    came = _INPUTS[entity](roster, profile, desired, first)
    rules = findings_placed(part.findings, roster.files)
    findings = [*roster.findings, *rules]
    return Preview(
        profile=name,
        timezone=profile.timezone,
        records=tuple(_shown(row, came, findings) for row in first.iter_rows(named=True)),
        of=chosen.height,
        left_out=tuple(_told(found) for found in rules if found.severity == "error" and only is None),
    )


def meant(frame: pl.DataFrame, only: str | None) -> pl.DataFrame:
    """Records of this key or with this in their `name`; all where nothing is said."""
    if only is None:
        return frame
    part = pl.col("name").str.to_lowercase().str.contains(only.casefold(), literal=True)
    return frame.filter(part | (pl.col("key") == only))


def _shown(row: dict[str, Any], came: Mapping[str, dict[str, Any]], findings: list[Finding]) -> Shown:
    notes = tuple(_told(found) for found in findings if found.sourced_id == row["key"])
    return Shown(row["key"], row["name"], came.get(row["key"], {}), json.loads(row["fields"]), notes)


def _told(found: Finding) -> str:
    return f"{found.place}: {found.message}"


def by_key(rows: pl.DataFrame, key: pl.Expr, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The properties of the first row of each key."""
    first = rows.select(key.alias("key"), *(pl.col(name) for name in names if name in rows.columns))
    return {row.pop("key"): row for row in first.unique("key", keep="first", maintain_order=True).iter_rows(named=True)}


def _of_mapped(mapped: Mapping[str, Mapped], *others: str | None) -> tuple[str, ...]:
    return properties(*(each.value for each in mapped.values()), *others)


Inputs = Callable[[Roster, Profile, Desired, pl.DataFrame], dict[str, dict[str, Any]]]


def _users(roster: Roster, profile: Profile, _: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    rules = profile.users
    pairs = [pair.value for pair in rules.match]
    names = _of_mapped(rules.mapped(), *pairs, rules.only.value if rules.only else None)
    return properties_of_people(
        roster, profile, ("person.kind", *(name for name in names if name != "person.kind")), first["key"]
    )


def properties_of_people(
    roster: Roster, profile: Profile, names: tuple[str, ...], keys: pl.Series
) -> dict[str, dict[str, Any]]:
    """Properties of some people, by their sourcedIds."""
    found = with_kind(people(roster, names), profile.users).filter(pl.col("sourcedId").is_in(keys.implode()))
    return by_key(found, pl.col("sourcedId"), names)


def _courses(roster: Roster, profile: Profile, _: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    rules = profile.courses
    own = _of_mapped(rules.mapped(profile.basis), rules.template, rules.only.value if rules.only else None)
    names = tuple(dict.fromkeys((*own, *named_by(profile.categories))))
    found = classes(roster, profile, names).filter(pl.col("course").is_in(first["key"].implode()))
    return by_key(found.sort("class"), pl.col("course"), names)


def _categories(roster: Roster, profile: Profile, desired: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Of each category the properties of the first class in it or below it."""
    names = named_by(profile.categories)
    if not names:
        return {}
    found = classes(roster, profile, names).join(
        desired.parts["course"].frame.select("category", course="key"), on="course"
    )
    below = found.sort("class").with_columns(path=pl.col("category") + "/")
    held = {key: below.filter(pl.col("path").str.starts_with(f"{key}/")).head(1) for key in first["key"]}
    return {key: rows.select(names).row(0, named=True) for key, rows in held.items() if rows.height}


def _enrolments(roster: Roster, profile: Profile, desired: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    days = [day.value for day in (profile.enrolments.start, profile.enrolments.end) if day]
    names = tuple(dict.fromkeys(("enrolment.role", *properties(*days))))
    return _rows(roster, profile, desired, names, dict(zip(first["key"], first["key"], strict=True)))


def _groups(roster: Roster, profile: Profile, desired: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Of each group the properties of the first enrolment that puts somebody into it."""
    members = desired.parts["group-member"].frame["key"].str.split_exact(SEPARATOR, 2).struct.unnest()
    placed = members.select(
        pair=pl.concat_str("field_0", "field_1", separator=SEPARATOR),
        group=pl.concat_str("field_1", "field_2", separator=SEPARATOR),
    ).filter(pl.col("group").is_in(first["key"].implode()))
    enrolments = {group: pair for pair, group in placed.unique("group", keep="first", maintain_order=True).iter_rows()}
    return _rows(roster, profile, desired, ("enrolment.role", *names_in_groups(profile)), enrolments)


def _rows(
    roster: Roster, profile: Profile, desired: Desired, names: tuple[str, ...], enrolments: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Properties of some enrolments: for each key wanted that of the enrolment with the key named."""
    known, parts = classes(roster, profile, names), desired.parts
    rows = enrolment_rows(roster, parts["user"], known, parts["course"], profile)
    pair = pl.concat_str("user", "course", separator=SEPARATOR)
    rows = rows.filter(pair.is_in(list(enrolments.values())))
    named = with_properties(rows, with_kind(people(roster, names), profile.users), known, names)
    came = by_key(named.sort("sourcedId"), pair, names)
    return {key: came[enrolment] for key, enrolment in enrolments.items() if enrolment in came}


def _cohorts(roster: Roster, profile: Profile, desired: Desired, first: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Of each cohort the properties of the first person in it."""
    members = desired.parts["cohort-member"].frame["key"].str.split_exact(SEPARATOR, 1).struct.unnest()
    held = members.filter(pl.col("field_1").is_in(first["key"].implode())).unique(
        "field_1", keep="first", maintain_order=True
    )
    came = properties_of_people(roster, profile, names_in_cohorts(profile), held["field_0"])
    return {cohort: came[person] for person, cohort in held.iter_rows()}


_INPUTS: Mapping[str, Inputs] = {
    "users": _users,
    "courses": _courses,
    "enrolments": _enrolments,
    "categories": _categories,
    "groups": _groups,
    "cohorts": _cohorts,
}
