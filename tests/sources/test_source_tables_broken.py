"""Files as they really come: in other encodings, cut, with titles above and totals below, or not at all."""

import zipfile

import polars as pl
import pytest
from own_tables import (
    STUDENTS,
    STUDENTS_TEXT,
    TEACHERS,
    TEACHERS_TEXT,
    codes,
    delivered,
    found,
    read,
    rows,
    with_columns,
    write,
)

from matricula.errors import MatriculaError, SettingError, StopError
from matricula.sources.tables.encodings import guessed

NAMES = {"Müller", "Lee", "Öst"}


def names(roster):
    return set(roster.users["familyName"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_that_are_certain_are_read_without_a_word(tmp_path, encoding):
    roster = read(write(tmp_path, students=STUDENTS_TEXT.encode(encoding)), STUDENTS)
    assert names(roster) == NAMES
    assert codes(roster) == set()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (STUDENTS_TEXT, "cp1252"),
        ("Nr;Nachname\n1;Lefèvre\n2;Noël\n3;François\n", "cp1252"),
        ("Nr;Nachname\n1;Muñoz\n2;Peña\n3;Íñigo García\n", "cp1252"),
        ("Nr;Nachname\n1;Kowalczyk Świątek\n2;Wójcik Łukasz\n3;Żukowski Paweł\n", "cp1250"),
        ("Nr;Nachname\n1;Dvořák Tomáš\n2;Němcová Božena\n3;Šťastný Jiří\n", "cp1250"),
        ("Nr;Nachname\n1;Иванов Пётр\n2;Кузнецова Анна\n", "cp1251"),
        ("Nr;Nachname\n1;Παπαδόπουλος Γιώργος\n2;Νικολάου Ελένη\n", "cp1253"),
    ],
)
def test_encodings_that_are_guessed_are_said_with_a_word_of_the_file(tmp_path, text, encoding):
    part = with_columns(STUDENTS, givenName=None, email=None, class__title=None)
    roster = read(write(tmp_path, students=text.encode(encoding)), part)
    assert names(roster) == {line.split(";")[1] for line in text.splitlines()[1:]}
    (finding,) = found(roster, "encoding-guessed")
    assert encoding.replace("cp", "windows-") in finding.message
    assert any(word in finding.message for word in text.replace(";", " ").split() if not word.isascii())


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_an_old_encoding_is_among_the_guesses_and_a_setting_settles_it(tmp_path, encoding):
    folder = write(tmp_path, students=STUDENTS_TEXT.encode(encoding))
    assert encoding in guessed(STUDENTS_TEXT.encode(encoding))
    roster = read(folder, STUDENTS, encoding=encoding)
    assert names(roster) == NAMES
    assert codes(roster) == set()


def test_a_wrong_encoding_damages_lines_and_says_so(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT.encode("cp1252")), STUDENTS, encoding="utf-8")
    assert names(roster) == {"Lee"}
    assert codes(roster) == {"row-damaged"}
    assert not roster.scope.covers("users")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_and_line_ends_are_found(tmp_path, end, mark):
    text = STUDENTS_TEXT.replace(";", mark).replace("\n", end)
    roster = read(write(tmp_path, students=text), STUDENTS)
    assert names(roster) == NAMES
    assert codes(roster) == set()


def test_a_delimiter_may_be_said(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT.replace(";", "~")), STUDENTS, delimiter="~")
    assert names(roster) == NAMES


def test_titles_above_totals_below_and_excels_own_line(tmp_path):
    text = f"sep=;\nOak School; pupils\n\n{STUDENTS_TEXT}\nTotal;3;;;\nPrinted on Monday;;;;\n"
    folder = write(tmp_path, students=text)
    roster = read(folder, {**STUDENTS, "skip_last": 2})
    assert names(roster) == NAMES
    assert codes(roster) == set()
    assert roster.users["line"].to_list() == [5, 6, 7]
    left = read(folder, {**STUDENTS, "leave_out": {"Nr": ["total", "Printed on Monday"]}})
    assert names(left) == NAMES
    only = read(folder, {**STUDENTS, "only": {"Klasse": "7a"}})
    assert names(only) == {"Müller", "Lee"}


def test_rows_that_are_nobodys_are_told_and_free_nobody(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT + ";Nobody;;;\n"), STUDENTS)
    (finding,) = found(roster, "key-blank")
    assert (finding.file, finding.line) == ("students.csv", 5)
    assert not roster.scope.covers("users")
    assert roster.users.height == 3


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("104;Poe;Eve;7B", "row-short"),
        ("104;Poe;Eve;7B;ep@oak.example;more", "row-long"),
        ('104;"Poe;Eve;7B;ep@oak.example', "row-quotes"),
    ],
)
def test_a_broken_line_costs_itself_and_the_scope(tmp_path, line, code):
    roster = read(write(tmp_path, students=f"{STUDENTS_TEXT}{line}\n105;Orr;Dan;7B;do@oak.example\n"), STUDENTS)
    assert names(roster) == {*NAMES, "Orr"}
    (finding,) = found(roster, code)
    assert (finding.file, finding.line) == ("students.csv", 5)
    for table in ("users", "classes", "enrollments", "roles"):
        assert not roster.scope.covers(table), table


def test_a_cut_file_is_noticed(tmp_path):
    roster = read(write(tmp_path, students=STUDENTS_TEXT[:-18]), STUDENTS)
    assert "file-truncated" in codes(roster)
    assert not roster.scope.covers("users")


def test_quoted_cells_with_marks_and_line_breaks(tmp_path):
    text = STUDENTS_TEXT + '104;"Poe;\nJr ""Ed""";Eve;7B;ep@oak.example\n'
    roster = read(write(tmp_path, students=text), STUDENTS)
    assert 'Poe;\nJr "Ed"' in names(roster)


@pytest.mark.parametrize("heading", ["nachname", "NACHNAME", " Nach name ", "Nach-Name", "Nachname "])
def test_headings_are_understood_in_any_spelling(tmp_path, heading):
    roster = read(write(tmp_path, students=STUDENTS_TEXT.replace("Nachname", heading)), STUDENTS)
    assert names(roster) == NAMES


def test_a_column_that_is_not_there_is_named_with_the_nearest_and_all_there_are(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT)
    with pytest.raises(SettingError) as error:
        read(folder, with_columns(STUDENTS, familyName="Nachnahme"))
    assert "Nachnahme" in error.value.what
    assert "Do you mean Nachname?" in error.value.what
    assert "Nr, Nachname, Vorname, Klasse, E-Mail" in error.value.remedy
    assert error.value.where == "students.csv line 1"


def test_a_heading_that_stands_there_twice(tmp_path):
    text = STUDENTS_TEXT.replace("Vorname", "Nachname")
    roster = read(write(tmp_path, students=text), with_columns(STUDENTS, givenName=None))
    assert names(roster) == NAMES
    assert codes(roster) == {"column-twice"}


@pytest.mark.parametrize(
    ("written", "form", "day"),
    [
        ("15.08.2026", "DD.MM.YYYY", "2026-08-15"),
        ("8/5/2026", "M/D/YYYY", "2026-08-05"),
        ("5/8/26", "D/M/YY", "2026-08-05"),
        ("20260815", "YYYYMMDD", "2026-08-15"),
        ("2026-08-15", "DD.MM.YYYY", "2026-08-15"),
        ("15 Aug 2026", "DD MMM YYYY", "2026-08-15"),
    ],
)
def test_dates_in_the_forms_of_the_file(tmp_path, written, form, day):
    folder = write(tmp_path, students=f"Nr;Klasse;Ab\n1;7A;{written}\n")
    part = {"file": "students.csv", "holds": "enrolments", "dates": form}
    part |= {"columns": {"person.sourcedId": "Nr", "class.title": "Klasse", "beginDate": "Ab"}}
    roster = read(folder, part)
    assert [str(each) for each in roster.enrollments["beginDate"]] == [day]


@pytest.mark.parametrize("written", ["31.02.2026", "15/08/2026", "soon", "15.08.26"])
def test_a_date_of_another_form_is_blank_and_told(tmp_path, written):
    folder = write(tmp_path, students=f"Nr;Klasse;Ab\n1;7A;{written}\n")
    part = {"file": "students.csv", "holds": "enrolments", "dates": "DD.MM.YYYY"}
    part |= {"columns": {"person.sourcedId": "Nr", "class.title": "Klasse", "beginDate": "Ab"}}
    roster = read(folder, part)
    (finding,) = found(roster, "date-form")
    assert written in finding.message
    assert roster.enrollments["beginDate"].to_list() == [None]


@pytest.mark.parametrize(("number", "decimal"), [("101,0", ","), ("101.0", "."), ("101,000", ",")])
def test_whole_numbers_lose_their_decimals_where_the_mark_is_said(tmp_path, number, decimal):
    folder = write(tmp_path, students=STUDENTS_TEXT.replace("101", number))
    assert "101" in read(folder, STUDENTS, decimal=decimal).users["sourcedId"].to_list()
    assert number in read(folder, STUDENTS).users["sourcedId"].to_list()


@pytest.mark.parametrize("number", ["1,23457E+11", "1.23E+11"])
def test_numbers_that_lost_their_digits_are_no_numbers(tmp_path, number):
    roster = read(write(tmp_path, students=STUDENTS_TEXT.replace("101", number)), STUDENTS)
    assert codes(roster) == {"number-shortened"}
    assert names(roster) == {"Lee", "Öst"}
    assert not roster.scope.covers("users")


def test_leading_zeros_stay(tmp_path):
    assert "0101" in read(write(tmp_path, students=STUDENTS_TEXT.replace("101", "0101")), STUDENTS).users["sourcedId"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b" \n\n", "file-empty"),
        (b"\xef\xbb\xbf", "file-empty"),
        (STUDENTS_TEXT.splitlines()[0].encode() + b"\n", "file-without-rows"),
        (STUDENTS_TEXT.encode().replace(b"Lee", b"L\0\0e"), "file-not-text"),
        (bytes(range(256)) * 20, "file-not-text"),
        (b"<html><table><tr><td>Nr</td></tr></table></html>", "file-html"),
        (b"\xef\xbb\xbf<!DOCTYPE html><table>", "file-html"),
    ],
)
def test_files_that_hold_nothing_usable_are_refused_and_named(tmp_path, content, code):
    with pytest.raises(StopError) as error:
        read(write(tmp_path, students=content), STUDENTS)
    assert error.value.code == code
    assert "students.csv" in str(error.value)
    assert error.value.remedy


def test_a_file_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(StopError) as error:
        read(write(tmp_path, pupils=STUDENTS_TEXT), STUDENTS)
    assert error.value.code == "file-missing"
    assert "students.csv" in error.value.what
    assert "pupils.csv" in error.value.remedy


def test_an_empty_folder_and_none_at_all(tmp_path):
    with pytest.raises(StopError, match=r"students\.csv"):
        read(tmp_path, STUDENTS)
    with pytest.raises(SettingError) as error:
        read(tmp_path / "gone", STUDENTS)
    assert error.value.code == "path-missing"


@pytest.mark.parametrize("rule", [{"only": {"Klasse": "8A"}}, {"leave_out": {"Klasse": ["7A", "7b"]}}])
def test_rules_that_pass_over_every_row_make_no_empty_school(tmp_path, rule):
    with pytest.raises(StopError, match="Of 3 rows none is left"):
        read(write(tmp_path, students=STUDENTS_TEXT), {**STUDENTS, **rule, "optional": True})


def test_several_files_that_fit_are_never_guessed_between(tmp_path):
    head, first, second, third = STUDENTS_TEXT.splitlines()
    write(tmp_path, **{"students-1": f"{head}\n{first}\n{second}\n", "students-2": f"{head}\n{third}\n"})
    part = {**STUDENTS, "file": "Students*.csv"}
    with pytest.raises(StopError) as error:
        read(tmp_path, part)
    assert "students-1.csv, students-2.csv" in error.value.what
    assert names(read(tmp_path, {**part, "several": "all"})) == NAMES
    assert names(read(tmp_path, {**part, "several": "last"})) == {"Öst"}


def test_a_zip_a_folder_inside_and_a_single_file(tmp_path):
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2026/STUDENTS.CSV", STUDENTS_TEXT)
    assert names(read(packed, STUDENTS)) == NAMES
    write(tmp_path / "x" / "2026", students=STUDENTS_TEXT)
    assert names(read(tmp_path / "x", STUDENTS)) == NAMES
    part = {name: value for name, value in STUDENTS.items() if name != "file"}
    assert names(read(tmp_path / "x" / "2026" / "students.csv", part)) == NAMES
    write(tmp_path / "x", other="a,b\n")
    with pytest.raises(SettingError, match=r"other\.csv"):
        read(tmp_path / "x", part)


def test_a_broken_zip_is_refused(tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(b"PK\x03\x04 not whole")
    with pytest.raises(StopError) as error:
        read(path, STUDENTS)
    assert error.value.code == "zip-broken"


OPTIONAL = {**TEACHERS, "optional": True}


def test_an_optional_file_that_is_not_there_frees_nobody(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT)
    roster = read(folder, STUDENTS, OPTIONAL)
    (finding,) = found(roster, "part-absent")
    assert finding.file == "teachers.csv"
    assert not roster.scope.covers("users")
    assert roster.scope.covers("enrollments")
    settled = read(folder, STUDENTS, OPTIONAL, absent=["teachers.csv"])
    assert settled.scope.covers("users")
    assert codes(settled) == set()


def test_an_optional_file_may_be_without_rows(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT, teachers=TEACHERS_TEXT.splitlines()[0] + "\n")
    with pytest.raises(StopError, match="no row"):
        read(folder, STUDENTS, TEACHERS)
    assert read(folder, STUDENTS, OPTIONAL).scope.covers("users")


def test_reading_never_touches_the_files(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    delivered(folder, STUDENTS)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_lines_are_where_a_person_finds_them(tmp_path):
    roster = read(write(tmp_path, students="\n\n" + STUDENTS_TEXT.replace("102;", "\n102;")), STUDENTS)
    assert rows(roster, "users", "sourcedId", "line") == {("101", 4), ("102", 6), ("103", 7)}
    assert roster.place_of("users", "102") == "students.csv line 6"


def test_rubbish_ends_in_findings_or_a_clear_error(tmp_path):
    """Random bytes put into a good file are read, reported or refused; nothing else happens."""
    chance = pl.Series(range(60)).hash(3).to_list()
    good = STUDENTS_TEXT.encode()
    for seed in chance:
        spoilt = bytearray(good)
        for turn in range(seed % 7 + 1):
            spoilt[(seed >> (turn * 5)) % len(good)] = (seed >> (turn * 8)) % 255 + 1
        write(tmp_path, students=bytes(spoilt))
        try:
            roster = read(tmp_path, STUDENTS)
        except MatriculaError:
            continue
        lost = len(roster.unreadable.get("users", ())) + roster.unreadable_unknown.get("users", 0)
        assert roster.users.height + lost >= 1
