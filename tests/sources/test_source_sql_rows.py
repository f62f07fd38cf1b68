"""Values of a database as cells of a roster."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.roster import TABLES
from matricula.roster.tables import Kind
from matricula.sources.sql.rows import frame_of_rows, names_of, text_of

USERS = TABLES["users"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Zoë", "Zoë"),
        (4711, "4711"),
        (2**70, str(2**70)),
        (True, "true"),
        (12.0, "12"),
        (12.5, "12.5"),
        (Decimal("4711.00"), "4711"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.50"), "0.50"),
        (date(2026, 8, 15), "2026-08-15"),
        (datetime.combine(date(2026, 8, 15), time()), "2026-08-15"),
        (datetime.combine(date(2026, 8, 15), time(7, 30)), "2026-08-15T07:30:00"),
        (datetime(2026, 8, 15, 7, 30, tzinfo=UTC), "2026-08-15T07:30:00+00:00"),
        (bytes.fromhex("00ff10" * 4), "00ff10" * 4),
        (memoryview(b"\xab\xcd"), "abcd"),
        (UUID("12345678-1234-5678-1234-567812345678"), "12345678-1234-5678-1234-567812345678"),
        (["s1", "s2", None], "s1,s2"),
        ({"b", "a"}, "a,b"),
        (timedelta(hours=7), "7:00:00"),
        (None, None),
    ],
)
def test_a_value_becomes_text(value, cell):
    assert text_of([value], Kind.TEXT).to_list() == [cell]
    # The same beside a value of another type: a key must not change with its neighbours.
    assert text_of([value, "x", 1], Kind.TEXT).to_list()[0] == cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [(1, "true"), (0, "false"), ("1", "true"), (b"\x01", "true"), (b"\x00", "false"), (True, "true"), (None, None)],
)
def test_booleans_of_databases_without_booleans(value, cell):
    assert text_of([value], Kind.BOOLEAN).to_list() == [cell]
    assert text_of([value, "no"], Kind.BOOLEAN).to_list() == [cell, "no"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("0000-00-00", None),
        ("0000-00-00 00:00:00", None),
        ("infinity", None),
        ("2026-08-15 00:00:00", "2026-08-15"),
        ("2026-08-15T00:00:00.000", "2026-08-15"),
        ("2026-08-15 07:30:00", "2026-08-15 07:30:00"),
        (datetime.combine(date(2026, 8, 15), time()), "2026-08-15"),
        (date(2026, 8, 15), "2026-08-15"),
    ],
)
def test_days(value, cell):
    assert text_of([value], Kind.DATE).to_list() == [cell]
    assert text_of([value, "2026-01-01"], Kind.DATE).to_list() == [cell, "2026-01-01"]


VALUES = (
    st.none()
    | st.text()
    | st.integers()
    | st.booleans()
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False)
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8), st.integers(1, 4))
def test_how_many_rows_are_fetched_at_a_time_changes_nothing(rows, size):
    names = {0: "sourcedId", 1: "metadata.x"}
    whole = frame_of_rows("users", iter([rows] if rows else []), names)
    parts = frame_of_rows("users", iter([rows[i : i + size] for i in range(0, len(rows), size)]), names)
    assert parts.equals(whole)
    assert whole.schema == {"sourcedId": pl.String, "metadata.x": pl.String}


def test_names_are_known_whatever_the_database_makes_of_capitals():
    given_names = ["SOURCEDID", "given_name", "familyname", "Metadata.House", "photo"]
    assert list(names_of(USERS, "1.1", given_names, {}).values()) == [
        "sourcedId", "givenName", "familyName", "metadata.House", "photo",
    ]  # fmt: skip


def test_names_of_their_own_are_mapped_and_take_precedence():
    mapped = {"sourcedId": "STUDENT_ID", "metadata.house": "House"}
    names = names_of(USERS, "1.1", ["student_id", "sourcedid", "house", "email", "EMAIL"], mapped)
    assert names == {0: "sourcedId", 2: "metadata.house", 3: "email"}


def test_columns_of_another_version_are_not_taken_for_known():
    assert names_of(USERS, "1.1", ["preferredgivenname"], {}) == {0: "preferredgivenname"}
