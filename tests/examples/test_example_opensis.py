"""The example in the manner of openSIS's own link: everybody, and the sections that are virtual classes."""


def test_all_students_and_staff_with_an_address_have_an_account(place):
    here = place("opensis")
    here.run()
    assert here.users("firstname", "lastname", "email", "idnumber") == {
        "ann.lee": ("Ann", "Lee", "ann.lee@lindenhof.example", "ann"),
        "cleo.lee": ("Cleopatra", "Lee", "cleo.lee@lindenhof.example", "cleo"),
        "dan.orr": ("Dan", "Orr", "dan.orr@lindenhof.example", "dan"),
        "eve.poe": ("Eve", "Poe", "eve.poe@lindenhof.example", "eve"),
        "tom.hill": ("Tom", "Hill", "tom.hill@lindenhof.example", "tom"),
        "uma.iyer": ("Uma", "Iyer", "uma.iyer@lindenhof.example", "uma"),
        "vera.wolf": ("Vera", "Wolf", "vera.wolf@lindenhof.example", "vera"),
    }


def test_who_has_no_address_is_told_by_name(place):
    here = place("opensis")
    planned = here.hub.plan("opensis")
    told = [finding.message for finding in planned.findings if finding.code == "user-without-email"]
    assert told == ["Ben Öst has no usable e-mail address; no account is made."]


def test_an_account_with_the_address_is_theirs(place):
    here = place("opensis")
    row = {"username": "vw", "firstname": "V.", "lastname": "Wolf", "email": "VERA.wolf@lindenhof.example"}
    (made,) = here.moodle.users.create([row | {"password": "Secret-123"}])
    here.run()
    (vera,) = here.moodle.users.find("email", ["vera.wolf@lindenhof.example"])
    assert (vera.id, vera.username, vera.firstname, vera.idnumber) == (made.id, "vera.wolf", "Vera", "vera")


COURSES = {
    "7A/Sc 2026/27": (
        "Science - 7A/Sc",
        "c-7a-sc",
        "Lindenhof School / Science",
        True,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    ),
    "7B/Sc 2026/27": (
        "Science - 7B/Sc",
        "c-7b-sc",
        "Lindenhof School / Science",
        True,
        "2026-08-17 00:00",
        "2027-01-30 00:00",
    ),
    "CHESS 2026/27": (
        "Clubs - CHESS",
        "c-chess",
        "Lindenhof School / Clubs",
        True,
        "2026-08-17 00:00",
        "2027-07-03 00:00",
    ),
}
ENROLLED = {
    ("ann.lee", "7A/Sc 2026/27", "student"),
    ("tom.hill", "7A/Sc 2026/27", "editingteacher"),
    ("uma.iyer", "7A/Sc 2026/27", "editingteacher"),
    ("cleo.lee", "7B/Sc 2026/27", "student"),
    ("dan.orr", "7B/Sc 2026/27", "student"),
    ("tom.hill", "7B/Sc 2026/27", "editingteacher"),
    ("cleo.lee", "CHESS 2026/27", "student"),
}


def test_only_virtual_classes_of_the_year_are_courses(place):
    here = place("opensis")
    here.run()
    assert here.categories() == {
        "Lindenhof School": "institute:lindenhof",
        "Lindenhof School / Science": "course-science",
        "Lindenhof School / Clubs": "course-clubs",
    }
    assert here.courses() == COURSES


def test_teachers_are_editing_teachers_and_students_students(place):
    here = place("opensis")
    here.run()
    assert here.enrolments() == ENROLLED


def test_sections_are_groups_and_grades_are_cohorts(place):
    here = place("opensis")
    here.run()
    assert here.groups() == {
        ("7A/Sc 2026/27", "7A/Sc"): ["ann.lee", "tom.hill", "uma.iyer"],
        ("7B/Sc 2026/27", "7B/Sc"): ["cleo.lee", "dan.orr", "tom.hill"],
        ("CHESS 2026/27", "CHESS"): ["cleo.lee"],
    }
    assert here.cohorts() == {
        ("Grade 06", "grade-06"): ["eve.poe"],
        ("Grade 07", "grade-07"): ["ann.lee", "cleo.lee", "dan.orr"],
    }


def test_who_drops_a_section_is_unenrolled_and_courses_are_left(place):
    here = place("opensis")
    here.run()
    here.leave("enrollments", "e04", "e14")
    here.leave("classes", "c-chess")
    here.run()
    assert here.enrolments() == ENROLLED - {
        ("dan.orr", "7B/Sc 2026/27", "student"),
        ("cleo.lee", "CHESS 2026/27", "student"),
    }
    assert here.courses() == COURSES
    assert here.groups()["7B/Sc 2026/27", "7B/Sc"] == ["cleo.lee", "tom.hill"]


def test_a_section_that_is_switched_on_becomes_a_course(place):
    here = place("opensis")
    here.run()
    file = here.roster / "classes.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",EN,,N", ",EN,,yes"), encoding="utf-8")
    here.run()
    assert here.courses()["7A/En 2026/27"][0] == "English - 7A/En"
