"""Presets: their head, their parameters, and the words of a dialect."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from matricula.sources.sql.presets import Preset, open_preset, preset_names, read_preset

HEAD = """
title: A system
about: What it reads.
version: "1.1"
dialects: [sqlite]
parameters:
  year: {description: The school year., kind: number, required: true}
  day: {description: The day., kind: day}
  kind: {description: The kind., kind: choice, choices: [day, boarding], default: day}
  without: {description: Subjects left out., kind: list, default: [Lunch]}
tables: {users: people}
complete: [users]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "preset.yaml").write_text(HEAD)
    (tmp_path / "people.sql").write_text("SELECT 1 AS sourcedId")
    (tmp_path / "people.mssql.sql").write_text("SELECT TOP 1 1 AS sourcedId")
    return tmp_path


@pytest.fixture
def head(folder) -> Preset:
    return read_preset("system", folder).head


def test_a_dialect_has_words_of_its_own_where_it_needs_them(folder):
    preset = read_preset("system", folder)
    assert preset.queries("sqlite")["users"].sql == "SELECT 1 AS sourcedId"
    assert preset.queries("mssql")["users"].sql == "SELECT TOP 1 1 AS sourcedId"
    assert preset.queries("mssql")["users"].origin == "system/people.mssql.sql"


def test_parameters_get_their_values_and_defaults(head):
    assert head.values({"year": "2026", "day": "2026-08-15"}) == {
        "year": 2026, "day": date(2026, 8, 15), "kind": "day", "without": ["Lunch"],
    }  # fmt: skip
    assert head.values({"year": 2026})["day"] is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "year is needed: The school year."),
        ({"year": 2026, "yaer": 1}, "there is no parameter yaer; did you mean year?"),
        ({"year": 2026, "colour": 1}, "known are year, day, kind, without"),
        ({"year": "soon"}, "year: a number is needed"),
        ({"year": True}, "year: a number is needed"),
        ({"year": [2026]}, "year: a number is needed, not a list"),
        ({"year": 2026, "day": "15.8.2026"}, "day: a day is needed, as 2026-08-15"),
        ({"year": 2026, "kind": "night"}, "kind: may be day or boarding"),
    ],
)
def test_parameters_that_do_not_fit_are_refused_with_what_does(head, given, words):
    with pytest.raises(ValueError, match=words.replace("?", r"\?")):
        head.values(given)


@pytest.mark.parametrize(
    "change",
    [
        {"tables": {"pupils": "people"}},
        {"complete": ["classes"]},
        {"version": "2"},
        {"colour": "green"},
        {"parameters": {"today": {"description": "x"}}},
        {"parameters": {"year": {"description": "x", "required": True, "default": 1}}},
        {"parameters": {"kind": {"description": "x", "kind": "choice"}}},
        {"parameters": {"year": {"description": "x", "kind": "number", "default": "soon"}}},
    ],
)
def test_a_head_that_does_not_fit_is_refused(head, change):
    with pytest.raises(ValidationError):
        Preset.model_validate(head.model_dump() | change)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_of_the_package_reads_and_uses_only_its_parameters(name):
    preset = open_preset(name)
    for dialect in ("sqlite", "mysql", "mariadb", "postgresql", "mssql", "oracle"):
        for query in preset.queries(dialect).values():
            assert query.fault(dialect) == "", query.origin
            assert set(query.parameters) <= {"today", *preset.head.parameters}, query.origin


def test_parts_come_in_the_place_of_their_lines_in_the_dialects_own_words(tmp_path):
    (tmp_path / "preset.yaml").write_text(HEAD)
    (tmp_path / "people.sql").write_text("SELECT x.id\nFROM (\n    -- part: outer\n) x\n")
    (tmp_path / "outer.part.sql").write_text("SELECT *\n-- part: inner\n")
    (tmp_path / "inner.part.sql").write_text("FROM pupils\n")
    (tmp_path / "inner.part.mssql.sql").write_text("FROM dbo.pupils\n")
    preset = read_preset("system", tmp_path)
    told = {dialect: preset.queries(dialect)["users"].sql for dialect in ("sqlite", "mssql")}
    assert told["sqlite"].strip() == "SELECT x.id\nFROM (\n    SELECT *\n    FROM pupils\n) x"
    assert told["mssql"] == told["sqlite"].replace("FROM pupils", "FROM dbo.pupils")
