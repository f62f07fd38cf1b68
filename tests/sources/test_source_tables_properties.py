"""What holds for every map and every file."""

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from own_tables import WIDE, read
from workbooks import write_ods, write_xlsx

from matricula.roster import TABLES, Roster
from matricula.sources.tables.keys import joined, made

FEW = settings(max_examples=15, deadline=None)
WORD = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]), min_size=1, max_size=6
)
HEAD = ["Student ID", "First", "Last", "Year", "Course code", "Course", "Teacher e-mail"]
KEY = st.text("aB9 ./_-@é|ß", min_size=1, max_size=4).map(str.strip).filter(bool)


@given(st.lists(st.tuples(st.none() | KEY, KEY), min_size=2, max_size=12, unique=True))
@settings(max_examples=100, deadline=None)
def test_different_keys_never_make_the_same_id(pairs):
    frame = pl.DataFrame(pairs, schema={"a": pl.String, "b": pl.String}, orient="row")
    ids = made(frame, ["a", "b"])
    assert ids.n_unique() == len(pairs)
    assert ids.str.contains(r"^[0-9A-Za-z._/@-]{1,90}$").all()
    assert frame.select(joined("a", "b")).to_series().n_unique() == len(pairs)


def test_a_long_key_makes_an_id_of_its_own_that_moodle_can_take():
    frame = pl.DataFrame({"a": ["Mathématiques " * 30 + "1", "Mathématiques " * 30 + "2"]})
    ids = made(frame, ["a"])
    assert ids.n_unique() == 2
    assert ids.str.len_bytes().max() <= 90


@st.composite
def places(draw) -> list[list[str]]:
    people = draw(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=4))
    courses = draw(st.lists(WORD, min_size=1, max_size=3))
    pairs = draw(
        st.lists(st.tuples(st.integers(0, len(people) - 1), st.integers(0, len(courses) - 1)), min_size=1, max_size=8)
    )
    return [[f"s{who}", *people[who], "7", f"c{what}", courses[what], f"t{what}@oak.example"] for who, what in pairs]


def csv_of(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue()


def content(roster: Roster) -> dict[str, set[tuple[object, ...]]]:
    told = {}
    for name in TABLES:
        frame = roster.table(name).drop("line")
        lists = [column for column, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
        told[name] = set(frame.with_columns(pl.col(lists).list.join(",")).rows())
    return told


def read_in_folder(rows: list[list[str]], kind: str = "csv") -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"wide.{kind}"
        if kind == "csv":
            path.write_bytes(csv_of(rows).encode())
        else:
            {"xlsx": write_xlsx, "ods": write_ods}[kind](path, {"S": [HEAD, *rows]})
        return read(path, {name: value for name, value in WIDE.items() if name != "file"})


@FEW
@given(places())
def test_what_stands_in_the_file_stands_in_the_roster(rows):
    roster = read_in_folder(rows)
    named = {(row[0], row[1], row[2]) for row in rows}
    assert named <= set(roster.users.select("sourcedId", "givenName", "familyName").rows())
    students = roster.enrollments.filter(pl.col("role") == "student")
    assert students.height == len({(row[0], row[4]) for row in rows})
    assert all(roster.scope.covers(name) for name in TABLES)


@FEW
@given(places(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_rows_that_come_twice_do_not_matter(rows, shuffler):
    mixed = shuffler.sample([*rows, rows[0]], len(rows) + 1)
    assert content(read_in_folder(rows)) == content(read_in_folder(mixed))


@FEW
@given(places(), st.sampled_from(["xlsx", "ods"]))
def test_a_workbook_says_what_the_csv_says(rows, kind):
    assert content(read_in_folder(rows)) == content(read_in_folder(rows, kind))
