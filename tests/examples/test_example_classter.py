"""The example in the manner of Classter's execution profiles: all four parts, every choice made."""

import pytest

HERE = "Lindenhof School / School year 2026/27"
AUTUMN = f"{HERE} / Autumn / Grade 07 / Sciences"
SPRING = f"{HERE} / Spring / Grade 07 / Languages"


def test_people_get_the_fields_that_their_kind_has_rules_for(place):
    here = place("classter")
    here.run()
    fields = ("firstname", "lastname", "email", "idnumber", "city", "department", "country", "profile:housename")
    town = "Lindenhof"
    assert here.users(*fields) == {
        "alee": ("Ann", "Lee", "ann.lee@lindenhof.example", "1001", town, "Grade 07", "DE", "North"),
        "bost": ("Ben", "Öst", "bost@noemail.invalid", "1002", town, "Grade 07", "DE", "South"),
        "clee": ("Cléo", "Lee", "cleo.lee@lindenhof.example", "1003", town, "Grade 07", "DE", "North"),
        "clee2": ("Conrad", "Lee", "conrad.lee@home.example", "4001", town, "", "DE", ""),
        "dorr": ("Dan", "Orr", "dan.orr@lindenhof.example", "1004", town, "Grade 07", "DE", "South"),
        "epoe": ("Eve", "Poe", "eve.poe@lindenhof.example", "1005", town, "Grade 06", "DE", ""),
        "thill": ("Tom", "Hill", "tom.hill@lindenhof.example", "2001", town, "", "DE", ""),
        "uiyer": ("Uma", "Iyer", "uma.iyer@lindenhof.example", "2002", town, "", "DE", ""),
    }


def test_new_people_must_change_their_password(place):
    here = place("classter")
    here.run()
    forced = here.site.state.all("SELECT userid FROM user_preference WHERE name = 'auth_forcepasswordchange'")
    assert len(forced) == 8


def test_the_tree_has_eight_levels_with_their_names_and_id_numbers(place):
    here = place("classter")
    here.run()
    there = here.categories()
    assert {path: there[path] for path in ("Courses without a place", "Former courses")} == {
        "Courses without a place": "matricula-unsorted",
        "Former courses": "matricula-archive",
    }
    assert there["Lindenhof School"] == "LH"
    assert there[HERE] == "institute:lindenhof/period:2027"
    assert there[AUTUMN] == "SCI-2027-autumn-07"
    assert there[SPRING] == "LANG-2027-spring-07"
    assert [path for path in there if path.count("/") >= 7 and path.endswith(("Science", "English"))] == [
        f"{AUTUMN} / Annex / 7B / Science",
        f"{AUTUMN} / Main building / 7A / Science",
        f"{SPRING} / Main building / 7A / English",
    ]
    assert len(there) == 19


COURSES = {
    "7A-SC-2026/27": (
        "7A-Science(c-7a-sc-SC)",
        "c-7a-sc/SC",
        f"{AUTUMN} / Main building / 7A / Science",
        True,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    ),
    "7B-SC-2026/27": (
        "7B-Science(c-7b-sc-SC)",
        "c-7b-sc/SC",
        f"{AUTUMN} / Annex / 7B / Science",
        True,
        "2026-08-17 00:00",
        "2027-01-30 00:00",
    ),
    "7A-EN-2026/27": (
        "7A-English(c-7a-en-EN)",
        "c-7a-en/EN",
        f"{SPRING} / Main building / 7A / English",
        True,
        "2027-02-01 00:00",
        "2027-07-03 00:00",
    ),
    "7A-FORM-2026/27": (
        "7A-Form(c-7a-FORM)",
        "c-7a/FORM",
        "Courses without a place",
        True,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    ),
    "CHESS-CLUB-2026/27": (
        "Chess-Clubs(c-chess-CLUB)",
        "c-chess/CLUB",
        "Courses without a place",
        True,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    ),
}


def test_every_pair_of_group_and_subject_of_the_year_is_a_course(place):
    here = place("classter")
    here.run()
    assert here.courses() == COURSES


def test_courses_get_their_format_and_switches(place):
    here = place("classter")
    here.run()
    kept = here.site.state.all(
        "SELECT format, lang, groupmode, showreports, enablecompletion FROM course WHERE id > 1 GROUP BY 1, 2, 3, 4, 5"
    )
    assert [tuple(row.values()) for row in kept] == [("topics", "en", 1, 1, 1)]
    sections = here.site.state.all("SELECT MAX(section) AS last FROM course_sections WHERE course > 1 GROUP BY course")
    assert {row["last"] for row in sections} == {12}


ENROLLED = {
    ("alee", "7A-SC-2026/27", "student"),
    ("bost", "7A-SC-2026/27", "student"),
    ("thill", "7A-SC-2026/27", "editingteacher"),
    ("uiyer", "7A-SC-2026/27", "teacher"),
    ("clee", "7B-SC-2026/27", "student"),
    ("thill", "7B-SC-2026/27", "editingteacher"),
    ("uiyer", "7B-SC-2026/27", "mentor"),
    # It begins in February; the site shows it as it shows suspended ones.
    ("alee", "7A-EN-2026/27", "student", "suspended"),
    ("uiyer", "7A-EN-2026/27", "editingteacher"),
    ("alee", "7A-FORM-2026/27", "student"),
    ("bost", "7A-FORM-2026/27", "student"),
    ("thill", "7A-FORM-2026/27", "editingteacher"),
    ("clee", "CHESS-CLUB-2026/27", "student"),
}
DAN = ("dorr", "7B-SC-2026/27", "student")


def test_main_and_other_teachers_and_mentors_have_roles_of_their_own(place):
    here = place("classter")
    here.run()
    assert here.enrolments() == ENROLLED


def test_students_have_days_and_teachers_have_none(place):
    here = place("classter")
    here.run()
    days = {
        (row["username"], row["shortname"]): (here.day(row["timestart"]), here.day(row["timeend"]))
        for row in here.site.state.all(
            "SELECT u.username, c.shortname, ue.timestart, ue.timeend FROM user_enrolments ue"
            " JOIN enrol e ON e.id = ue.enrolid JOIN course c ON c.id = e.courseid JOIN user u ON u.id = ue.userid"
        )
    }
    assert days["clee", "7B-SC-2026/27"] == ("2026-08-17 00:00", "2027-01-30 00:00")
    assert days["alee", "7A-FORM-2026/27"] == ("2026-08-17 00:00", "")
    assert days["thill", "7A-SC-2026/27"] == ("", "")


def test_what_began_before_the_start_of_synchronisation_takes_a_person_to_ask_for(place):
    here = place("classter")
    here.run()
    planned = here.hub.plan("classter", only=("dan.orr@lindenhof.example",))
    assert here.hub.apply(planned.number, planned.words).left == 0
    assert here.enrolments() == ENROLLED | {DAN}
    here.run()
    assert here.enrolments() == ENROLLED | {DAN}
    assert here.groups()["7B-SC-2026/27", "House South"] == ["dorr"]


def test_houses_are_groups_of_students_in_a_grouping(place):
    here = place("classter")
    here.run()
    assert here.groups() == {
        ("7A-SC-2026/27", "House North"): ["alee"],
        ("7A-SC-2026/27", "House South"): ["bost"],
        ("7B-SC-2026/27", "House North"): ["clee"],
        ("7A-EN-2026/27", "House North"): ["alee"],
        ("7A-FORM-2026/27", "House North"): ["alee"],
        ("7A-FORM-2026/27", "House South"): ["bost"],
        ("CHESS-CLUB-2026/27", "House North"): ["clee"],
    }
    assert {row["name"] for row in here.site.state.all("SELECT name FROM groupings")} == {"Houses"}


def test_enrolments_stay_former_courses_are_put_away_and_students_who_left_are_suspended(place):
    here = place("classter")
    here.run()
    here.leave("enrollments", "e02", "e04", "e14", "e06", "e09", "e13")
    here.leave("classes", "c-chess")
    here.leave("roles", "r-dan", "r-tom")
    here.leave("users", "dan", "tom")
    here.run()
    assert here.enrolments() == ENROLLED
    assert [name for name, (suspended,) in here.users("suspended").items() if suspended] == ["dorr"]
    away = (
        "Chess-Clubs(c-chess-CLUB)",
        "c-chess/CLUB",
        "Former courses",
        False,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    )
    assert here.courses() == COURSES | {"CHESS-CLUB-2026/27": away}


def test_a_plan_that_would_suspend_more_than_a_twentieth_waits(place):
    here = place("classter")
    here.run()
    here.leave("enrollments", "e04")
    here.leave("roles", "r-dan")
    here.leave("users", "dan")
    assert here.hub.plan("classter").words == ""
    limits = here.home.profile("classter").limits
    assert (limits.share, limits.of("course", "delete").absolute, limits.rollover.share) == (0.05, 0, 0.6)


@pytest.mark.parametrize("field", ["city", "department"])
def test_what_people_change_of_their_account_stands(place, field):
    here = place("classter")
    here.run()
    (ann,) = here.moodle.users.find("username", ["alee"])
    here.moodle.users.update([{"id": ann.id, field: "Elsewhere"}])
    file = here.roster / "users.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",,07,", ",,08,"), encoding="utf-8")
    here.run()
    assert here.users(field)["alee"] == ("Elsewhere",)
