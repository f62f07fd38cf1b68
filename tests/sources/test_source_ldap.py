"""Directories as a source, on a real OpenLDAP: people, roles, schools and groups."""

import uuid
from datetime import date
from typing import Any

import polars as pl
import pytest
from deliveries import found
from directory_school import (
    CORP,
    GROUPS,
    GUID,
    OAK,
    PASSWORD,
    PEOPLE,
    READER,
    ad_settings,
    deliver,
    read,
    settings,
    with_classes,
)

from matricula.roster import Roster
from matricula.sources.ldap.source import school_year


def by_login(roster: Roster, login: str) -> dict[str, Any]:
    return roster.users.filter(pl.col("username") == login).row(0, named=True)


def members(roster: Roster, title: str) -> set[tuple[str, str]]:
    """Logins and roles of those who are enrolled in a class."""
    rows = (
        roster.enrollments.join(
            roster.classes.select(pl.col("sourcedId").alias("classSourcedId"), "title"), on="classSourcedId"
        )
        .join(roster.users.select(pl.col("sourcedId").alias("userSourcedId"), "username"), on="userSourcedId")
        .filter(pl.col("title") == title)
    )
    return set(rows.select("username", "role").iter_rows())


# People ---------------------------------------------------------------------------------------------------------


def test_people_of_openldap() -> None:
    roster = read(settings())
    ben = by_login(roster, "ben")
    assert uuid.UUID(ben["sourcedId"])
    assert (ben["givenName"], ben["familyName"], ben["email"]) == ("Bén", "Østergård", "ben@oak.example")
    assert (ben["identifier"], ben["role"], ben["orgSourcedIds"]) == ("N-ben", "student", ["oak"])
    assert roster.counts() == dict.fromkeys(roster.counts(), 0) | {"orgs": 1, "users": 6, "roles": 6}
    assert roster.scope.covers("users")
    assert not roster.scope.covers("classes"), "a directory without groups says nothing of classes"


def test_a_lock_for_some_minutes_disables_nobody() -> None:
    roster = read(settings())
    assert [by_login(roster, each)["enabledUser"] for each in ("ann", "dora", "emil")] == [True, False, True]


def test_active_directory() -> None:
    roster = read(ad_settings(school={"by": "dn.ou.2"}))
    assert by_login(roster, "ALee")["sourcedId"] == GUID
    assert (by_login(roster, "ALee")["role"], by_login(roster, "bost")["role"]) == ("teacher", "student")
    enabled = {row["username"]: row["enabledUser"] for row in roster.users.iter_rows(named=True)}
    assert enabled == {"ALee": True, "bost": True, "cnun": False, "dgone": False}
    assert roster.orgs.select("sourcedId", "name").rows() == [("oak school", "Oak School")]


def test_columns_of_ones_own() -> None:
    columns = {
        "username": "{uid}.x",
        "email": None,
        "phone": "telephoneNumber",
        "metadata.house": "departmentNumber",
        "metadata.boss": "{manager.uid}",
        "agentSourcedIds": "manager",
        "identifier": "jpegPhoto",
    }
    roster = read(settings(attributes=columns))
    ben, ann, fay = (by_login(roster, f"{name}.x") for name in ("ben", "ann", "fay"))
    assert (ben["email"], ben["phone"], ben["metadata.house"]) == (None, None, "Choir,North")
    assert (ann["metadata.boss"], ann["agentSourcedIds"]) == ("fay", [fay["sourcedId"]])
    absent = found(roster, "directory-attribute-absent")
    assert [each.column for each in absent] == ["phone"]
    assert [each.column for each in found(roster, "directory-value-binary")] == ["identifier"]


def test_several_values_for_one_cell() -> None:
    roster = read(settings())
    assert by_login(roster, "fay")["email"] == "aa@oak.example"
    assert [each.column for each in found(roster, "directory-several-values")] == ["email"]


def test_schools_by_attribute_and_who_has_none() -> None:
    school = {"name": "Oak School", "id": "oak", "by": "l"}
    roster = read(settings(school=school))
    assert dict(roster.orgs.select("sourcedId", "name").iter_rows()) == {
        "oak": "Oak School",
        "elm school": "Elm School",
    }
    assert by_login(roster, "cleo")["orgSourcedIds"] == ["elm school"]
    other = read(settings(school={"by": "roomNumber", "name": "Fallback"}))
    assert by_login(other, "cleo")["orgSourcedIds"] == ["fallback"]


def test_roles_by_group_and_attribute() -> None:
    rules = [
        {"role": "siteAdministrator", "attribute": "employeeType", "values": ["HEAD"]},
        {"role": "teacher", "member_of": f"CN=teachers, {GROUPS}"},
        {"role": "student", "attribute": "{employeeType}", "values": ["pupil"]},
    ]
    part = {"base": PEOPLE, "roles": rules, "filter": "(!(uid=ben))"}
    roles = {row["username"]: row["role"] for row in read(settings(users=[part])).users.iter_rows(named=True)}
    assert roles == dict.fromkeys(("cleo", "dora", "emil"), "student") | {"ann": "teacher", "fay": "siteAdministrator"}


def test_people_without_a_role_are_left_out_and_told() -> None:
    rules = [{"role": "teacher", "member_of": f"cn=teachers,{GROUPS}"}]
    roster = read(settings(users=[{"base": PEOPLE, "roles": rules}]))
    assert roster.users["username"].to_list() == ["ann"]
    assert [each.count for each in found(roster, "directory-role-none")] == [5]


def test_several_parts_and_people_in_two_of_them() -> None:
    staff = {"base": PEOPLE, "filter": "(uid=ann)", "role": "teacher", "school": {"name": "Staff", "id": "s"}}
    all_ = {"base": PEOPLE, "role": "student", "disabled_filter": "(uid=ben)", "attributes": {"phone": "{uid}-2"}}
    delivery = deliver(settings(users=[staff, all_]))
    roster = delivery.roster()
    assert roster.users.height == 6
    ann, ben = by_login(roster, "ann"), by_login(roster, "ben")
    assert (ann["role"], ann["orgSourcedIds"], ann["phone"]) == ("teacher", ["s"], None)
    assert (ben["enabledUser"], ben["phone"]) == (False, "ben-2")
    assert any("1 people were found by several parts" in note for note in delivery.notes)


def test_one_level_and_the_entry_itself() -> None:
    whole = read(settings(users=[{"base": OAK, "role": "student"}], bind_dn=READER), PASSWORD)
    assert whole.users.height == 7
    one = [{"base": OAK, "role": "student", "scope": "one", "filter": "(ou=people)", "attributes": {"username": "ou"}}]
    assert read(settings(users=one)).users["username"].to_list() == ["people"]
    itself = [{"base": f"uid=ann,{PEOPLE}", "role": "teacher", "scope": "base"}]
    assert read(settings(users=itself)).users["username"].to_list() == ["ann"]


# Groups ---------------------------------------------------------------------------------------------------------


def test_groups_become_classes_and_courses() -> None:
    roster = read(with_classes(session={"title": "2026/27", "start": "2026-08-01", "end": "2027-07-31"}))
    assert members(roster, "9B-Art") == members(roster, "9B"), "each stands within the other, once"
    assert members(roster, "9B") == {("ann", "teacher"), ("ben", "student"), ("cleo", "student"), ("dora", "student")}
    (session,) = roster.academicSessions.iter_rows(named=True)
    assert (session["title"], session["schoolYear"], session["endDate"]) == ("2026/27", "2027", date(2027, 7, 31))
    art = roster.classes.filter(pl.col("title") == "9B-Art").row(0, named=True)
    assert (art["termSourcedIds"], art["schoolSourcedId"]) == ([session["sourcedId"]], "oak")
    assert roster.courses.filter(pl.col("sourcedId") == art["courseSourcedId"])["title"].to_list() == ["9B-Art"]
    assert [each.value for each in found(roster, "directory-member-unknown")] == [f"uid=nobody,{PEOPLE}"] * 2
    assert not [each for each in roster.findings if each.severity == "error"]


@pytest.mark.parametrize(("nested", "expected"), [(0, {"ann", "ben"}), (1, {"ann", "ben", "cleo", "dora"})])
def test_groups_within_groups_to_a_depth(nested: int, expected: set[str]) -> None:
    roster = read(with_classes(nested=nested))
    assert {login for login, _ in members(roster, "9B-Art")} == expected


def test_groups_within_groups_that_stand_elsewhere() -> None:
    groups = [{"base": GROUPS, "filter": "(cn=9B)", "make": "classes"}]
    roster = read(with_classes(groups=groups))
    assert {login for login, _ in members(roster, "9B")} == {"ann", "ben", "cleo", "dora"}


def test_columns_of_classes() -> None:
    columns = {"title": "Form {cn}", "classCode": "{cn}/26", "metadata.kind": "{dn.ou}", "grades": "cn"}
    groups = [{"base": GROUPS, "filter": "(cn=9B)", "make": "classes", "attributes": columns}]
    (row,) = read(with_classes(groups=groups)).classes.iter_rows(named=True)
    assert (row["title"], row["classCode"], row["metadata.kind"], row["grades"]) == (
        "Form 9B",
        "9B/26",
        "groups",
        ["9B"],
    )


def test_who_is_neither_student_nor_teacher_is_not_enrolled() -> None:
    parts = [
        {"base": PEOPLE, "role": "guardian", "roles": [{"role": "student", "attribute": "uid", "values": ["ben"]}]}
    ]
    delivery = deliver(with_classes(users=parts, groups=[{"base": GROUPS, "filter": "(cn=9B-Art)", "make": "classes"}]))
    assert members(delivery.roster(), "9B-Art") == {("ben", "student")}
    assert any("3 members of groups are parents" in note for note in delivery.notes)


def test_cohorts_stand_in_columns_of_people() -> None:
    clubs = {"base": f"ou=clubs,{OAK}", "make": "cohorts", "column": "club"}
    roster = read(settings(groups=[{**clubs, "most": 2}]))
    assert [by_login(roster, "ben")[f"metadata.club{end}"] for end in ("", ".2")] == ["Chess", "Choir"]
    assert [by_login(roster, "fay")[f"metadata.club{end}"] for end in ("", ".2")] == ["Choir", None]
    assert by_login(roster, "cleo")["metadata.club"] == "Chess", "a login in other capitals is the same"
    assert uuid.UUID(by_login(roster, "ben")["metadata.club.2.id"])
    assert [each.value for each in found(roster, "directory-member-unknown")] == ["stranger"]
    one = read(settings(groups=[clubs]))
    assert by_login(one, "ben")["metadata.club"] == "Chess"
    assert [each.count for each in found(one, "directory-cohorts-beyond")] == [1]


def test_classes_of_active_directory() -> None:
    roster = read(ad_settings(groups=[{"base": CORP, "make": "classes"}]))
    assert members(roster, "9B Art") == {("ALee", "teacher"), ("bost", "student")}
    assert roster.classes["classCode"].to_list() == ["9BArt"]


def test_the_school_year_of_today() -> None:
    assert school_year(date(2026, 7, 31)).title == "2025/26"
    begun = school_year(date(2026, 8, 1))
    assert (begun.title, begun.start, begun.end) == ("2026/27", date(2026, 8, 1), date(2027, 7, 31))
