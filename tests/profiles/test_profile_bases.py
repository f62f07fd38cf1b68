"""What becomes a course: classes, subjects or pairs, of one school year, where they meet a condition."""

import datetime as dt

import polars as pl
import pytest
from rosters import codes, only, profile, roster, rows_of, wanted

from matricula.errors import SettingError
from matricula.profiles.class_frame import classes, every_class
from matricula.profiles.vocabulary import COURSES

TWO = {"classes": [{}, {"sourcedId": "c2", "classCode": "ENG-9B", "title": "Happy Hippo"}]}


def test_with_basis_group_each_class_is_a_course():
    assert sorted(rows_of(wanted(roster(**TWO)), "course")) == ["c1", "c2"]


def test_with_basis_subject_all_classes_of_a_subject_share_a_course():
    desired = wanted(roster(**TWO), basis="subject")
    fields = only(desired, "course")["fields"]
    assert (fields["fullname"], fields["shortname"], fields["idnumber"]) == ("English 09", "English 09 2026/27", "co1")
    frame = classes(roster(**TWO), profile(basis="subject"), ["group.code"])
    assert frame.select("class", "course", "group.code").rows() == [
        ("c1", "subject:co1", "ENG-9"),
        ("c2", "subject:co1", "ENG-9B"),
    ]


def test_a_subject_lasts_as_long_as_all_its_classes():
    years = [{}, {"sourcedId": "y28", "startDate": dt.date(2027, 8, 1), "endDate": dt.date(2028, 7, 31)}]
    made = roster(academicSessions=years, classes=[{}, {"sourcedId": "c2", "termSourcedIds": ["y28"]}])
    frame = classes(made, profile(basis="subject"), ["course.start", "course.end", "group.end"])
    assert set(frame.select("course.start", "course.end").rows()) == {(dt.date(2026, 8, 1), dt.date(2028, 7, 31))}
    assert frame["group.end"].to_list() == [dt.date(2027, 7, 31), dt.date(2028, 7, 31)]


def test_a_class_of_no_known_subject_becomes_no_course_by_subject_and_is_held():
    desired = wanted(roster(courses=[]), basis="subject")
    assert rows_of(desired, "course") == {}
    assert codes(desired) == ["class-without-title"]
    assert desired.unreadable["course"] == {"subject:co1"}


SUBJECTS = {"classes": [{"subjects": ["English", "Drama"], "subjectCodes": ["EN", "DR"]}]}


def test_with_basis_group_subject_each_pair_is_a_course():
    desired = wanted(roster(**SUBJECTS), basis="group-subject")
    found = {key: row["fields"] for key, row in rows_of(desired, "course").items()}
    assert {key: (row["fullname"], row["shortname"], row["idnumber"]) for key, row in found.items()} == {
        "c1/EN": ("Ludicrous Lemur – English", "ENG-9-EN 2026/27", "c1/EN"),
        "c1/DR": ("Ludicrous Lemur – Drama", "ENG-9-DR 2026/27", "c1/DR"),
    }


def test_a_class_without_subjects_is_of_the_subject_of_its_course_by_pairs():
    made = roster(courses=[{"courseCode": "ENG"}])
    assert sorted(rows_of(wanted(made, basis="group-subject"), "course")) == ["c1/ENG"]


def test_a_class_without_subject_and_course_is_one_course_by_pairs():
    fields = only(wanted(roster(courses=[]), basis="group-subject"), "course")["fields"]
    assert (fields["fullname"], fields["shortname"], fields["idnumber"]) == ("Ludicrous Lemur", "ENG-9 2026/27", "c1")


@pytest.mark.parametrize(
    ("of_class", "of_course", "keys"),
    [
        ({}, {"subjects": ["Art"], "subjectCodes": ["A"]}, ["c1/A"]),
        ({"subjects": ["Art", "Music"], "subjectCodes": ["A"]}, {}, ["c1/A", "c1/Music"]),
        ({"subjects": None, "subjectCodes": ["A", "B", "A"]}, {}, ["c1/A", "c1/B"]),
        ({"subjects": ["a/b"]}, {}, ["c1/a%2Fb"]),
        ({"subjects": [" "]}, {}, ["c1"]),
    ],
)
def test_pairs_are_made_of_the_subjects_of_the_class_else_of_its_course(of_class, of_course, keys):
    made = roster(classes=[of_class], courses=[of_course])
    assert sorted(rows_of(wanted(made, basis="group-subject"), "course")) == keys


def test_every_property_has_a_column_of_its_kind_with_every_basis():
    kinds = {"text": "String", "date": "Date", "list": "List(String)", "number": "Int64", "boolean": "Boolean"}
    for basis, vocabulary in COURSES.items():
        frame = every_class(roster(), profile(basis=basis), list(vocabulary.properties))
        for name, each in vocabulary.properties.items():
            assert str(frame.schema[name]) == kinds[each.kind], (basis, name)


def test_extension_columns_are_properties_and_null_where_they_did_not_come():
    made = roster()
    with_house = made.classes.with_columns(pl.lit("Gryffin").alias("metadata.house"))
    made = type(made)(**{**{name: getattr(made, name) for name in made.__dataclass_fields__}, "classes": with_house})
    frame = classes(made, profile(), ["group.metadata.house", "subject.metadata.house", "institute.metadata.x"])
    assert frame.select("group.metadata.house", "subject.metadata.house", "institute.metadata.x").row(0) == (
        "Gryffin",
        None,
        None,
    )


# The academic period

YEARS = [
    {},
    {"sourcedId": "t1", "type": "term", "parentSourcedId": "y27", "title": "Autumn"},
    {"sourcedId": "y28", "schoolYear": "2028", "title": "Next year", "startDate": dt.date(2027, 8, 1)},
]
OF_YEARS = {
    "academicSessions": YEARS,
    "classes": [
        {"termSourcedIds": ["t1"]},
        {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["y28"]},
        {"sourcedId": "c3", "classCode": "C", "termSourcedIds": ["t1", "y28"]},
    ],
}


@pytest.mark.parametrize(
    ("period", "keys"),
    [
        (None, ["c1", "c2", "c3"]),
        ("2027", ["c1", "c3"]),
        ("2026/27", ["c1", "c3"]),
        ("y27", ["c1", "c3"]),
        ("y28", ["c2", "c3"]),
        ("Next year", ["c2", "c3"]),
        ("2027/28", ["c2", "c3"]),
    ],
)
def test_the_period_is_named_by_title_id_or_year(period, keys):
    desired = wanted(roster(**OF_YEARS), period=period)
    assert sorted(rows_of(desired, "course")) == keys
    assert desired.unreadable["course"] == frozenset()


def test_a_class_of_two_years_stands_in_the_year_that_is_taken():
    desired = wanted(roster(**OF_YEARS), period="2028")
    assert rows_of(desired, "course")["c3"]["category"] == "institute:o1/period:2028"


def test_an_unknown_period_is_refused_and_the_known_ones_are_named():
    with pytest.raises(SettingError) as caught:
        wanted(roster(**OF_YEARS), period="2031")
    assert "2031" in caught.value.what
    assert "2027 (2026/27), 2028 (Next year)" in caught.value.remedy
    assert caught.value.where == "period in profile default"


def current(day, monkeypatch, zones=None):
    monkeypatch.setattr("matricula.profiles.sessions.today", lambda zone: (zones or {}).get(zone, day))
    years = [
        {},
        {"sourcedId": "y28", "schoolYear": "2028", "startDate": dt.date(2027, 8, 1), "endDate": dt.date(2028, 7, 1)},
    ]
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["y28"]}]
    return roster(academicSessions=years, classes=classes)


@pytest.mark.parametrize(
    ("day", "keys"),
    [(dt.date(2026, 8, 1), ["c1"]), (dt.date(2027, 7, 31), ["c1"]), (dt.date(2027, 8, 1), ["c2"])],
)
def test_the_current_period_is_the_year_that_holds_today(day, keys, monkeypatch):
    assert sorted(rows_of(wanted(current(day, monkeypatch), period="current"), "course")) == keys


def test_today_is_today_in_the_profiles_time_zone(monkeypatch):
    made = current(dt.date(2027, 7, 31), monkeypatch, {"Pacific/Auckland": dt.date(2027, 8, 1)})
    assert sorted(rows_of(wanted(made, period="current", timezone="Pacific/Auckland"), "course")) == ["c2"]


def test_between_two_years_there_is_no_current_period(monkeypatch):
    with pytest.raises(SettingError, match="Today lies in no school year"):
        wanted(current(dt.date(2030, 1, 1), monkeypatch), period="current")


def test_a_class_whose_year_is_unknown_is_held_where_a_period_is_named():
    made = roster(classes=[{}, {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["lost"]}])
    desired = wanted(made, period="2027")
    assert sorted(rows_of(desired, "course")) == ["c1"]
    assert desired.unreadable["course"] == {"c2"}
    assert codes(desired) == ["class-unclear"]


# Conditions


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ({"value": "{group.code}", "like": "eng-?"}, ["c1"]),
        ({"value": "{group.code}", "like": "*", "unlike": "ENG-9"}, ["c2"]),
        ({"value": "{subject.title}", "like": ["English*"]}, ["c1", "c2"]),
        ({"value": "{group.title}", "like": "nothing"}, []),
    ],
)
def test_only_classes_that_meet_the_condition_become_courses(condition, keys):
    assert sorted(rows_of(wanted(roster(**TWO), courses={"only": condition}), "course")) == keys


def test_a_class_that_falls_out_because_its_subject_was_unreadable_is_held():
    made = roster(courses=[], unreadable={"courses": frozenset({"co1"})})
    desired = wanted(made, courses={"only": {"value": "{subject.title}", "like": "English*"}})
    assert rows_of(desired, "course") == {}
    assert desired.unreadable["course"] == {"c1"}
    assert codes(desired) == ["class-unclear"]


# Fields


def fields(mapped, made=None, **parts):
    return only(wanted(made or roster(), courses={"fields": mapped, **parts}), "course")["fields"]


@pytest.mark.parametrize(
    ("name", "came", "value"),
    [
        ("summary", "<p>{group.title}</p>", "<p>Ludicrous Lemur</p>"),
        ("visible", False, 0),
        ("format", "weeks", "weeks"),
        ("numsections", 1, 1),
        ("hiddensections", "invisible", 1),
        ("coursedisplay", "one", 1),
        ("showreports", True, 1),
        ("showgrades", "no", 0),
        ("enablecompletion", "yes", 1),
        ("newsitems", 0, 0),
        ("maxbytes", 1024, 1024),
        ("lang", "de", "de"),
        ("forcetheme", "classic", "classic"),
        ("groupmode", "separate", 1),
        ("groupmodeforce", True, 1),
        ("startdate", "2026-09-01", int(dt.datetime(2026, 9, 1, tzinfo=dt.UTC).timestamp())),
        ("enddate", "2026-09-01", int(dt.datetime(2026, 9, 2, tzinfo=dt.UTC).timestamp())),
        ("shortname", {"value": "{group.code}", "case": "lower"}, "eng-9"),
        ("fullname", "{group.title}", "Ludicrous Lemur"),
        ("idnumber", "C-{group.id}", "C-c1"),
    ],
)
def test_every_field_of_a_course_can_be_mapped(name, came, value):
    assert fields({name: came})[name] == value


def test_a_custom_field_stands_beside_the_others():
    assert (
        fields({}, custom_fields={"level": "{subject.grade}"}, made=roster(courses=[{"grades": ["09"]}]))[
            "custom:level"
        ]
        == "09"
    )


def test_fields_that_are_taken_out_are_not_set():
    assert "startdate" not in fields({"startdate": None})
    assert fields({"startdate": None})["enddate"] is None


def test_what_moodle_has_no_empty_value_for_is_left_as_it_is():
    blank = fields({"format": "{group.location}", "lang": "{group.location}", "forcetheme": "{group.location}"})
    assert (blank["format"], blank["lang"], blank["forcetheme"]) == (None, None, "")


def test_a_field_made_of_a_column_that_did_not_come_is_left_as_it_is():
    assert fields({"summary": "{group.metadata.about}"})["summary"] is None


def test_a_value_that_cannot_be_used_is_told_by_name():
    desired = wanted(courses={"fields": {"newsitems": "{group.title}"}})
    assert codes(desired) == ["course-value-unusable"]
    assert "English 09 – Ludicrous Lemur: newsitems “Ludicrous Lemur”" in desired.findings[0].message


def test_courses_that_would_share_an_id_number_are_held_and_told():
    desired = wanted(roster(**TWO), courses={"fields": {"idnumber": "{subject.id}"}})
    assert rows_of(desired, "course") == {}
    assert codes(desired) == ["course-idnumber-shared"] * 2
    assert desired.unreadable["course"] == {"c1", "c2"}


def test_without_id_numbers_shared_short_names_are_told_apart_by_their_keys():
    made = roster(classes=[{}, {"sourcedId": "c2"}])
    desired = wanted(made, courses={"fields": {"idnumber": "{group.location}"}})
    assert [row["shortname"] for row in rows_of(desired, "course").values()] == [
        "ENG-9 2026/27 (c1)",
        "ENG-9 2026/27 (c2)",
    ]


def test_a_short_name_that_comes_out_empty_makes_no_course():
    desired = wanted(courses={"fields": {"shortname": "{group.location}"}})
    assert rows_of(desired, "course") == {}
    assert codes(desired) == ["class-without-title"]


def test_the_template_of_a_course_is_worked_out_for_each():
    assert only(wanted(courses={"template": "TPL-{subject.title|first(3)}"}), "course")["template"] == "TPL-Eng"
    assert only(wanted(), "course")["template"] == ""
