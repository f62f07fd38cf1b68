"""Two sources in one: who is joined, what is taken from where, and what becomes of people on one side only."""

from pathlib import Path

import polars as pl
import pytest
from deliveries import CLASSES, ROSTER_11, enrollment, found, ids, roster_12, user
from deliveries import deliver as written
from hypothesis import given, settings
from hypothesis import strategies as st
from two_sources import (
    AD,
    changed,
    codes,
    directory,
    draft,
    join,
    of_ad,
    one,
    places_by,
    sis,
    surroundings,
    without,
)

from matricula.errors import MatriculaError, SettingError, StopError
from matricula.roster import Delivery, FindingBook
from matricula.roster.findings import DeliveryRefusedError
from matricula.sources import open_source


def refused(kind: type[MatriculaError], courses: Delivery, people: Delivery, **changes: object) -> MatriculaError:
    with pytest.raises(kind) as error:
        join(courses, people, **changes)
    return error.value


def test_people_of_courses_with_fields_of_the_directory(tmp_path: Path) -> None:
    roster = join(sis(tmp_path), directory(tmp_path, AD)).roster()
    assert ids(roster, "users") == ["u1", "u2", "u3"], "enrolments point at the sourcedIds of courses"
    ann = one(roster, "u1")
    assert (ann["givenName"], ann["username"], ann["email"]) == ("Known1", "login1", "User1@School.Example")
    assert ann["role"] == "teacher"
    assert roster.enrollments.height == 4
    assert all(roster.scope.covers(name) for name in ("users", "roles", "enrollments", "classes", "orgs"))
    assert not codes(roster)


def test_capitals_count_where_they_are_said_to(tmp_path: Path) -> None:
    people = directory(tmp_path, AD)
    assert refused(StopError, sis(tmp_path), people, ignore_case=False).code == "combined-nobody"


def test_a_key_for_each_side(tmp_path: Path) -> None:
    people = directory(tmp_path, [of_ad(n, identifier=f"user{n}") for n in (1, 2, 3)])
    roster = join(sis(tmp_path), people, join={"people": "identifier", "courses": "username"}).roster()
    assert one(roster, "u2")["username"] == "login2"


def test_only_what_is_named_is_taken(tmp_path: Path) -> None:
    ann = one(join(sis(tmp_path), directory(tmp_path, AD), take=["username"]).roster(), "u1")
    assert (ann["username"], ann["givenName"]) == ("login1", "Given1")


def test_what_is_blank_in_the_directory_erases_nothing(tmp_path: Path) -> None:
    people = directory(tmp_path, [of_ad(1, givenName=""), *AD[1:]])
    assert one(join(sis(tmp_path), people).roster(), "u1")["givenName"] == "Given1"


@pytest.mark.parametrize(("here", "there"), [("false", "true"), ("true", "false"), ("FALSE", "true"), ("true", "0")])
def test_who_is_disabled_on_either_side_is_disabled(tmp_path: Path, here: str, there: str) -> None:
    users = [user(1, "teacher", enabledUser=here), user(2), user(3)]
    people = directory(tmp_path, [of_ad(1, enabledUser=there), *AD[1:]])
    roster = join(sis(tmp_path, users=users), people).roster()
    assert [one(roster, each)["enabledUser"] for each in ("u1", "u2")] == [False, True]


def test_extension_columns_come_too(tmp_path: Path) -> None:
    people = directory(tmp_path, AD)
    frame = people.drafts["users"].frame.with_columns(pl.lit("North").alias("metadata.house"))
    roster = join(sis(tmp_path), changed(people, "users", frame=frame)).roster()
    assert one(roster, "u1")["metadata.house"] == "North"


def test_only_in_the_directory(tmp_path: Path) -> None:
    people = directory(tmp_path, [*AD, of_ad(9, role="guardian", familyName="Extra")])
    roster = join(sis(tmp_path), people).roster()
    assert ids(roster, "users") == ["u1", "u2", "u3"]
    told = found(roster, "combined-only-people")
    assert [str(each.message) for each in told] == ["Known9 Extra (User9@School.Example) is in ad and not in sis."]
    kept = join(sis(tmp_path), people, only_people="keep").roster()
    assert ids(kept, "users") == ["u1", "u2", "u3", "guid-9"]
    assert (one(kept, "guid-9")["role"], one(kept, "guid-9")["orgSourcedIds"]) == ("guardian", ["o1"])


def test_only_in_courses_is_gone_with_their_places(tmp_path: Path) -> None:
    people = directory(tmp_path, AD[:2])
    roster = join(sis(tmp_path), people).roster()
    assert [found_.value for found_ in found(roster, "combined-only-courses")] == ["user3@school.example"]
    assert ids(roster, "users") == ["u1", "u2"]
    assert set(roster.enrollments["userSourcedId"]) == {"u1", "u2"}
    assert roster.scope.covers("users"), "both are complete: they have left"
    assert not roster.unreadable
    assert not found(roster, "reference-lost")


def test_only_in_courses_may_be_kept_as_courses_have_them(tmp_path: Path) -> None:
    roster = join(sis(tmp_path), directory(tmp_path, AD[:2]), only_courses="keep").roster()
    assert one(roster, "u3")["username"] == "user3"
    assert roster.enrollments.height == 4


@pytest.mark.parametrize("changes", [{"lost": {"guid-3"}}, {"lost_unknown": 1}, {"damaged": True}, {"complete": False}])
def test_while_rows_of_the_directory_are_unusable_nobody_is_gone_for_it(tmp_path: Path, changes: dict) -> None:
    people = changed(directory(tmp_path, AD[:2]), "users", **changes)
    roster = join(sis(tmp_path), people).roster()
    assert "u3" not in ids(roster, "users")
    assert roster.unreadable["users"] == {"u3"}
    assert roster.unreadable_pairs == {("u3", "c1"), ("u3", "c2")}
    assert codes(roster) == {"combined-unsure"}


def test_a_broken_row_of_the_directory_does_not_give_back_the_old_login(tmp_path: Path) -> None:
    people = changed(directory(tmp_path, AD[:2]), "users", lost={"guid-3"})
    roster = join(sis(tmp_path), people, only_courses="keep").roster()
    assert roster.unreadable["users"] == {"u3"}


def test_rows_left_out_of_courses_are_carried_over(tmp_path: Path) -> None:
    courses = changed(sis(tmp_path), "users", lost={"u7"}, lost_unknown=0)
    roster = join(courses, directory(tmp_path, [*AD, of_ad(7)]), only_people="keep").roster()
    assert roster.unreadable["users"] >= {"u7", "guid-7"}, (
        "guid-7 may be the u7 whose row is broken: nobody is made twice"
    )
    assert "guid-7" not in ids(roster, "users")


def test_the_directory_must_be_complete_for_people_to_be_gone(tmp_path: Path) -> None:
    people = changed(directory(tmp_path, AD), "users", complete=False)
    roster = join(sis(tmp_path), people).roster()
    assert not roster.scope.covers("users")
    assert roster.scope.covers("classes")


@pytest.mark.parametrize("side", ["ad", "sis"])
def test_a_shared_key_joins_nobody_and_nobody_is_gone(tmp_path: Path, side: str) -> None:
    users = [user(1, "teacher"), user(2), user(3)]
    if side == "sis":
        users.append(user(4, email="USER3@school.example"))
    rows = [*AD, of_ad(8, email="user3@school.example")] if side == "ad" else AD
    roster = join(sis(tmp_path, users=users), directory(tmp_path, rows), only_courses="keep").roster()
    assert ids(roster, "users") == ["u1", "u2"]
    assert {"u3"} <= roster.unreadable["users"]
    told = found(roster, "combined-key-twice")
    assert len(told) == 2
    assert {side in each.message for each in told} == {True}
    assert told[0].severity == "error"


def test_the_same_row_twice_is_one_person(tmp_path: Path) -> None:
    roster = join(sis(tmp_path), directory(tmp_path, [*AD, AD[0]])).roster()
    assert one(roster, "u1")["username"] == "login1"
    assert not codes(roster)


def test_a_blank_key_makes_nobody_gone(tmp_path: Path) -> None:
    courses = sis(tmp_path, users=[user(1, "teacher"), user(2), user(3, email="")])
    people = directory(tmp_path, [*AD, of_ad(5, email="")])
    roster = join(courses, people).roster()
    assert roster.unreadable["users"] == {"u3"}
    assert len(found(roster, "combined-key-blank")) == 2
    kept = join(courses, people, only_courses="keep").roster()
    assert one(kept, "u3")["username"] == "user3"


def test_many_on_one_side_are_listed_and_then_counted(tmp_path: Path) -> None:
    roster = join(sis(tmp_path), directory(tmp_path, [*AD, *(of_ad(n) for n in range(100, 170))])).roster()
    told = found(roster, "combined-only-people")
    assert len(told) == 51
    assert sum(each.count for each in told) == 70


def test_parents_who_are_left_out_are_not_pointed_at(tmp_path: Path) -> None:
    users = [user(1, "teacher"), user(2), user(3, agentSourcedIds="p1,u1"), user(4, "parent", sourcedId="p1")]
    roster = join(sis(tmp_path, users=users), directory(tmp_path, AD)).roster()
    assert one(roster, "u3")["agentSourcedIds"] == ["u1"]
    assert not found(roster, "reference-unknown")


@pytest.mark.parametrize("column", ["email", "username"])
def test_enrolments_alone_that_name_people_by_a_key(tmp_path: Path, column: str) -> None:
    people = directory(
        tmp_path, [user(n, "teacher" if n == 1 else "student", sourcedId=f"guid-{n}") for n in (1, 2, 3, 4)]
    )
    roster = join(places_by(column, tmp_path), people, join=column).roster()
    assert ids(roster, "users") == ["guid-1", "guid-2", "guid-3", "guid-4"], "who is in no class is kept"
    assert roster.enrollments["userSourcedId"].to_list() == ["guid-1", "guid-2", "guid-3"]
    assert one(roster, "guid-1")["role"] == "teacher"
    assert roster.scope.covers("enrollments")
    assert not roster.findings
    fewer = join(places_by(column, tmp_path), people, join=column, only_people="leave-out").roster()
    assert ids(fewer, "users") == ["guid-1", "guid-2", "guid-3"]
    assert codes(fewer) == {"combined-only-people"}


def test_a_place_of_somebody_unknown(tmp_path: Path) -> None:
    courses, people = places_by("email", tmp_path), directory(tmp_path, AD[:2])
    roster = join(courses, people).roster()
    assert [each.value for each in found(roster, "combined-only-courses")] == ["user3@school.example"]
    assert roster.enrollments.height == 2
    assert not roster.unreadable_pairs
    broken = join(courses, changed(people, "users", lost={"guid-3"})).roster()
    assert broken.unreadable_pairs == {("", "c2")}, "whose place it is cannot be known"


def test_lost_places_follow_the_person(tmp_path: Path) -> None:
    courses = changed(
        places_by("email", tmp_path), "enrollments", lost_pairs={("USER1@school.example", "c2"), ("?", "c1")}
    )
    roster = join(courses, directory(tmp_path, AD)).roster()
    assert roster.unreadable_pairs == {("guid-1", "c2"), ("", "c1")}


def test_a_place_under_a_shared_key(tmp_path: Path) -> None:
    people = directory(tmp_path, [*AD, of_ad(8, email="user3@school.example")])
    roster = join(places_by("email", tmp_path), people, only_people="leave-out").roster()
    assert roster.unreadable_pairs == {("", "c2")}
    assert len(found(roster, "combined-key-twice")) == 2


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_sides_of_different_versions(tmp_path: Path, version: str) -> None:
    school = ROSTER_11 if version == "1.1" else roster_12()
    path = written(tmp_path / "sis", school, version)
    courses = open_source({"type": "oneroster-csv", "path": str(path)}).deliver()
    rows = [{"sourcedId": f"g{n}", "email": f"user{n}@school.example", "preferredGivenName": "Zed"} for n in (1, 2, 3)]
    people = Delivery({"users": draft("users", rows, complete=True)}, "1.2", "here", FindingBook())
    roster = join(courses, people).roster()
    assert one(roster, "u1")["preferredGivenName"] == "Zed"
    assert (one(roster, "u1")["role"], one(roster, "u1")["orgSourcedIds"]) == ("teacher", ["o1"])
    assert not [each for each in roster.findings if each.severity == "error"]


def test_a_person_in_two_schools_keeps_both(tmp_path: Path) -> None:
    orgs = [*ROSTER_11["orgs"], {"sourcedId": "o2", "name": "Elm", "type": "school"}]
    courses = sis(tmp_path, orgs=orgs, users=[user(1, "teacher", orgSourcedIds="o2, o1"), user(2), user(3)])
    roster = join(courses, directory(tmp_path, AD)).roster()
    assert one(roster, "u1")["orgSourcedIds"] == ["o2", "o1"]
    assert roster.roles.filter(pl.col("userSourcedId") == "u1").height == 2


def test_findings_name_the_source_that_they_come_from(tmp_path: Path) -> None:
    courses = sis(tmp_path, enrollments=[*ROSTER_11["enrollments"], enrollment(9, "u1", "c9")])
    roster = join(courses, directory(tmp_path, AD)).roster()
    assert [each.place for each in found(roster, "reference-lost")] == [
        "sis, enrollments.csv line 6, column classSourcedId"
    ]


def test_nobody_on_both_sides(tmp_path: Path) -> None:
    people = directory(tmp_path, [of_ad(1, identifier="X-77")])
    error = refused(StopError, sis(tmp_path), people, join={"people": "identifier", "courses": "username"})
    assert error.code == "combined-nobody"
    assert "“a-99” in ad" in str(error)
    assert "X-77" not in str(error)


def test_a_key_that_is_nowhere_is_told_with_those_there_are(tmp_path: Path) -> None:
    error = refused(SettingError, sis(tmp_path), directory(tmp_path, AD), join="identifier")
    assert error.code == "combined-key-missing"
    assert "People of ad" in error.what
    assert "username" in error.remedy


@pytest.mark.parametrize("side", ["ad", "sis"])
def test_an_empty_side_is_a_fault(tmp_path: Path, side: str) -> None:
    courses, people = sis(tmp_path), directory(tmp_path, AD)
    if side == "ad":
        people = changed(people, "users", frame=people.drafts["users"].frame.clear())
    else:
        courses = changed(courses, "users", frame=courses.drafts["users"].frame.clear())
    error = refused(StopError, courses, people)
    assert (error.code, side in error.what) == ("combined-empty", True)


def test_enrolments_that_are_not_there_or_empty(tmp_path: Path) -> None:
    courses, people = places_by("email", tmp_path), directory(tmp_path, AD)
    assert refused(SettingError, without(courses, "enrollments"), people).code == "combined-no-courses"
    none = changed(courses, "enrollments", frame=courses.drafts["enrollments"].frame.clear())
    assert refused(StopError, none, people).code == "combined-empty"


def test_people_must_come_from_somewhere(tmp_path: Path) -> None:
    assert refused(SettingError, sis(tmp_path), without(directory(tmp_path, AD), "users")).code == "combined-no-people"


def test_a_strict_side_is_strict_here_too(tmp_path: Path) -> None:
    path = written(tmp_path / "strict", ROSTER_11 | {"users": [user(1, "wizard"), user(2), user(3)]})
    courses = open_source({"type": "oneroster-csv", "path": str(path), "strict": True}).deliver()
    with pytest.raises(DeliveryRefusedError):
        join(courses, directory(tmp_path, AD))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"people": "sis"}, "same source"),
        ({"join": "givenName"}, "cannot be joined"),
        ({"take": ["sourcedId"]}, "cannot be taken"),
        ({"only_people": "delete"}, "keep"),
    ],
)
def test_settings_that_make_no_sense(changes: dict, told: str) -> None:
    document = {"type": "combined", "courses": "sis", "people": "ad", "join": "email"} | changes
    with pytest.raises(SettingError, match=told):
        open_source(document, surroundings())


@settings(deadline=None, max_examples=40)
@given(
    here=st.lists(st.integers(1, 12), unique=True, min_size=1),
    there=st.lists(st.integers(1, 12), unique=True, min_size=1),
    keep_people=st.booleans(),
    keep_courses=st.booleans(),
)
def test_everybody_is_somewhere(here: list[int], there: list[int], keep_people: bool, keep_courses: bool) -> None:
    """Whoever is on either side is delivered or told of, never both lost and unmentioned."""
    if not set(here) & set(there):
        return
    rows = [{"sourcedId": f"u{n}", "email": f"{n}@x", "username": f"s{n}"} for n in here]
    roles = [{"sourcedId": f"r{n}", "userSourcedId": f"u{n}", "roleType": "primary", "role": "student"} for n in here]
    classes = {"classes": draft("classes", CLASSES, complete=True)}
    courses = Delivery(
        {"users": draft("users", rows, complete=True), "roles": draft("roles", roles, complete=True)} | classes,
        "1.2",
        "s",
    )
    theirs = [{"sourcedId": f"g{n}", "email": f"{n}@x", "username": f"a{n}"} for n in there]
    people = Delivery({"users": draft("users", theirs, complete=True)}, "1.2", "a")
    modes = {
        "only_people": "keep" if keep_people else "leave-out",
        "only_courses": "keep" if keep_courses else "leave-out",
    }
    roster = join(courses, people, **modes).roster()
    both = set(here) & set(there)
    expected = {f"u{n}" for n in both} | ({f"u{n}" for n in set(here) - both} if keep_courses else set())
    assert set(ids(roster, "users")) == expected | ({f"g{n}" for n in set(there) - both} if keep_people else set())
    assert {one(roster, f"u{n}")["username"] for n in both} == {f"a{n}" for n in both}
    told = {each.value for code in ("combined-only-people", "combined-only-courses") for each in found(roster, code)}
    assert told == {f"{n}@x" for n in set(here) ^ set(there)}
