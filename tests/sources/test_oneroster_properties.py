"""What holds for every delivery, right or damaged."""

import csv
import io
import random
import tempfile
from pathlib import Path

import polars as pl
import pytest
from deliveries import ROSTER_11, csv_text, deliver, enrollment, header_of, read, roster_12, user
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matricula.roster import TABLES, Roster
from matricula.roster.tables import Kind
from matricula.sources.rows import divide, find_header, parse, parse_plain, split_lines

FEW = settings(max_examples=40, deadline=None)
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufeff")
WORD = st.text(LETTERS, min_size=1, max_size=8)
GAP = st.sampled_from([" ", ", ", '"', '""', "\n", "\n\n", "; ", ""])
TEXT = st.builds(lambda first, gap, last: f"{first}{gap}{last}", WORD, GAP, WORD)
ID = st.text("abcdefXYZ0189.-_/@", min_size=1, max_size=12)


@st.composite
def people(draw) -> list[dict[str, str]]:
    names = draw(st.lists(ID, min_size=1, max_size=8, unique=True))
    optional = st.one_of(st.just(""), TEXT)
    return [
        {
            "sourcedId": name,
            "enabledUser": draw(st.sampled_from(["true", "false"])),
            "username": draw(TEXT),
            "givenName": draw(TEXT),
            "familyName": draw(TEXT),
            "middleName": draw(optional),
            "email": draw(optional),
            "phone": draw(optional),
        }
        for name in names
    ]


def read_in_temporary_folder(tables, version="1.1", **texts: str) -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        deliver(Path(folder), tables, version)
        for name, text in texts.items():
            (Path(folder) / f"{name}.csv").write_bytes(text.encode())
        return read(Path(folder))


def as_written(frame: pl.DataFrame, table: str, columns: list[str]) -> list[dict[str, str]]:
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    rows = []
    for row in frame.select(columns).iter_rows(named=True):
        cells = {}
        for name, value in row.items():
            if kinds[name] is Kind.BOOLEAN:
                cells[name] = str(value).lower()
            else:
                cells[name] = value or ""
        rows.append(cells)
    return rows


@FEW
@given(people(), st.sampled_from(["1.1", "1.2"]))
def test_what_is_written_is_read(rows, version):
    tables = {"users": rows}
    if version == "1.1":
        tables["users"] = [row | {"role": "student"} for row in rows]
    roster = read_in_temporary_folder(tables, version)
    assert as_written(roster.users, "users", list(rows[0])) == rows
    codes = {finding.code for finding in roster.findings}
    assert codes <= {"required-blank", "user-without-role", "encoding-double"}


@FEW
@given(people())
def test_lines_are_where_the_records_start(rows):
    rows = [row | {"role": "student"} for row in rows]
    header = header_of("users", "1.1")
    text = csv_text(header, rows)
    roster = read_in_temporary_folder({"users": rows})
    lines = text.replace("\r\n", "\n").split("\n")
    for line, name in roster.users.select("line", "sourcedId").iter_rows():
        assert lines[line - 1].startswith(f"{name},")


@pytest.mark.long
@FEW
@given(st.randoms(use_true_random=False), st.sampled_from(["1.1", "1.2"]))
def test_the_order_of_rows_does_not_matter(shuffler, version):
    tables = ROSTER_11 if version == "1.1" else roster_12()
    mixed = {name: shuffler.sample(rows, len(rows)) for name, rows in tables.items()}
    one, other = read_in_temporary_folder(tables, version), read_in_temporary_folder(mixed, version)
    for name in TABLES:
        key = "userSourcedId" if name == "roles" else "sourcedId"
        assert one.table(name).drop("line").sort(key).equals(other.table(name).drop("line").sort(key))


MANY = ROSTER_11 | {
    "users": [user(number, givenName=f'Ann "{number}"', familyName="Lee, Jr") for number in range(1, 9)],
    "enrollments": [enrollment(number, f"u{number}") for number in range(1, 9)],
}
USERS_TEXT = csv_text(header_of("users", "1.1"), MANY["users"])


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(
    victim=st.integers(1, 8),
    position=st.integers(0, 200),
    removed=st.integers(0, 6),
    inserted=st.text("\",;'x \\<é", max_size=4),
)
def test_a_damaged_line_costs_at_most_itself_and_what_refers_to_it(victim, position, removed, inserted):
    lines = USERS_TEXT.split("\r\n")
    line = lines[victim]
    # The sourcedId stays: a row that says it is someone else is that someone else.
    position = min(max(position, len(f"u{victim},")), len(line))
    lines[victim] = line[:position] + inserted + line[position + removed :]
    roster = read_in_temporary_folder(MANY, users="\r\n".join(lines))
    others = {f"u{number}" for number in range(1, 9)} - {f"u{victim}"}
    kept = set(roster.users["sourcedId"])
    assert others <= kept
    assert len(roster.unreadable.get("users", ())) == 8 - len(kept)
    assert {f"e{name[1:]}" for name in kept} == set(roster.enrollments["sourcedId"])
    whole = read_in_temporary_folder(MANY)
    columns = pl.exclude("line")
    untouched = pl.col("sourcedId").is_in(sorted(others))
    assert roster.users.filter(untouched).select(columns).equals(whole.users.filter(untouched).select(columns))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(USERS_TEXT.encode())))
def test_a_cut_file_never_makes_a_record_seem_absent(size):
    """Unless the cut is at the end of a line or inside its last cell, which nobody can tell from a shorter file."""
    cut = USERS_TEXT[:size]
    header_end = USERS_TEXT.index("\r\n")
    if size < header_end:
        return
    roster = read_in_temporary_folder(MANY, users=cut)
    kept = set(roster.users["sourcedId"])
    written = [row[0] for row in csv.reader(io.StringIO(cut))][1:]
    assert kept <= set(written)
    if len(kept) < len(written):
        assert not roster.scope.covers("users")


@pytest.mark.long
def test_rubbish_never_ends_in_anything_but_a_clear_error(tmp_path):
    """Random bytes put into a good file are read, reported or refused; nothing else happens."""
    chance = random.Random(7)
    folder = deliver(tmp_path, MANY)
    good = USERS_TEXT.encode()
    for _ in range(150):
        spoilt = bytearray(good)
        for _ in range(chance.randint(1, 30)):
            spoilt[chance.randrange(good.index(b"\n"), len(good))] = chance.randrange(1, 256)
        (folder / "users.csv").write_bytes(bytes(spoilt))
        roster = read(folder)
        lost = len(roster.unreadable.get("users", ())) + roster.unreadable_unknown.get("users", 0)
        assert roster.users.height + lost >= 1


RAGGED = st.lists(st.sampled_from(["a", "", " ", "é", "1,2", '"q"', "\r"]), max_size=4).map(",".join)
PLACES = st.sets(st.sampled_from(["one", "two", "three"]), min_size=1)


@given(st.lists(RAGGED, max_size=8), PLACES)
@example(lines=["1,2,3", "4,5", "6,7,8,"], places={"one"})
def test_reading_without_looking_at_each_line_gives_the_same_or_leaves_it_be(lines, places):
    data = "\n".join(["one,two,three", *lines]).encode()
    found = split_lines(data)
    header = find_header(found)
    positions = {name: place for place, name in enumerate(["one", "two", "three"]) if name in places}
    quickly = parse_plain(data, header, positions)
    if quickly is not None:
        rows = divide(found, header, data)
        assert rows.as_delivered
        assert quickly.equals(parse(rows, data, header, positions))


def test_a_file_of_plain_lines_is_read_without_looking_at_each_line():
    data = b"one,two,three\n1,2,3\n4,5,6"
    header = find_header(split_lines(data))
    assert parse_plain(data, header, {"two": 1}).rows() == [("2", 2), ("5", 3)]
    assert parse_plain(data + b"\n7,8", header, {"two": 1}) is None
    assert parse_plain(data + b"\n7,8\n9,10,11,12", header, {"two": 1}) is None
