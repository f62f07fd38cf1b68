"""Spreadsheets: days and numbers as they are, errors of formulas, hidden sheets, files that are not what they seem."""

import base64
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from own_tables import STUDENTS, STUDENTS_TEXT, codes, delivered, found, read, rows, with_columns, write
from workbooks import Formula, write_ods, write_xlsx

from matricula.errors import SettingError, StopError

HEAD = ["Nr", "Nachname", "Vorname", "Klasse", "E-Mail", "Ab"]
ROWS = [
    HEAD,
    [101, "Müller", "Jürgen", "7A", "jm@oak.example", date(2026, 8, 15)],
    ["0102", "Lee", "Ann", "7A", "al@oak.example", None],
]
PART = with_columns({name: value for name, value in STUDENTS.items() if name != "file"}, enrolment__beginDate="Ab")

# A workbook of Excel 97 that xlwt wrote: the rows above in a sheet “Schüler”.
XLS = zlib.decompress(
    base64.b64decode(
        "eNrtWEtIVFEY/s6dO844+ZgxDTQQEbIyE61FbWyc0IRqBivoRVBXvaR5vSPXFtWiLHMZBEFQtBEsaGO16UEtatciMGwRBIHWslVQ"
        "0GL09p//PhqNwIESjPtdzn/+/z+P75x7nve+nU7MTjyqmcMS7EIIC3YxivJ8gkKxZ8RB6bYtVS+OUrADrCoUR2kgi8J4XvomIsdQ"
        "jvccFDxUX5EEPlE4gWFksqZet4LYzW3QhGxDG0mBO+QpQzW3qoJlL8u1LB9wzhcs29lzjWUb5Z0VxzGdzDTudGfxUaWe08og633C"
        "ZT6wpxVVeC1n8aXrwskbRsoa0IxVllCrlmASNKBduqlb0i7HXcSAjo7mdLr5GGEWlTTYk/hu1wHfvFX9si7wr6xfgPw/Fvsjf/BH"
        "aRCX+m8oKjAK+xQvknGUI6vKlAgO9fbnDN3KsVPOdsg5nrFom85ovf2mNqTTDDmctaRG636foY2MSKVza1obMChvqoesdM6gWkjZ"
        "m7NO6ya5d6SorjND7VltsFk/pw0NGzpRtrS2bAsB+3WdZMo0KY9m5OeJyeODt5v4ou2mlJdhCck+aqjUE7wY49Tf3P2vM+me7uRJ"
        "9ozyEeMcRBtkv2HjsixBhcs4JQSv1kYusYXlFa51Pes1LCtppVDc0F3lKnvGOM9VTm0gnu2Md8mNefom0se/HHhaO/45uZn0qa65"
        "C5VT75MTqKeDsY/Ky2cMTaJJ3L4l8SzpxcLdtD6yrP5tA4sqcbfttnvalmNeLllCgqVjybcjfEtx35VjhcgK+ZZKlupbYbLCLo9Y"
        "wnNRibEvgZvCyS+YpwieJXkiviV5or4leeS1wKklTP28N6Mwj8K8i/ujME/MLe2M9hrfkjwlvpXPozBPqbyaKBV4LKuhjf4XYggQ"
        "IECAAAECBAiwDAjnq4CvjSpf15zrc8T9rzNPYSH4TfLf4iCy9Jylj8pOmBRbOF/Q/FmHsPDqEsss4/0vlDhC7BYG0cPtGCx4/tJH"
        "lcjvz7ILxv/eEiqUf6GQdv5j/p8+Q/sW"
    )
)


def path_of(folder: Path, kind: str) -> Path:
    path = folder / f"students.{kind}"
    if kind == "xls":
        path.write_bytes(XLS)
        return path
    return {"xlsx": write_xlsx, "ods": write_ods}[kind](path, {"Schüler": ROWS})


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_numbers_are_ids_without_decimals_zeros_stay_and_days_are_days(tmp_path, kind):
    roster = read(path_of(tmp_path, kind), PART)
    assert rows(roster, "users", "sourcedId", "familyName", "line") == {("101", "Müller", 2), ("0102", "Lee", 3)}
    assert rows(roster, "enrollments", "userSourcedId", "beginDate") == {("101", date(2026, 8, 15)), ("0102", None)}
    assert codes(roster) == set()


def test_titles_gaps_merged_headings_and_totals(tmp_path):
    sheet = [
        [],
        ["", "Pupils of Oak School"],
        [],
        ["", "", *HEAD[:3], "", *HEAD[3:]],
        ["", "", *ROWS[1][:3], "", *ROWS[1][3:]],
        [],
        ["", "", *ROWS[2][:3], "", *ROWS[2][3:]],
        ["", "", "Total", 2],
    ]
    path = write_xlsx(tmp_path / "s.xlsx", {"S": sheet}, merged={"S": ["B2:E2"]})
    roster = read(path, {**PART, "skip_last": 1})
    assert rows(roster, "users", "sourcedId", "line") == {("101", 5), ("0102", 7)}
    assert codes(roster) == set()


def test_cells_merged_downwards_are_filled(tmp_path):
    sheet = [["Klasse", "Nr", "Nachname"], ["7A", 1, "Lee"], ["", 2, "Orr"], ["7B", 3, "Poe"]]
    path = write_xlsx(tmp_path / "s.xlsx", {"S": sheet}, merged={"S": ["A2:A3"]})
    part = with_columns(PART, givenName=None, email=None, enrolment__beginDate=None)
    assert read(path, part).enrollments.height == 2
    roster = read(path, {**part, "fill_down": "Klasse"})
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId") == {
        ("1", "7A/2027"),
        ("2", "7A/2027"),
        ("3", "7B/2027"),
    }


def test_formulas_that_came_to_an_error_are_told(tmp_path):
    sheet = [["", *HEAD], ["", *ROWS[1]], ["", "0102", Formula("#REF!"), "Ann", "7A", Formula("#N/A"), None]]
    path = write_xlsx(tmp_path / "s.xlsx", {"A & B": sheet})
    roster = read(path, PART)
    assert {(each.line, each.column, each.value) for each in found(roster, "formula-error")} == {
        (3, "Nachname", "#REF!"),
        (3, "E-Mail", "#N/A"),
    }
    assert roster.users.height == 2


def test_errors_in_columns_that_are_not_read_are_not_told(tmp_path):
    sheet = [[*HEAD, "Note"], [*ROWS[1], Formula("#DIV/0!")]]
    assert codes(read(write_xlsx(tmp_path / "s.xlsx", {"S": sheet}), PART)) == set()


def test_the_one_visible_sheet_that_holds_something_is_meant(tmp_path):
    path = write_xlsx(tmp_path / "s.xlsx", {"Notes": [], "Old": ROWS[:2], "Now": ROWS}, hidden=["Old"])
    assert read(path, PART).users.height == 2


def test_a_hidden_sheet_is_read_where_it_is_named_and_that_is_said(tmp_path):
    path = write_xlsx(tmp_path / "s.xlsx", {"Old": ROWS[:2], "Now": ROWS}, hidden=["Old"])
    delivery = delivered(path, {**PART, "sheet": "old"})
    assert delivery.roster().users.height == 1
    assert any("hidden" in note for note in delivery.notes)


def test_sheets_are_parts(tmp_path):
    staff = [["Kürzel", "Nachname"], ["hil", "Hill"]]
    path = write_xlsx(tmp_path / "s.xlsx", {"Pupils": ROWS, "Staff": staff})
    columns = {"username": "Kürzel", "familyName": "Nachname"}
    teachers = {"sheet": "Staff", "holds": "people", "role": "teacher", "columns": columns}
    roster = read(path, {**PART, "sheet": "Pupils"}, teachers)
    assert rows(roster, "users", "sourcedId", "role") == {("101", "student"), ("0102", "student"), ("hil", "teacher")}


def test_which_sheet_is_meant_is_never_guessed(tmp_path):
    path = write_xlsx(tmp_path / "s.xlsx", {"Pupils": ROWS, "Old": ROWS})
    with pytest.raises(SettingError) as error:
        read(path, PART)
    assert "Pupils, Old" in error.value.what
    with pytest.raises(SettingError) as error:
        read(path, {**PART, "sheet": "Staff"})
    assert "Pupils, Old" in error.value.remedy


def test_csv_named_as_a_workbook_and_the_other_way_round(tmp_path):
    folder = write(tmp_path, students=STUDENTS_TEXT)
    (folder / "students.csv").rename(folder / "students.xls")
    assert read(folder, {**STUDENTS, "file": "students.xls"}).users.height == 3
    write_xlsx(folder / "students.csv", {"S": ROWS})
    assert read(folder, STUDENTS).users.height == 2


def test_a_workbook_in_a_zip(tmp_path):
    book = write_xlsx(tmp_path / "students.xlsx", {"S": ROWS})
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(book, "students.xlsx")
    assert read(tmp_path / "export.zip", {**PART, "file": "students.xlsx"}).users.height == 2


LOCKED = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LOCKED, "workbook-locked"),
        (XLS[:600], "workbook-broken"),
        (b"PK\x03\x04" + bytes(50), "workbook-broken"),
    ],
)
def test_workbooks_that_cannot_be_read_are_refused(tmp_path, content, code):
    path = tmp_path / "students.xlsx"
    path.write_bytes(content)
    with pytest.raises(StopError) as error:
        read(path, PART)
    assert error.value.code == code
    assert "students.xlsx" in str(error.value)


def test_an_empty_sheet_is_no_empty_school(tmp_path):
    with pytest.raises(StopError, match="empty"):
        read(write_xlsx(tmp_path / "s.xlsx", {"S": []}), PART)
    with pytest.raises(StopError, match="no row"):
        read(write_xlsx(tmp_path / "t.xlsx", {"S": [HEAD]}), PART)


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingError) as error:
        read(write_xlsx(tmp_path / "s.xlsx", {"S": [["Nr", "Name"], [1, "Lee"]]}), PART)
    assert "Nachname" in error.value.what
    assert "There are: Nr, Name." in error.value.remedy


def test_a_cut_workbook_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "s.xlsx", {"S": ROWS})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StopError) as error:
        read(path, PART)
    assert error.value.code == "workbook-broken"
