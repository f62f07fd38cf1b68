"""Strict mode: everything that the CSV binding demands is reported, each with a code of its own."""

import zipfile
from pathlib import Path

import pytest
from deliveries import (
    COURSES,
    ENROLLMENTS,
    ORGS,
    ROSTER_11,
    USERS,
    csv_text,
    deliver,
    deliver_now,
    enrollment,
    header_of,
    read,
    roster_12,
    user,
)
from test_oneroster_delta import NEW, delta

from matricula.roster import DeliveryRefusedError, Finding, lay_over


def refused(folder: Path) -> Finding:
    """The one fault for which a delivery is refused; without strict it is read and nothing is said of it."""
    with pytest.raises(DeliveryRefusedError) as error:
        read(folder, strict=True)
    (finding,) = error.value.findings
    return finding


def only_in_strict(folder: Path, code: str, place: str) -> None:
    found = refused(folder)
    assert (found.code, found.place) == (code, place)
    assert found.remedy
    assert read(folder).findings == ()


@pytest.mark.parametrize("sourced_id", ["ü1", "u 1", "u#1", "u" * 256])
def test_form_of_sourced_ids(tmp_path, sourced_id):
    users = [user(1), user(2), user(3, sourcedId=sourced_id)]
    enrollments = [enrollment(1, "u1"), enrollment(2, "u2")]
    folder = deliver(tmp_path, ROSTER_11 | {"users": users, "enrollments": enrollments})
    only_in_strict(folder, "sourcedid-form", "users.csv line 4, column sourcedId")


def test_every_letter_of_a_sourced_id_that_is_allowed(tmp_path):
    users = [*USERS, user(4, sourcedId="aZ09.-_/@"), user(5, sourcedId="x" * 255)]
    assert read(deliver(tmp_path, ROSTER_11 | {"users": users}), strict=True).users.height == 5


def test_form_of_pointers(tmp_path):
    orgs = [*ORGS, {"sourcedId": "o 2", "name": "Elm", "type": "school"}]
    users = [*USERS, user(4, orgSourcedIds="o1,o 2")]
    with pytest.raises(DeliveryRefusedError) as error:
        read(deliver(tmp_path, ROSTER_11 | {"orgs": orgs, "users": users}), strict=True)
    assert [found.place for found in error.value.findings] == [
        "orgs.csv line 3, column sourcedId",
        "users.csv line 5, column orgSourcedIds",
    ]


@pytest.mark.parametrize(("column", "value"), [("status", "active"), ("dateLastModified", "2026-11-24T02:00:00.000Z")])
def test_complete_files_leave_status_and_date_blank(tmp_path, column, value):
    folder = deliver(tmp_path, ROSTER_11 | {"users": [USERS[0], user(2, **{column: value}), USERS[2]]})
    only_in_strict(folder, "bulk-filled", f"users.csv line 3, column {column}")


@pytest.mark.parametrize(
    "moment", ["2026-11-24", "2026-11-24T02:00:00Z", "2026-11-24 02:00:00.000Z", "2026-11-24T02:00:00.000+01:00"]
)
def test_form_of_moments_in_changes(tmp_path, moment):
    bulk = deliver_now(deliver(tmp_path / "bulk"))
    folder = delta(tmp_path / "delta", {"users": [user(2, status="active", dateLastModified=moment)]})
    assert lay_over(bulk, deliver_now(folder)).roster().findings == ()
    with pytest.raises(DeliveryRefusedError) as error:
        lay_over(bulk, deliver_now(folder, strict=True)).roster()
    assert [found.code for found in error.value.findings] == ["datetime-form"]


def test_changes_by_the_standard_have_no_fault(tmp_path):
    bulk = deliver_now(deliver(tmp_path / "bulk"), strict=True)
    changes = deliver_now(delta(tmp_path / "delta", {"users": [user(2, **NEW)]}), strict=True)
    assert lay_over(bulk, changes).roster().findings == ()


@pytest.mark.parametrize(
    ("column", "code"), [("status", "delta-status-blank"), ("dateLastModified", "delta-date-blank")]
)
def test_status_and_date_are_filled_in_changes(tmp_path, column, code):
    bulk = deliver_now(deliver(tmp_path / "bulk"))
    changes = deliver_now(delta(tmp_path / "delta", {"users": [user(2, **NEW | {column: ""})]}), strict=True)
    with pytest.raises(DeliveryRefusedError) as error:
        lay_over(bulk, changes).roster()
    assert [found.code for found in error.value.findings] == [code]


@pytest.mark.parametrize("grades", ["09, 10", "09,,10", "09,10,", ",09", "09 ,10"])
def test_form_of_lists(tmp_path, grades):
    folder = deliver(tmp_path, ROSTER_11 | {"users": [USERS[0], user(2, grades=grades), USERS[2]]})
    only_in_strict(folder, "list-form", "users.csv line 3, column grades")


@pytest.mark.parametrize("ids", ["jsmith", "{jsmith}", "LDAP:jsmith", "{LDAP:jsmith};{Fed:1}", "{LDAP:jsmith},12"])
def test_form_of_user_ids(tmp_path, ids):
    folder = deliver(tmp_path, ROSTER_11 | {"users": [USERS[0], user(2, userIds=ids), USERS[2]]})
    only_in_strict(folder, "userids-form", "users.csv line 3, column userIds")


def test_user_ids_by_the_standard(tmp_path):
    users = [user(1, userIds="{LDAP:jsmith}"), user(2, userIds="{LDAP:jo},{Fed:1 2:3}"), user(3)]
    assert read(deliver(tmp_path, ROSTER_11 | {"users": users}), strict=True).users.height == 3


def test_form_of_dates(tmp_path):
    enrollments = [enrollment(1, "u1", beginDate="2026-8-1")]
    folder = deliver(tmp_path, ROSTER_11 | {"enrollments": enrollments})
    found = refused(folder)
    assert (found.code, found.column) == ("date-form", "beginDate")


def test_values_that_start_with_ext_are_unknown_in_1_1(tmp_path):
    folder = deliver(tmp_path, ROSTER_11 | {"enrollments": [enrollment(1, "u1", role="ext:mentor")]})
    only_in_strict(folder, "ext-form", "enrollments.csv line 2, column role")


@pytest.mark.parametrize("role", ["ext:", "ext:a mentor", "ext:é"])
def test_form_of_values_that_start_with_ext_in_1_2(tmp_path, role):
    folder = deliver(tmp_path, roster_12() | {"enrollments": [enrollment(1, "u1", role=role)]}, "1.2")
    only_in_strict(folder, "ext-form", "enrollments.csv line 2, column role")


def test_values_that_start_with_ext_by_the_standard(tmp_path):
    enrollments = [enrollment(1, "u1", role="ext:mentor_2.a-b")]
    assert read(deliver(tmp_path, roster_12() | {"enrollments": enrollments}, "1.2"), strict=True).findings == ()


@pytest.mark.parametrize(
    ("column", "value"), [("sourcedId", "u2 "), ("enabledUser", " true"), ("orgSourcedIds", "o1 ")]
)
def test_blanks_around_values_that_are_no_text(tmp_path, column, value):
    folder = deliver(tmp_path, ROSTER_11 | {"users": [USERS[0], user(2, **{column: value}), USERS[2]]})
    only_in_strict(folder, "value-blanks", f"users.csv line 3, column {column}")


def test_blanks_around_texts_are_theirs(tmp_path):
    users = [USERS[0], user(2, givenName=" Ann"), USERS[2]]
    assert read(deliver(tmp_path, ROSTER_11 | {"users": users}), strict=True).users.height == 3


def test_line_breaks_in_values(tmp_path):
    folder = deliver(tmp_path, ROSTER_11 | {"courses": [COURSES[0] | {"title": "Physics\nfor all"}]})
    only_in_strict(folder, "value-line-break", "courses.csv line 2, column title")


def test_extension_columns_come_last(tmp_path):
    deliver(tmp_path)
    header = header_of("users", "1.1")
    header.insert(3, "metadata.house")
    (tmp_path / "users.csv").write_bytes(csv_text(header, USERS).encode())
    only_in_strict(tmp_path, "extension-place", "users.csv line 1")


def test_every_column_of_the_standard_is_there_even_those_that_are_never_read(tmp_path):
    deliver(tmp_path)
    header = [name for name in header_of("users", "1.1") if name != "password"]
    (tmp_path / "users.csv").write_bytes(csv_text(header, USERS).encode())
    only_in_strict(tmp_path, "column-missing", "users.csv line 1")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("propertyName,value", "PropertyName,Value", "manifest-form"),
        ("file.users,bulk", "file.Users,bulk", "manifest-form"),
        ("file.users,bulk", "file.users, bulk", "manifest-form"),
        ("file.users,bulk", "file.users,Bulk", "manifest-form"),
        ("manifest.version,1.0\r\n", "", "manifest-version"),
        ("manifest.version,1.0", "manifest.version,1.1", "manifest-version"),
        ("oneroster.version,1.1\r\n", "", "manifest-version"),
        ("file.demographics,absent\r\n", "", "manifest-incomplete"),
    ],
)
def test_manifest(tmp_path, old, new, code):
    folder = deliver(tmp_path)
    text = (folder / "manifest.csv").read_bytes().decode()
    assert old in text
    (folder / "manifest.csv").write_bytes(text.replace(old, new).encode())
    found = refused(folder)
    assert (found.code, found.file) == (code, "manifest.csv")
    assert read(folder).findings == ()


def test_source_properties_are_known(tmp_path):
    folder = deliver(tmp_path)
    with (folder / "manifest.csv").open("a", newline="") as file:
        file.write("source.systemName,SIS\r\nsource.systemCode,42\r\n")
    assert read(folder, strict=True).findings == ()


@pytest.mark.parametrize(
    ("said", "there", "code"), [("bulk", False, "file-missing"), ("absent", True, "file-undeclared")]
)
def test_files_that_are_never_read(tmp_path, said, there, code):
    folder = deliver(tmp_path)
    manifest = folder / "manifest.csv"
    manifest.write_text(
        manifest.read_text().replace("file.demographics,absent", f"file.demographics,{said}"), newline=""
    )
    if there:
        (folder / "demographics.csv").write_text("sourcedId\n")
    only_in_strict(folder, code, "demographics.csv")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    folder = deliver(tmp_path)
    (folder / "users.csv").write_bytes(b"\xef\xbb\xbf" + (folder / "users.csv").read_bytes())
    assert read(folder, strict=True).findings == ()


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("users", user(3, enabledUser="TRUE"), "value-spelling"),
        ("users", user(3, role="Student"), "value-spelling"),
        ("users", user(3, role="principal"), "value-version"),
        ("users", user(3, givenName=""), "required-blank"),
        ("orgs", {"sourcedId": "o2", "name": "Elm", "type": "college"}, "value-unknown"),
        (
            "academicSessions",
            ROSTER_11["academicSessions"][0] | {"sourcedId": "y", "schoolYear": "26/27"},
            "year-unknown",
        ),
        ("enrollments", enrollment(9, "u1", beginDate="24.11.2026"), "date-unknown"),
        ("users", user(3, agentSourcedIds="u99"), "reference-unknown"),
    ],
)
def test_what_is_told_in_any_mode_refuses_the_delivery_in_strict_mode(tmp_path, table, row, code):
    rows = [each for each in ROSTER_11[table] if each["sourcedId"] != row["sourcedId"]]
    folder = deliver(tmp_path, ROSTER_11 | {table: [*rows, row]})
    assert refused(folder).code == code
    assert [found.code for found in read(folder).findings] == [code]


def test_files_below_the_top_of_a_zip(tmp_path):
    folder = deliver(tmp_path / "roster")
    with zipfile.ZipFile(tmp_path / "roster.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"inner/{file.name}")
    assert refused(tmp_path / "roster.zip").code == "folder-nested"


def test_many_faults_of_one_kind_in_one_column_are_one_finding(tmp_path):
    users = [user(number, status="active") for number in range(1, 200)]
    found = refused(deliver(tmp_path, ROSTER_11 | {"users": users, "enrollments": ENROLLMENTS}))
    assert (found.count, len(found.lines)) == (199, 10)
