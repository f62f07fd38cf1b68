"""Files that are missing, cut, wrongly encoded or wrongly quoted."""

import zipfile

import pytest
from deliveries import (
    ENROLLMENTS,
    ROSTER_11,
    USERS,
    csv_text,
    deliver,
    found,
    header_of,
    ids,
    manifest_text,
    only,
    read,
    roster_12,
    user,
)

from matricula.errors import SettingError, StopError
from matricula.roster import DeliveryRefusedError
from matricula.sources import containers

ACCENTS = [user(1, "teacher"), user(2, givenName="Zoë", familyName="Müller-Łęcki"), user(3)]
LATIN = [user(1, "teacher"), user(2, givenName="Zoë", familyName="Müller"), user(3)]


def users_text(rows=USERS) -> str:
    return csv_text(header_of("users", "1.1"), rows)


def write_users(folder, content: bytes):
    deliver(folder)
    (folder / "users.csv").write_bytes(content)
    return folder


def test_path_that_is_not_there(tmp_path):
    with pytest.raises(SettingError, match="no such folder or zip") as error:
        read(tmp_path / "nowhere")
    assert error.value.remedy


def test_file_that_is_no_zip(tmp_path):
    (tmp_path / "roster.txt").write_text("hello")
    with pytest.raises(SettingError, match="neither a folder nor a zip"):
        read(tmp_path / "roster.txt")


def test_file_that_is_called_zip_and_is_none(tmp_path):
    (tmp_path / "roster.zip").write_text("hello")
    with pytest.raises(StopError, match="zip is broken"):
        read(tmp_path / "roster.zip")


def test_folder_without_oneroster_files(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(StopError, match="No OneRoster file"):
        read(tmp_path)


def test_promised_file_that_is_missing(tmp_path):
    (deliver(tmp_path) / "classes.csv").unlink()
    roster = read(tmp_path)
    missing = found(roster, "file-missing")[0]
    assert (missing.severity, missing.file, missing.table) == ("error", "classes.csv", "classes")
    assert not roster.scope.covers("classes")
    assert roster.scope.covers("users")
    assert roster.enrollments.is_empty()
    assert roster.unreadable["enrollments"] == {"e1", "e2", "e3", "e4"}
    assert [finding.count for finding in found(roster, "reference-lost")] == [4]


def test_missing_roles_do_not_make_users_seem_to_have_none(tmp_path):
    (deliver(tmp_path, roster_12(), "1.2") / "roles.csv").unlink()
    roster = read(tmp_path)
    assert roster.users.is_empty()
    assert roster.unreadable["users"] == {"u1", "u2", "u3"}


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"  \n"])
def test_file_without_content(tmp_path, content):
    roster = read(write_users(tmp_path, content))
    assert found(roster, "file-empty")[0].file == "users.csv"
    assert not roster.scope.covers("users")
    assert not roster.scope.covers("roles")


def test_file_with_only_a_header(tmp_path):
    roster = read(deliver(tmp_path, ROSTER_11 | {"enrollments": []}))
    assert only(roster, "table-empty").file == "enrollments.csv"
    assert roster.scope.covers("enrollments")


def test_truncated_file_loses_the_cut_record_and_its_claim_to_be_complete(tmp_path):
    text = users_text()
    cut = text[: text.index("user3")]
    roster = read(write_users(tmp_path, cut.encode()))
    finding = found(roster, "file-truncated")[0]
    assert (finding.file, finding.line, finding.severity) == ("users.csv", 4, "error")
    assert ids(roster, "users") == ["u1", "u2"]
    assert "u3" in roster.unreadable["users"]
    assert not roster.scope.covers("users")
    assert ids(roster, "enrollments") == ["e1", "e2"]
    assert roster.scope.covers("enrollments")
    assert roster.unreadable["enrollments"] == {"e3", "e4"}


def test_truncated_inside_quotes(tmp_path):
    text = users_text([*USERS[:2], user(3, givenName="Al, the\nsecond")])
    roster = read(write_users(tmp_path, text[: text.index("the\n")].encode()))
    assert found(roster, "file-truncated")[0].line == 4
    assert ids(roster, "users") == ["u1", "u2"]
    assert not roster.scope.covers("users")


def test_missing_line_end_at_the_end_is_no_fault(tmp_path):
    assert read(write_users(tmp_path, users_text().strip().encode())).findings == ()


@pytest.mark.parametrize(("taken_for", "rows"), [("cp1252", LATIN), ("latin-1", ACCENTS)])
def test_doubly_encoded_letters_are_reported_and_kept(tmp_path, taken_for, rows):
    double = users_text(rows).encode().decode(taken_for).encode()
    roster = read(write_users(tmp_path, double))
    findings = found(roster, "encoding-double")
    assert [(finding.line, finding.column) for finding in findings] == [(3, "familyName"), (3, "givenName")]
    assert roster.users["givenName"][1] == "ZoÃ«"
    assert len(roster.findings) == 2


def test_right_letters_are_not_taken_for_doubly_encoded_ones(tmp_path):
    names = ["Ângela", "João", "Łukasz", "Ærø", "São Tomé", "Zoë – Ü", "Παύλος", "小明"]
    rows = [*USERS, *(user(number, givenName=name) for number, name in enumerate(names, 10))]
    roster = read(write_users(tmp_path, users_text(rows).encode()))
    assert roster.findings == ()
    assert roster.users["givenName"].to_list()[3:] == names


@pytest.mark.parametrize(("encoding", "shown"), [("cp1252", "Windows-1252"), ("utf-16", "UTF-16")])
def test_other_encodings_are_told_and_read(tmp_path, encoding, shown):
    roster = read(write_users(tmp_path, users_text(LATIN).encode(encoding)))
    assert shown in only(roster, "encoding-other").message
    assert roster.users["familyName"][1] == "Müller"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(tmp_path, encoding):
    roster = read(write_users(tmp_path, users_text(LATIN).encode(encoding)))
    assert only(roster, "encoding-other")
    assert roster.users["familyName"][1] == "Müller"


def test_bytes_without_a_letter_in_windows_1252_do_not_stop_reading(tmp_path):
    content = users_text(LATIN).encode("cp1252").replace("Zoë".encode("cp1252"), b"Zo\x81")
    roster = read(write_users(tmp_path, content))
    assert only(roster, "encoding-other")
    assert roster.users["givenName"][1] == "Zo\x81"


def test_one_damaged_byte_costs_one_line(tmp_path):
    content = users_text(ACCENTS).encode().replace(b"Given3", b"Giv\xff3")
    roster = read(write_users(tmp_path, content))
    assert found(roster, "row-damaged")[0].line == 4
    assert ids(roster, "users") == ["u1", "u2"]
    assert roster.users["familyName"][1] == "Müller-Łęcki"
    assert roster.unreadable["users"] == {"u3"}


def test_byte_order_mark(tmp_path):
    roster = read(write_users(tmp_path, users_text(ACCENTS).encode("utf-8-sig")))
    assert only(roster, "byte-order-mark").file == "users.csv"
    assert ids(roster, "users") == ["u1", "u2", "u3"]


def test_line_ends_of_cr_alone(tmp_path):
    roster = read(write_users(tmp_path, users_text().replace("\r\n", "\r").encode()))
    assert only(roster, "line-ends").file == "users.csv"
    assert roster.users["line"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(tmp_path, separator):
    deliver(tmp_path)
    for file in ("users.csv", "manifest.csv"):
        (tmp_path / file).write_text((tmp_path / file).read_text().replace(",", separator))
    roster = read(tmp_path)
    assert only(roster, "separator").file == "users.csv"
    assert ids(roster, "users") == ["u1", "u2", "u3"]


def test_spreadsheet_named_csv(tmp_path):
    write_users(tmp_path, b"PK\x03\x04" + bytes(range(256)) * 40)
    with pytest.raises(StopError, match="not a text file") as error:
        read(tmp_path)
    assert "users.csv" in error.value.where


def test_unclosed_quote_costs_its_line_alone(tmp_path):
    text = users_text().replace("Given2", '"Given2')
    roster = read(write_users(tmp_path, text.encode()))
    finding = found(roster, "row-quotes")[0]
    assert (finding.file, finding.line, finding.sourced_id) == ("users.csv", 3, "u2")
    assert ids(roster, "users") == ["u1", "u3"]
    assert roster.unreadable["users"] == {"u2"}
    assert roster.scope.covers("users")


def test_two_unclosed_quotes_do_not_swallow_what_stands_between(tmp_path):
    text = users_text([*USERS, user(4), user(5)])
    text = text.replace("Given2", '"Given2').replace("Given4", 'Given4"')
    roster = read(write_users(tmp_path, text.encode()))
    assert ids(roster, "users") == ["u1", "u3", "u4", "u5"]
    assert roster.users["givenName"][2] == 'Given4"'
    assert [finding.line for finding in found(roster, "row-quotes")] == [3]
    assert [finding.line for finding in found(roster, "quotes-stray")] == [5]


def test_an_unclosed_quote_does_not_swallow_a_record_with_quotes_of_its_own(tmp_path):
    text = users_text([*USERS, user(4, familyName="Lee, Jr")])
    text = text.replace("Given2", '"Given2').replace("Given3,", '"",').replace('"Lee, Jr"', 'Lee"')
    roster = read(write_users(tmp_path, text.encode()))
    assert ids(roster, "users") == ["u1", "u3", "u4"]


def test_text_after_a_closed_quote(tmp_path):
    text = users_text().replace("Given2", '"Given" 2')
    assert found(read(write_users(tmp_path, text.encode())), "row-quotes")[0].line == 3


def test_stray_quotes_inside_a_value_are_read_as_they_are(tmp_path):
    text = users_text().replace("Given2", 'Giv "Gi" en')
    roster = read(write_users(tmp_path, text.encode()))
    assert only(roster, "quotes-stray").line == 3
    assert roster.users["givenName"][1] == 'Giv "Gi" en'


def test_blanks_around_quoted_values(tmp_path):
    text = users_text().replace("Given2", ' "Given, 2" ')
    roster = read(write_users(tmp_path, text.encode()))
    assert only(roster, "quotes-stray").line == 3
    assert roster.users["givenName"][1] == "Given, 2"


def test_line_with_too_few_or_too_many_cells(tmp_path):
    lines = users_text().split("\r\n")
    lines[2] = "u2,,,true"
    lines[3] += ",more"
    roster = read(write_users(tmp_path, "\r\n".join(lines).encode()))
    assert [(f.code, f.line, f.sourced_id) for f in roster.findings if f.file == "users.csv"] == [
        ("row-short", 3, "u2"),
        ("row-long", 4, "u3"),
    ]
    assert ids(roster, "users") == ["u1"]
    assert roster.unreadable["users"] == {"u2", "u3"}


def test_two_records_on_one_line_may_hide_a_second_sourced_id(tmp_path):
    text = users_text([*USERS, user(4)])
    roster = read(write_users(tmp_path, text.replace("\r\nu3", "u3").encode()))
    assert ids(roster, "users") == ["u1", "u4"]
    assert not roster.scope.covers("users")


def test_broken_line_whose_sourced_id_cannot_be_told_ends_the_claim_to_be_complete(tmp_path):
    text = users_text().replace("u2,", '"u2,', 1)
    roster = read(write_users(tmp_path, text.encode()))
    assert ids(roster, "users") == ["u1", "u3"]
    assert roster.unreadable_unknown == {"users": 1}
    assert not roster.scope.covers("users")


def test_many_broken_lines_are_listed_up_to_a_number(tmp_path):
    lines = [users_text().strip(), *(f"x{number},short" for number in range(500)), ""]
    roster = read(write_users(tmp_path, "\r\n".join(lines).encode()))
    findings = found(roster, "row-short")
    assert len(findings) == 51
    assert sum(finding.count for finding in findings) == 500
    assert len(roster.unreadable["users"]) == 500


def test_blank_lines_and_lines_of_commas_are_passed_over(tmp_path):
    lines = users_text().strip().split("\r\n")
    lines[2:2] = ["", "   ", "," * (len(header_of("users", "1.1")) - 1)]
    roster = read(write_users(tmp_path, "\r\n".join([*lines, ""]).encode()))
    assert roster.findings == ()
    assert roster.users["line"].to_list() == [2, 6, 7]


def test_column_that_every_record_needs(tmp_path):
    write_users(tmp_path, users_text().replace("sourcedId", "id", 1).encode())
    with pytest.raises(StopError, match="no column sourcedId") as error:
        read(tmp_path)
    assert error.value.where == f"{tmp_path}, users.csv line 1"


def test_file_without_header_shows_nobody_in_the_message(tmp_path):
    write_users(tmp_path, users_text().split("\r\n", 1)[1].encode())
    with pytest.raises(StopError) as error:
        read(tmp_path)
    assert "Given1" not in str(error.value)


def test_header_of_other_spelling_and_order_with_columns_more_and_less(tmp_path):
    header = ["Username", "sourcedid", "Enabled User", "role", "orgSourcedIds", "givenName", "familyName", "email"]
    named = dict(zip(header, ["username", "sourcedId", "enabledUser", *header[3:]], strict=True))
    rows = [{key: row[name] for key, name in named.items()} | {"shoe": "42"} for row in USERS]
    roster = read(write_users(tmp_path, csv_text([*header, "shoe", "role"], rows).encode()))
    assert {finding.code: finding.value for finding in roster.findings} == {
        "header-spelling": "Username, sourcedid, Enabled User",
        "header-order": "",
        "column-missing": "status, dateLastModified, userIds, middleName, identifier, …",
        "column-unknown": "shoe",
        "column-twice": "role",
    }
    assert ids(roster, "users") == ["u1", "u2", "u3"]
    assert roster.users["username"].to_list() == ["user1", "user2", "user3"]


def test_zip_with_a_folder_inside(tmp_path):
    folder = deliver(tmp_path / "folder")
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"export/2026/{file.name}")
        archive.writestr("__MACOSX/._users.csv", "rubbish")
    roster = read(path)
    assert only(roster, "folder-nested").value == "export/2026"
    assert roster.users.height == 3


def test_folder_with_a_folder_inside(tmp_path):
    deliver(tmp_path / "export")
    assert only(read(tmp_path), "folder-nested").value == "export"


def test_folders_beside_the_files_are_not_looked_at(tmp_path):
    deliver(tmp_path, {"users": USERS})
    deliver(tmp_path / "archive")
    assert read(tmp_path).counts()["classes"] == 0


def test_two_deliveries_in_one_folder(tmp_path):
    deliver(tmp_path / "2025")
    deliver(tmp_path / "2026")
    with pytest.raises(StopError, match="2025, 2026"):
        read(tmp_path)


def test_the_same_file_twice_but_for_capitals(tmp_path):
    deliver(tmp_path)
    (tmp_path / "USERS.csv").write_text("rubbish")
    if len(list(tmp_path.glob("[uU]*.csv"))) == 1:
        pytest.skip("this file system does not tell capitals apart")
    assert only(read(tmp_path), "file-unknown").file == "USERS.csv"


def test_locked_zip(tmp_path):
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.csv", users_text())
    data = bytearray(path.read_bytes())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StopError, match="locked with a password"):
        read(path)


def test_broken_zip(tmp_path):
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.csv", users_text())
    path.write_bytes(path.read_bytes().replace(b"Given2", b"Given9", 1))
    with pytest.raises(StopError, match="zip is broken"):
        read(path)


def test_zip_that_unpacks_to_more_than_a_roster_can_be(tmp_path, monkeypatch):
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", users_text() + " " * 100_000)
    monkeypatch.setattr(containers, "FILE_LIMIT", 50_000)
    with pytest.raises(StopError, match="larger than a roster can be"):
        read(path)


def test_file_name_of_other_capitals_and_files_unknown(tmp_path):
    deliver(tmp_path)
    (tmp_path / "users.csv").rename(tmp_path / "Users.CSV")
    (tmp_path / "students.csv").write_text("x")
    roster = read(tmp_path)
    assert {finding.code: finding.file for finding in roster.findings} == {
        "file-name": "Users.CSV",
        "file-unknown": "students.csv",
    }
    assert roster.users.height == 3
    assert roster.place_of("users", "u1") == "Users.CSV line 2"


def test_no_manifest(tmp_path):
    roster = read(deliver(tmp_path, manifest=False))
    assert only(roster, "manifest-missing")
    assert roster.scope.covers("users")
    assert roster.roles.height == 3


@pytest.mark.parametrize("leave", ["users", "classes", "enrollments"])
def test_no_manifest_and_not_all_core_files_is_not_complete(tmp_path, leave):
    tables = {name: rows for name, rows in ROSTER_11.items() if name != leave}
    assert read(deliver(tmp_path, tables, manifest=False)).scope.complete == frozenset()


@pytest.mark.parametrize(("version", "tables"), [("1.1", ROSTER_11), ("1.2", roster_12())])
def test_version_is_told_from_the_files_where_no_manifest_says_it(tmp_path, version, tables):
    roster = read(deliver(tmp_path, tables, version, manifest=False))
    assert [finding.code for finding in roster.findings] == ["manifest-missing"]
    assert roster.users["role"].to_list() == ["teacher", "student", "student"]


def test_file_marked_absent_is_not_read(tmp_path):
    deliver(tmp_path)
    modes = dict.fromkeys(ROSTER_11, "bulk") | {"courses": "absent"}
    (tmp_path / "manifest.csv").write_text(manifest_text("1.1", modes))
    roster = read(tmp_path)
    assert found(roster, "file-undeclared")[0].file == "courses.csv"
    assert roster.courses.is_empty()
    assert not roster.scope.covers("courses")


def test_file_that_the_manifest_does_not_name_is_read_but_not_complete(tmp_path):
    deliver(tmp_path)
    text = (tmp_path / "manifest.csv").read_text()
    (tmp_path / "manifest.csv").write_text(text.replace("file.courses,bulk\n", ""))
    roster = read(tmp_path)
    assert only(roster, "file-undeclared").file == "courses.csv"
    assert roster.courses.height == 1
    assert not roster.scope.covers("courses")


def test_odd_lines_in_the_manifest(tmp_path):
    deliver(tmp_path)
    with (tmp_path / "manifest.csv").open("a") as file:
        file.write("file.users,bulk\nfile.lunch,bulk\noneroster.version,1.1,extra\n")
    roster = read(tmp_path)
    assert [finding.code for finding in roster.findings] == ["manifest-property"] * 3


def test_unknown_word_about_a_file(tmp_path):
    deliver(tmp_path)
    text = (tmp_path / "manifest.csv").read_text()
    (tmp_path / "manifest.csv").write_text(text.replace("file.users,bulk", "file.users,full"))
    roster = read(tmp_path)
    assert found(roster, "manifest-value")[0].value == "full"
    assert roster.users.height == 3
    assert not roster.scope.covers("users")


def test_unknown_version_is_refused(tmp_path):
    deliver(tmp_path)
    (tmp_path / "manifest.csv").write_text(manifest_text("2.0", {}))
    with pytest.raises(StopError, match=r"OneRoster 2\.0"):
        read(tmp_path)


def test_strict_refuses_with_everything_that_was_found(tmp_path):
    lines = [users_text().strip(), *(f"x{number},short" for number in range(30)), ""]
    write_users(tmp_path, "\r\n".join(lines).encode())
    tolerant = read(tmp_path)
    with pytest.raises(DeliveryRefusedError) as error:
        read(tmp_path, strict=True)
    assert error.value.findings == tolerant.findings
    assert str(error.value).count("users.csv line") == 20
    assert "10 more" in str(error.value)


def test_strict_reads_what_is_right(tmp_path):
    assert read(deliver(tmp_path), strict=True).enrollments.height == len(ENROLLMENTS)
