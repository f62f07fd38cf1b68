"""Extension columns, whatever the source: which of those handed over reach the roster."""

import polars as pl

from matricula.roster import TABLES, Draft, FindingBook, build_roster

CELLS = {"sourcedId": "o1", "name": "Oak School", "type": "school", "metadata.b": "2", "metadata.a": "1"}
NOT_READ = {"metadata.a b": "x", "metadata.": "x", "metadata.password": "x", "colour": "x"}


def test_only_well_named_columns_that_speak_of_no_secret_reach_the_roster():
    frame = pl.DataFrame([NOT_READ | CELLS]).with_columns(line=pl.lit(2, pl.Int64))
    roster = build_roster({"orgs": Draft(TABLES["orgs"], frame, "orgs.csv")}, "1.1", FindingBook(), "test")
    assert roster.findings == ()
    assert roster.extensions("orgs") == ("metadata.b", "metadata.a")
    assert roster.orgs.columns == [*TABLES["orgs"].schema, "metadata.b", "metadata.a"]
    assert roster.orgs.select("metadata.a", "metadata.b").row(0) == ("1", "2")


def test_text_without_any_value_is_text_all_the_same():
    frame = pl.DataFrame([CELLS]).with_columns(line=pl.lit(2, pl.Int64)).with_columns(pl.lit(None).alias("metadata.a"))
    roster = build_roster({"orgs": Draft(TABLES["orgs"], frame, "orgs.csv")}, "1.1", FindingBook(), "test")
    assert roster.orgs["metadata.a"].dtype == pl.String
