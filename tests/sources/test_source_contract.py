"""What every kind of source must do. A new kind joins with one line in `KINDS`."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sql_school
from deliveries import deliver
from directory_school import contract_directory
from oneroster_service import SECRET, standing
from own_tables import one_wide_file
from rest_services import Whole, whole_service
from two_sources import combined, read_from

from matricula.errors import MatriculaError, SettingError
from matricula.roster import CODES, TABLES, Roster
from matricula.sources import SOURCES, Surroundings, open_source

KINDS: dict[str, Callable[[Path], Mapping[str, Any]]] = {
    "oneroster-csv": lambda folder: {"type": "oneroster-csv", "path": str(deliver(folder))},
    "oneroster-rest": standing,
    "rest": lambda _: Whole.settings(whole_service()),
    "sql": sql_school.settings,
    "tables": one_wide_file,
    "ldap": lambda _: contract_directory(),
    "combined": combined,
}
"""For each kind: prepares a school with at least one record in each table and gives the settings that read it."""

SURROUNDINGS: dict[str, Callable[[Path], Surroundings]] = {
    "combined": read_from,
    "oneroster-rest": lambda _: Surroundings(secret=lambda _: SECRET),
}
"""For kinds that ask something of the hub: what answers, by the folder that the school was prepared in."""


@pytest.fixture(params=KINDS)
def settings(request, tmp_path) -> Mapping[str, Any]:
    return KINDS[request.param](tmp_path)


@pytest.fixture
def surroundings(settings, tmp_path) -> Surroundings:
    return SURROUNDINGS.get(settings["type"], lambda _: Surroundings())(tmp_path)


@pytest.fixture
def roster(settings, surroundings) -> Roster:
    return open_source(settings, surroundings).deliver().roster()


def test_every_kind_is_in_this_suite():
    assert set(KINDS) == set(SOURCES)


def test_every_table_has_its_schema_and_records(roster):
    for name, table in TABLES.items():
        columns = table.schema | dict.fromkeys(roster.extensions(name), pl.String())
        assert list(roster.table(name).schema.items()) == list(columns.items())
    assert all(count > 0 for count in roster.counts().values())


def test_sourced_ids_are_there_once(roster):
    for name in TABLES:
        ids = roster.table(name)["sourcedId"].drop_nulls()
        assert ids.n_unique() == ids.len()
        if name != "roles":
            assert ids.len() == roster.table(name).height


def test_every_pointer_leads_to_a_record(roster):
    for name, table in TABLES.items():
        for column in table.columns:
            if column.refers:
                cells = roster.table(name)[column.name]
                cells = cells.explode() if cells.dtype == pl.List(pl.String) else cells
                known = set(roster.table(column.refers)["sourcedId"])
                assert set(cells.drop_nulls()) <= known, (name, column.name)


def test_blank_cells_are_null(roster):
    for name in TABLES:
        frame = roster.table(name)
        texts = frame.select(pl.col(pl.String))
        assert not texts.select(pl.any_horizontal(pl.all().fill_null("x").str.strip_chars() == "")).to_series().any()


def test_a_complete_delivery_says_so_and_where_it_is_from(roster):
    assert all(roster.scope.covers(name) for name in TABLES)
    assert roster.origin


def test_reading_twice_gives_the_same(settings, surroundings, roster):
    again = open_source(settings, surroundings).deliver().roster()
    assert again.findings == roster.findings
    assert all(again.table(name).equals(roster.table(name)) for name in TABLES)


def test_findings_are_known_kinds(roster):
    assert all(finding.code in CODES for finding in roster.findings)


def test_a_roster_cannot_be_changed(roster):
    with pytest.raises(dataclasses.FrozenInstanceError):
        roster.origin = "elsewhere"


def test_an_unknown_setting_is_refused_by_name(settings):
    with pytest.raises(SettingError, match="colour"):
        open_source({**settings, "colour": "green"})


def test_every_setting_has_a_description(settings):
    model = type(open_source(settings).settings)
    assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize("document", [{}, {"type": "carrier-pigeon"}, {"type": 7}])
def test_an_unknown_kind_is_refused_with_the_kinds_there_are(document):
    with pytest.raises(SettingError) as error:
        open_source(document)
    assert all(kind in str(error.value) for kind in SOURCES)
    assert isinstance(error.value, MatriculaError)
