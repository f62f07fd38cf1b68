"""Findings and changes say what a row was read from, whatever kind of source it was."""

import polars as pl
import pytest

from matricula.profiles.places import changes_placed, findings_placed
from matricula.roster import Finding

FILES = {"users": "pupils.xlsx, sheet $1", "classes": "classes.csv"}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("users.csv line 2", "pupils.xlsx, sheet $1 line 2"),
        ("users", "pupils.xlsx, sheet $1"),
        ("classes.csv line 7", "classes.csv line 7"),
        ("enrollments.csv line 7", "enrollments.csv line 7"),
        ("users.csv line 2 of another kind", "users.csv line 2 of another kind"),
        (None, None),
    ],
)
def test_places_of_changes(place, told):
    frame = pl.DataFrame({"place": [place]}, schema={"place": pl.String})
    assert changes_placed(frame, FILES)["place"].to_list() == [told]


def test_findings_of_rules_and_no_others():
    of_rules = Finding("x", "error", "Wrong.", file="users.csv", table="users")
    of_reading = Finding("x", "error", "Wrong.", file="old.csv", table="users")
    unknown = Finding("x", "error", "Wrong.", file="orgs.csv", table="orgs")
    placed = findings_placed([of_rules, of_reading, unknown], FILES)
    assert [found.file for found in placed] == ["pupils.xlsx, sheet $1", "old.csv", "orgs.csv"]
