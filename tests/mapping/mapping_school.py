"""The properties, lookup tables and records that the tests of the mapping language use."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from matricula.profiles.mapping import Property, Vocabulary, compiled, parse

KINDS: dict[str, Literal["text", "list", "date", "number", "boolean"]] = {
    "person.givenName": "text",
    "person.preferredName": "text",
    "person.middleName": "text",
    "person.familyName": "text",
    "person.email": "text",
    "person.grades": "list",
    "person.enabled": "boolean",
    "group.id": "text",
    "group.title": "text",
    "group.size": "number",
    "subject.title": "text",
    "enrolment.beginDate": "date",
}
VOCABULARY = Vocabulary({name: Property(name, kind, "") for name, kind in KINDS.items()}, ("person.metadata.",))
HOUSE = "person.metadata.house"
TYPES: dict[str, Any] = {
    "text": pl.String,
    "list": pl.List(pl.String),
    "date": pl.Date,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}
TABLES = {"houses": {"Red": "House of the Lion", "blue": "House of the Owl", "none": ""}, "yes-no": {"true": "yes"}}

ZOE: dict[str, Any] = {
    "person.givenName": "Zoë",
    "person.familyName": "Østergård",
    "person.email": "Zoe.Ostergard@School.example",
    "person.grades": ["09", "10"],
    "person.enabled": True,
    "group.id": "9B/Art",
    "group.title": "9B",
    "group.size": 24.0,
    "subject.title": "ART and design",
    "enrolment.beginDate": dt.date(2026, 9, 1),
    HOUSE: " Red ",
}
"""The person and class of docs/mapping.md."""


def frame(*records: Mapping[str, Any]) -> pl.DataFrame:
    """Records as a frame that has all columns; what a record does not tell is null."""
    schema = {name: TYPES[kind] for name, kind in KINDS.items()} | {HOUSE: pl.String}
    return pl.DataFrame([{name: record.get(name) for name in schema} for record in records], schema=schema)


def mapped(template: str, *records: Mapping[str, Any], case: Literal["none", "lower", "upper"] = "none") -> list[str]:
    """What a template gives for each record."""
    expression = compiled(parse(template), VOCABULARY, TABLES, case=case)
    return frame(*records).select(expression.alias("result"))["result"].to_list()


def for_zoe(template: str, **changes: Any) -> str:
    """What a template gives for Zoë; `person__email="x"` changes her `person.email`."""
    (result,) = mapped(template, ZOE | {name.replace("__", "."): value for name, value in changes.items()})
    return result
