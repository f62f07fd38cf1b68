"""Rosters that nobody on this project wrote."""

import shutil

import polars as pl
import pytest
from deliveries import deliver, deliver_now, found, read, real_rosters, roster_12

from matricula.errors import SettingError, StopError
from matricula.roster import TABLES, DeliveryRefusedError, lay_over


@pytest.mark.parametrize("sample", ["catalyst-full-1.1", "catalyst-minimal-1.1"])
def test_catalyst(sample):
    roster = read(real_rosters() / sample)
    assert roster.counts() == {
        "orgs": 1,
        "academicSessions": 5,
        "courses": 0,
        "classes": 2,
        "users": 6,
        "roles": 6,
        "enrollments": 6,
    }
    assert {finding.severity for finding in roster.findings} == {"warning"}
    assert not roster.scope.covers("courses")
    assert roster.scope.covers("users")


@pytest.mark.parametrize(("sample", "users", "enrollments"), [("highschool-1.1", 53, 364), ("district-1.1", 268, 1855)])
def test_generated_schools(sample, users, enrollments):
    roster = read(real_rosters() / sample)
    assert (roster.users.height, roster.enrollments.height) == (users, enrollments)
    assert {finding.code for finding in roster.findings} == {"year-spelling"}
    assert set(roster.academicSessions["schoolYear"]) == {"2027"}
    assert all(roster.scope.covers(name) for name in TABLES)


def test_header_only_files():
    roster = read(real_rosters() / "nicelion-1.1")
    assert set(roster.counts().values()) == {0}
    assert [finding.file for finding in found(roster, "file-unknown")] == ["outputs_users.csv"]


def test_two_thousand_users_of_an_unknown_org(tmp_path):
    sample = real_rosters() / "nicelion-1.1"
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    (tmp_path / "outputs_users.csv").rename(tmp_path / "users.csv")
    roster = read(tmp_path)
    assert roster.users.height == 1999
    assert [(f.column, f.count) for f in found(roster, "reference-unknown")] == [("orgSourcedIds", 1999)]
    assert roster.users["agentSourcedIds"].list.len().drop_nulls().gt(1).sum() == 786
    assert len(roster.findings) < 10


def test_delta_before_anything_complete_is_refused():
    with pytest.raises(SettingError, match=r"changes only \(delta\)") as error:
        read(real_rosters() / "catalyst-delta-1.2")
    assert error.value.code == "delta-without-bulk"


def test_delta_over_a_complete_delivery(tmp_path):
    users = [row | {"sourcedId": name} for row, name in zip(roster_12()["users"], ("USER_0", "u2", "u3"), strict=True)]
    tables = roster_12() | {"users": users, "orgs": [], "enrollments": [], "roles": []}
    before = deliver_now(deliver(tmp_path, tables, "1.2"))
    delta = deliver_now(real_rosters() / "catalyst-delta-1.2")
    assert set(delta.changed_tables) == set(TABLES)
    roster = lay_over(before, delta).roster()
    counts = {"orgs": 1, "academicSessions": 2, "courses": 2, "classes": 3, "users": 3, "roles": 1, "enrollments": 1}
    assert roster.counts() == counts
    bruce = roster.users.row(by_predicate=pl.col("sourcedId") == "USER_0", named=True)
    assert (bruce["familyName"], bruce["role"], bruce["orgSourcedIds"]) == ("Wayne", "student", ["ORG_1"])
    assert all(roster.scope.covers(name) for name in TABLES)


def test_delta_called_bulk_reads(tmp_path):
    shutil.copytree(real_rosters() / "catalyst-delta-1.2", tmp_path, dirs_exist_ok=True)
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("delta", "bulk"))
    roster = read(tmp_path)
    assert set(roster.counts().values()) == {1}
    assert roster.users.select("role", "orgSourcedIds").row(0) == ("student", ["ORG_1"])
    assert {finding.code for finding in roster.findings} == {"value-spelling"}


def test_a_column_whose_name_is_misspelt_is_told_by_both_names(tmp_path):
    shutil.copytree(real_rosters() / "district-1.1", tmp_path, dirs_exist_ok=True)
    users = tmp_path / "users.csv"
    whole = users.read_text(encoding="utf-8")
    users.write_text(whole.replace("sourcedId", "sourceID", 1), encoding="utf-8")
    with pytest.raises(StopError, match=r"no column sourcedId \(sourceID is like it\), and"):
        read(tmp_path)
    users.write_text(whole.partition("\n")[2], encoding="utf-8")
    with pytest.raises(StopError, match="no column sourcedId, "):
        read(tmp_path)


@pytest.mark.parametrize("sample", ["ms-sds-2", "ms-sds-2.1"])
def test_other_formats_are_refused_by_file_and_column(sample):
    with pytest.raises(StopError, match=r"\.csv line 1: There is no column sourcedId"):
        read(real_rosters() / sample)


@pytest.mark.parametrize(
    ("sample", "codes"),
    [
        ("catalyst-minimal-1.1", {"value-spelling", "reference-unknown"}),
        ("highschool-1.1", {"bulk-filled", "year-spelling"}),
        ("nicelion-1.1", {"table-empty", "file-unknown", "file-undeclared"}),
    ],
)
def test_strict_mode_refuses_them(sample, codes):
    with pytest.raises(DeliveryRefusedError) as error:
        read(real_rosters() / sample, strict=True)
    assert {finding.code for finding in error.value.findings} == codes
