"""The categories that courses stand in: any chain of levels, their names and ID numbers."""

import datetime as dt

import pytest
from rosters import codes, only, roster, rows_of, wanted

from matricula.profiles.moodle_limits import LENGTHS


def tree(made=None, **parts):
    found = rows_of(wanted(made or roster(), **parts), "category")
    return {key: (row["name"], row["parent"], row["idnumber"]) for key, row in found.items()}


def test_courses_stand_in_their_school_and_year():
    assert tree() == {
        "institute:o1": ("Oak School", "", "institute:o1"),
        "institute:o1/period:2027": ("2026/27", "institute:o1", "institute:o1/period:2027"),
    }


@pytest.mark.parametrize(
    ("levels", "keys"),
    [
        (["institute"], ["institute:o1"]),
        (["period"], ["period:2027"]),
        (["period", "institute"], ["period:2027", "period:2027/institute:o1"]),
        ([], ["unsorted"]),
    ],
)
def test_the_profile_chooses_the_levels(levels, keys):
    assert sorted(tree(categories={"levels": levels})) == keys


def test_each_school_has_a_tree_of_its_own():
    orgs = [{}, {"sourcedId": "o2", "name": "Elm School"}]
    made = roster(orgs=orgs, classes=[{}, {"sourcedId": "c2", "classCode": "B", "schoolSourcedId": "o2"}])
    assert sorted(tree(made)) == [
        "institute:o1",
        "institute:o1/period:2027",
        "institute:o2",
        "institute:o2/period:2027",
    ]


def test_a_term_without_parent_and_the_year_itself_meet_in_one_category():
    sessions = [{}, {"sourcedId": "t1", "type": "term", "title": "Autumn"}]
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["t1"]}]
    assert sorted(tree(roster(academicSessions=sessions, classes=classes))) == [
        "institute:o1",
        "institute:o1/period:2027",
    ]


def test_a_year_is_named_by_its_title_or_else_by_its_number():
    assert (
        tree(roster(academicSessions=[{"title": "School year 27"}]))["institute:o1/period:2027"][0] == "School year 27"
    )
    assert (
        tree(roster(academicSessions=[{"type": "term", "title": "Autumn"}]))["institute:o1/period:2027"][0] == "2026/27"
    )


def test_a_year_without_number_is_known_by_its_id():
    assert "institute:o1/period:y27" in tree(roster(academicSessions=[{"schoolYear": None}]))


def test_parents_in_a_circle_end():
    sessions = [
        {"sourcedId": "a", "type": "term", "parentSourcedId": "b"},
        {"sourcedId": "b", "type": "term", "parentSourcedId": "a"},
    ]
    assert "institute:o1/period:2027" in tree(roster(academicSessions=sessions, classes=[{"termSourcedIds": ["a"]}]))


@pytest.mark.parametrize(
    "change",
    [{"schoolSourcedId": None, "termSourcedIds": None}, {"schoolSourcedId": "o9"}, {"termSourcedIds": None}],
)
def test_a_course_of_which_a_level_is_unknown_goes_to_the_unsorted_ones_and_is_told(change):
    made = roster(classes=[change])
    desired = wanted(made, categories={"unsorted": "Elsewhere"})
    assert tree(made, categories={"unsorted": "Elsewhere"}) == {"unsorted": ("Elsewhere", "", "matricula-unsorted")}
    assert only(desired, "course")["category"] == "unsorted"
    assert codes(desired) == ["course-unsorted"]


@pytest.mark.parametrize("change", [{"schoolSourcedId": None}, {"termSourcedIds": None}])
def test_a_course_that_is_there_is_not_moved_because_a_level_is_unknown(change):
    assert only(wanted(roster(classes=[change])), "course")["fields"]["category"] is None


def test_without_levels_all_courses_stand_in_one_category_and_nothing_is_told():
    desired = wanted(categories={"levels": []})
    assert only(desired, "course")["fields"]["category"] == "unsorted"
    assert codes(desired) == []


def test_ids_that_hold_a_stroke_do_not_divide_the_path():
    orgs = [{"sourcedId": "o1/period:2027", "name": "One"}, {"sourcedId": "o1", "name": "Two"}]
    classes = [{"schoolSourcedId": "o1/period:2027"}, {"sourcedId": "c2", "classCode": "B"}]
    names = tree(roster(orgs=orgs, classes=classes))
    assert names["institute:o1/period:2027"][0] == "2026/27"
    assert names["institute:o1%2Fperiod:2027"][0] == "One"


def test_over_long_ids_of_schools_give_id_numbers_that_fit():
    orgs = [{"sourcedId": f"{number}{'x' * 200}"} for number in (1, 2)]
    classes = [
        {"sourcedId": f"c{n}", "classCode": str(n), "schoolSourcedId": org["sourcedId"]} for n, org in enumerate(orgs)
    ]
    numbers = [idnumber for _, _, idnumber in tree(roster(orgs=orgs, classes=classes)).values()]
    assert len(set(numbers)) == len(numbers) == 4
    assert max(map(len, numbers)) <= LENGTHS["category.idnumber"]


def test_a_school_whose_name_is_a_tag_is_no_level():
    assert sorted(tree(roster(orgs=[{"name": "<b>"}]))) == ["unsorted"]


FULL = {
    "orgs": [{}, {"sourcedId": "d1", "name": "Languages", "type": "department", "identifier": "LAN"}],
    "courses": [{"orgSourcedId": "d1", "courseCode": "ENG", "grades": ["08"]}],
    "academicSessions": [
        {},
        {
            "sourcedId": "t1",
            "title": "Autumn",
            "type": "term",
            "parentSourcedId": "y27",
            "startDate": dt.date(2026, 8, 20),
            "endDate": dt.date(2026, 12, 20),
        },
    ],
    "classes": [{"grades": ["09", "10"], "location": "R 12", "termSourcedIds": ["y27", "t1"]}],
}


@pytest.mark.parametrize(
    ("level", "key", "name"),
    [
        ("institute", "institute:o1", "Oak School"),
        ("period", "period:2027", "2026/27"),
        ("grade", "grade:09", "09"),
        ("stream", "stream:d1", "Languages"),
        ("location", "location:R 12", "R 12"),
        ("group", "group:c1", "English 09 – Ludicrous Lemur"),
        ("subject", "subject:co1", "English 09"),
        ("semester", "semester:t1", "Autumn"),
    ],
)
def test_each_level_is_made_of_its_property(level, key, name):
    assert tree(roster(**FULL), categories={"levels": [level]}) == {key: (name, "", key)}


def test_any_chain_of_levels_can_stand_one_in_another():
    levels = ["stream", "grade", "institute"]
    assert sorted(tree(roster(**FULL), categories={"levels": levels})) == [
        "stream:d1",
        "stream:d1/grade:09",
        "stream:d1/grade:09/institute:o1",
    ]


def test_the_grade_of_a_class_without_one_is_its_courses():
    made = roster(**FULL | {"classes": [{"grades": None}]})
    assert sorted(tree(made, categories={"levels": ["grade"]})) == ["grade:08"]


def test_an_organisation_that_is_no_department_is_no_stream():
    assert sorted(tree(roster(), categories={"levels": ["stream"]})) == ["unsorted"]


def test_a_school_year_is_no_semester():
    assert sorted(tree(roster(), categories={"levels": ["semester"]})) == ["unsorted"]


def test_names_and_id_numbers_of_a_level_are_mapped():
    levels = [{"level": "stream", "name": "{stream.name} ({stream.code})", "idnumber": "S-{stream.id}"}]
    assert tree(roster(**FULL), categories={"levels": levels}) == {"stream:d1": ("Languages (LAN)", "", "S-d1")}


def test_how_a_level_is_recognised_stands_in_its_rows():
    levels = [{"level": "institute", "match": "name"}, "period"]
    found = rows_of(wanted(categories={"levels": levels}), "category")
    assert {key: row["match"] for key, row in found.items()} == {
        "institute:o1": "name",
        "institute:o1/period:2027": "idnumber",
    }


def test_categories_that_would_share_an_id_number_get_their_paths_and_are_told():
    orgs = [{}, {"sourcedId": "o2", "name": "Elm School"}]
    made = roster(orgs=orgs, classes=[{}, {"sourcedId": "c2", "classCode": "B", "schoolSourcedId": "o2"}])
    parts = {"categories": {"levels": ["institute", {"level": "period", "idnumber": "{period.title}"}]}}
    numbers = {key: number for key, (_, _, number) in tree(made, **parts).items()}
    assert numbers["institute:o1/period:2027"] == "institute:o1/period:2027"
    assert codes(wanted(made, **parts)) == ["category-idnumber-shared"] * 2


def test_the_archive_is_wanted_where_courses_are_put_there():
    assert "archive" not in tree()
    parts = {"categories": {"archive": "Old courses"}, "courses": {"gone": "archive"}}
    assert tree(**parts)["archive"] == ("Old courses", "", "matricula-archive")


def test_the_first_class_of_a_category_names_it():
    levels = [{"level": "institute", "name": "{institute.name} {group.code}"}]
    classes = [{"sourcedId": "c2", "classCode": "B"}, {"sourcedId": "c1", "classCode": "A"}]
    assert tree(roster(classes=classes), categories={"levels": levels})["institute:o1"][0] == "Oak School A"
