"""The example in the manner of iSAMS and Moodle's External database enrolment."""

BEGAN = ("2026-11-20 00:00", "2027-11-20 00:00")
UNSORTED = "Unsorted courses"


def test_people_in_sets_have_an_account_of_their_directory_and_others_none(place):
    here = place("isams")
    here.run()
    assert here.users("firstname", "lastname", "email", "idnumber", "department", "auth") == {
        "ann.lee": ("Ann", "Lee", "ann.lee@lindenhof.example", "ann", "7A", "ldap"),
        "cleo.lee": ("Cléo", "Lee", "cleo.lee@lindenhof.example", "cleo", "", "ldap"),
        "dan.orr": ("Dan", "Orr", "dan.orr@lindenhof.example", "dan", "", "ldap"),
        "tom.hill": ("Tom", "Hill", "tom.hill@lindenhof.example", "tom", "7A", "ldap"),
        "uma.iyer": ("Uma", "Iyer", "uma.iyer@lindenhof.example", "uma", "", "ldap"),
    }


SETS = ("Science - 7A/Sc - 26-27", "Science - 7B/Sc - 26-27", "English - 7A/En - 26-27", "Form - 7A - 26-27")
NUMBERS = ("7A/Sc - 26-27", "7B/Sc - 26-27", "7A/En - 26-27", "7A - 26-27")


def test_sets_are_hidden_courses_in_the_default_category_named_as_the_views_name_them(place):
    here = place("isams")
    here.run()
    assert here.categories() == {UNSORTED: "matricula-unsorted"}
    courses = here.courses()
    years = courses.pop("Y7-Science")
    assert years[:4] == ("Year 7 Science", "", UNSORTED, True)
    assert {name: course[:4] for name, course in courses.items()} == {
        name: (name, number, UNSORTED, False) for name, number in zip(SETS, NUMBERS, strict=True)
    }


def test_courses_are_in_topics_one_section_a_page_with_completion(place):
    here = place("isams")
    here.run()
    rows = here.site.state.all("SELECT id, format, enablecompletion FROM course WHERE shortname LIKE '% - 26-27'")
    assert {(row["format"], row["enablecompletion"]) for row in rows} == {("topics", 1)}
    assert [here.option(row["id"], "coursedisplay") for row in rows] == [1, 1, 1, 1]


ENROLLED = {
    ("ann.lee", SETS[0], "student"),
    ("tom.hill", SETS[0], "editingteacher"),
    ("uma.iyer", SETS[0], "editingteacher"),
    ("cleo.lee", SETS[1], "student"),
    ("dan.orr", SETS[1], "student"),
    ("tom.hill", SETS[1], "editingteacher"),
    ("ann.lee", SETS[2], "student"),
    ("uma.iyer", SETS[2], "editingteacher"),
    ("ann.lee", SETS[3], "student"),
    ("tom.hill", SETS[3], "editingteacher"),
}
YEAR = {
    ("ann.lee", "Y7-Science", "student"),
    ("cleo.lee", "Y7-Science", "student"),
    ("dan.orr", "Y7-Science", "student"),
    ("tom.hill", "Y7-Science", "editingteacher"),
    ("uma.iyer", "Y7-Science", "editingteacher"),
}


def test_roles_are_given_by_id_and_the_years_course_takes_all_of_its_sets(place):
    here = place("isams")
    here.run()
    assert here.enrolments() == ENROLLED | YEAR


def test_who_leaves_a_set_is_suspended_in_its_course(place):
    here = place("isams")
    here.run()
    here.leave("enrollments", "e04")
    here.run()
    dan = ("dan.orr", SETS[1], "student")
    left = {enrolment for enrolment in here.enrolments() if enrolment[1] in SETS}
    assert left == ENROLLED - {dan} | {(*dan, "suspended")}


def test_a_set_that_ends_leaves_the_years_course_and_stays_as_a_course(place):
    here = place("isams")
    here.run()
    here.leave("enrollments", "e03", "e04", "e09", "e10")
    here.leave("classes", "c-7b-sc")
    here.run()
    assert set(here.courses()) == {*SETS, "Y7-Science"}
    year = {enrolment for enrolment in here.enrolments() if enrolment[1] == "Y7-Science"}
    assert not {("cleo.lee", "Y7-Science", "student"), ("dan.orr", "Y7-Science", "student")} & year
    assert ("ann.lee", "Y7-Science", "student") in year
