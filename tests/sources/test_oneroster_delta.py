"""OneRoster CSV deliveries of changes alone (delta), and what a manifest may say of them."""

import pytest
from deliveries import ROSTER_11, deliver, deliver_now, enrollment, found, ids, manifest_text, roster_12, user

from matricula.errors import SettingError, StopError
from matricula.roster import Delivery, Roster, lay_over

NEW = {"status": "active", "dateLastModified": "2026-11-24T02:00:00.000Z"}
GONE = {"status": "tobedeleted", "dateLastModified": "2026-11-24T02:00:00.000Z"}


@pytest.fixture
def bulk(tmp_path) -> Delivery:
    return deliver_now(deliver(tmp_path / "bulk"))


def delta(folder, tables, version="1.1", **modes: str):
    """Write changes; the modes are of files that the manifest says something else about."""
    deliver(folder, tables, version)
    told = dict.fromkeys(tables, "delta") | modes
    (folder / "manifest.csv").write_text(manifest_text(version, told))
    return folder


def after(bulk: Delivery, folder) -> Roster:
    return lay_over(bulk, deliver_now(folder)).roster()


def test_changes_of_1_1(bulk, tmp_path):
    changes = {
        "users": [user(2, familyName="New", **NEW), user(3, **GONE), user(4, "teacher", **NEW)],
        "enrollments": [enrollment(3, "u3", **GONE), enrollment(4, "u3", "c2", **GONE), enrollment(5, "u4", **NEW)],
    }
    roster = after(bulk, delta(tmp_path / "delta", changes))
    assert ids(roster, "users") == ["u1", "u2", "u4"]
    assert roster.users["familyName"].to_list() == ["Family1", "New", "Family4"]
    assert roster.roles["role"].to_list() == ["teacher", "student", "teacher"]
    assert ids(roster, "enrollments") == ["e1", "e2", "e5"]
    assert ids(roster, "classes") == ["c1", "c2"]
    assert roster.findings == ()
    assert all(roster.scope.covers(name) for name in (*ROSTER_11, "roles"))


def test_changes_of_1_2_have_roles_of_their_own(tmp_path):
    bulk = deliver_now(deliver(tmp_path / "bulk", roster_12(), "1.2"))
    tables = roster_12()
    changes = {
        "users": [tables["users"][1] | GONE],
        "roles": [tables["roles"][1] | GONE, tables["roles"][2] | NEW | {"role": "aide"}],
        "enrollments": [enrollment(2, "u2", **GONE)],
    }
    roster = after(bulk, delta(tmp_path / "delta", changes, "1.2"))
    assert dict(roster.users.select("sourcedId", "role").iter_rows()) == {"u1": "teacher", "u3": "aide"}
    assert roster.findings == ()


def test_changes_before_anything_complete_are_refused_with_the_words_to_say(tmp_path):
    folder = delta(tmp_path, {"users": [user(2, **NEW)]})
    with pytest.raises(SettingError, match="ask the vendor for a bulk export") as error:
        deliver_now(folder).roster()
    assert error.value.code == "delta-without-bulk"
    assert str(tmp_path) in error.value.where


def test_changes_of_1_2_over_1_1_are_refused(bulk, tmp_path):
    folder = delta(tmp_path / "delta", {"users": roster_12()["users"][:1]}, "1.2")
    with pytest.raises(SettingError, match="complete delivery"):
        after(bulk, folder)


def test_some_files_complete_and_some_changes(bulk, tmp_path):
    tables = {"users": [user(9, **NEW)], "enrollments": [enrollment(7, "u1", "c2"), enrollment(8, "u9", "c2")]}
    roster = after(bulk, delta(tmp_path / "delta", tables, enrollments="bulk"))
    assert ids(roster, "users") == ["u1", "u2", "u3", "u9"]
    assert ids(roster, "enrollments") == ["e7", "e8"]


def test_some_files_complete_and_some_changes_need_an_earlier_delivery(tmp_path):
    folder = delta(tmp_path, ROSTER_11, users="bulk", enrollments="bulk", classes="bulk")
    with pytest.raises(SettingError, match="for orgs, academicSessions, courses"):
        deliver_now(folder).roster()


def test_a_file_that_the_manifest_marks_absent_changes_nothing(bulk, tmp_path):
    tables = {"users": [user(2, **GONE)], "classes": []}
    whole = lay_over(bulk, deliver_now(delta(tmp_path / "delta", tables, classes="absent")))
    assert ids(whole.roster(), "classes") == ["c1", "c2"]
    assert [(f.code, f.file) for f in whole.book] == [("file-undeclared", "classes.csv")]


def test_a_file_that_the_manifest_does_not_name_is_not_taken_for_the_whole_table(bulk, tmp_path):
    folder = delta(tmp_path / "delta", {"users": [user(2, **NEW)], "enrollments": [enrollment(9, "u2")]})
    manifest = folder / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("file.enrollments,delta\n", ""))
    roster = after(bulk, folder)
    assert ids(roster, "enrollments") == ["e1", "e2", "e3", "e4"]
    assert roster.scope.covers("enrollments")
    assert "not read" in found(roster, "file-undeclared")[0].message


@pytest.mark.parametrize("harm", ["missing", "empty"])
def test_a_promised_file_that_is_not_there_leaves_the_table_as_it_was(bulk, tmp_path, harm):
    folder = delta(tmp_path / "delta", {"users": [user(2, **NEW)], "enrollments": [enrollment(1, "u1", **GONE)]})
    if harm == "missing":
        (folder / "enrollments.csv").unlink()
    else:
        (folder / "enrollments.csv").write_text("")
    roster = after(bulk, folder)
    assert ids(roster, "enrollments") == ["e1", "e2", "e3", "e4"]
    assert [finding.code for finding in roster.findings] == [f"file-{harm}"]


def test_where_every_promised_file_is_missing_nothing_is_taken_for_an_empty_school(tmp_path):
    (tmp_path / "manifest.csv").write_text(manifest_text("1.1", {"users": "delta"}))
    with pytest.raises(StopError, match="nothing of the roster") as error:
        deliver_now(tmp_path)
    assert error.value.code == "delivery-empty"


def test_files_without_changes_are_no_fault(bulk, tmp_path):
    roster = after(bulk, delta(tmp_path / "delta", {"users": [], "enrollments": []}))
    assert (roster.users.height, roster.findings) == (3, ())


def test_a_broken_line_changes_nothing(bulk, tmp_path):
    folder = delta(tmp_path / "delta", {"users": [user(2, familyName="New", **NEW), user(3, **GONE)]})
    lines = (folder / "users.csv").read_text().splitlines()
    (folder / "users.csv").write_text("\n".join([lines[0], lines[1] + ",more", lines[2], ""]))
    roster = after(bulk, folder)
    assert dict(roster.users.select("sourcedId", "familyName").iter_rows()) == {"u1": "Family1", "u2": "Family2"}
    assert roster.scope.covers("users")
    assert found(roster, "row-long")[0].place == "users.csv line 2"


def test_a_line_cut_off_at_the_end_takes_the_table_out_of_the_scope(bulk, tmp_path):
    folder = delta(tmp_path / "delta", {"users": [user(2, familyName="New", **NEW), user(3, **GONE)]})
    text = (folder / "users.csv").read_text()
    (folder / "users.csv").write_text(text[: text.index("u3") + 12])
    roster = after(bulk, folder)
    assert sorted(ids(roster, "users")) == ["u1", "u2", "u3"]
    assert not roster.scope.covers("users")


def test_reading_the_same_changes_again_says_that_nothing_has_come(bulk, tmp_path):
    folder = delta(tmp_path / "delta", {"users": [user(3, **GONE), user(2, familyName="New", **NEW)]})
    first = deliver_now(folder)
    whole = lay_over(bulk, first)
    again = deliver_now(folder, first.marker)
    assert again.notes == ("Nothing has come since delta.",)
    assert lay_over(whole, again).roster().users.equals(whole.roster().users)
    assert again.marker == first.marker


def test_a_complete_delivery_is_read_anew_each_time(tmp_path):
    folder = deliver(tmp_path)
    first = deliver_now(folder)
    assert deliver_now(folder, first.marker).drafts["users"].frame.equals(first.drafts["users"].frame)


def test_without_a_manifest_records_marked_as_gone_make_a_table_incomplete(tmp_path):
    tables = ROSTER_11 | {"users": [user(1), user(2, **GONE)]}
    roster = deliver_now(deliver(tmp_path, tables, manifest=False)).roster()
    assert roster.users.height == 2
    assert not roster.scope.covers("users")
    assert roster.scope.covers("classes")
    assert found(roster, "changes-suspected")[0].place == "users.csv line 3, column status"
