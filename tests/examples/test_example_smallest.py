"""The smallest example: every setting at its default."""

SCHOOL = "Lindenhof School"
THIS, LAST = f"{SCHOOL} / 2026/27", f"{SCHOOL} / 2025/26"


def test_everybody_but_parents_has_an_account(place):
    here = place("smallest")
    here.run()
    assert here.users("firstname", "lastname", "email", "idnumber", "suspended", "auth") == {
        "ann.lee": ("Ann", "Lee", "ann.lee@lindenhof.example", "ann", False, "manual"),
        "ben.oest": ("Ben", "Öst", "ben.oest@noemail.invalid", "ben", False, "manual"),
        "cleo.lee": ("Cléo", "Lee", "cleo.lee@lindenhof.example", "cleo", False, "manual"),
        "dan.orr": ("Dan", "Orr", "dan.orr@lindenhof.example", "dan", False, "manual"),
        "eve.poe": ("Eve", "Poe", "eve.poe@lindenhof.example", "eve", False, "manual"),
        "tom.hill": ("Tom", "Hill", "tom.hill@lindenhof.example", "tom", False, "manual"),
        "uma.iyer": ("Uma", "Iyer", "uma.iyer@lindenhof.example", "uma", False, "manual"),
        "vera.wolf": ("Vera", "Wolf", "vera.wolf@lindenhof.example", "vera", False, "manual"),
    }


def test_every_class_is_a_course_in_its_school_and_year(place):
    here = place("smallest")
    here.run()
    assert here.categories() == {
        SCHOOL: "institute:lindenhof",
        THIS: "institute:lindenhof/period:2027",
        LAST: "institute:lindenhof/period:2026",
    }
    begin, end = "2026-08-17 00:00", "2027-07-03 00:00"
    assert here.courses() == {
        "6A/Sc 2025/26": ("Science – 6A", "c-6a-sc", LAST, True, "2025-08-18 00:00", "2026-07-04 00:00"),
        "7A/Sc 2026/27": ("Science – 7A", "c-7a-sc", THIS, True, begin, end),
        "7B/Sc 2026/27": ("Science – 7B", "c-7b-sc", THIS, True, begin, "2027-01-30 00:00"),
        "7A/En 2026/27": ("English – 7A", "c-7a-en", THIS, True, "2027-02-01 00:00", end),
        "7A 2026/27": ("Form – 7A", "c-7a", THIS, True, begin, end),
        "CHESS 2026/27": ("Clubs – Chess", "c-chess", THIS, True, begin, end),
    }


ENROLLED = {
    ("ann.lee", "6A/Sc 2025/26", "student"),
    ("ann.lee", "7A/Sc 2026/27", "student"),
    ("ben.oest", "7A/Sc 2026/27", "student"),
    ("tom.hill", "7A/Sc 2026/27", "editingteacher"),
    ("uma.iyer", "7A/Sc 2026/27", "editingteacher"),
    ("cleo.lee", "7B/Sc 2026/27", "student"),
    ("dan.orr", "7B/Sc 2026/27", "student"),
    ("tom.hill", "7B/Sc 2026/27", "editingteacher"),
    ("ann.lee", "7A/En 2026/27", "student"),
    ("uma.iyer", "7A/En 2026/27", "editingteacher"),
    ("ann.lee", "7A 2026/27", "student"),
    ("ben.oest", "7A 2026/27", "student"),
    ("tom.hill", "7A 2026/27", "editingteacher"),
    ("cleo.lee", "CHESS 2026/27", "student"),
}


def test_students_and_teachers_are_enrolled_and_mentors_are_not(place):
    here = place("smallest")
    here.run()
    assert here.enrolments() == ENROLLED
    assert here.groups() == {}


def test_who_left_is_suspended_and_what_ended_is_hidden(place):
    here = place("smallest")
    here.run()
    here.leave("enrollments", "e02", "e04", "e14")
    here.leave("classes", "c-chess")
    here.leave("roles", "r-dan")
    here.leave("users", "dan")
    here.run()
    assert [name for name, (suspended,) in here.users("suspended").items() if suspended] == ["dan.orr"]
    assert [name for name, course in here.courses().items() if not course[3]] == ["CHESS 2026/27"]
    gone = {
        ("ben.oest", "7A/Sc 2026/27", "student"),
        ("dan.orr", "7B/Sc 2026/27", "student"),
        ("cleo.lee", "CHESS 2026/27", "student"),
    }
    assert here.enrolments() == ENROLLED - gone | {(*enrolment, "suspended") for enrolment in gone}
