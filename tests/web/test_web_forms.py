"""Forms made from models: whatever a document says is shown, and what nobody touches stays just as it was."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.hub.templates import templates
from matricula.profiles.documents import Profile
from matricula.profiles.documents.limits import REMOVALS
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS
from matricula.profiles.reading import content_of, order_of, profile_faults
from matricula.profiles.rewriting import restated
from matricula.web.forms import Form, Section
from matricula.web.forms.building import Builder
from matricula.web.profile_editor import PARTS

ROOT = Path(__file__).parents[2]
TEXTS = [
    text + "\n"
    for file in sorted((ROOT / "examples").glob("*.yaml"))
    for text in file.read_text(encoding="utf-8").split("\n---\n")
    if "kind: profile" in text
]
USERNAME = "{person.username, person.email, person.identifier|first}"
NAMED = {"kind": "profile", "name": "main", "source": "sis", "site": "moodle"}


def form_of(content):
    builder = Builder(content.get("basis", "group"))
    return Form(Section(path, builder.part_of(path)) for part in PARTS.values() for path in part.settings)


def through(content):
    form = form_of(content)
    return form.read(content, form.show(content)).content


def test_every_setting_of_a_profile_has_a_place_in_the_editor():
    shown = {path[0] for part in PARTS.values() for path in part.settings}
    assert shown == set(Profile.model_fields) - {"kind", "name"}


@pytest.mark.parametrize("text", [*TEXTS, *(each.body for each in templates())])
def test_real_profiles_are_shown_and_saved_to_the_letter(text):
    content = content_of(text)
    assert restated(text, through(content), order_of(Profile)) == text


PERSON = st.sampled_from(["{person.email}", "fixed", "{person.grade|lookup(t)}", "", "a [{person.form}]"])
COURSE = st.sampled_from(["{subject.title}", "fixed", 10, True, "{subject.code|lower}"])
WORDS = st.text("abc {}:#'\"é", max_size=6).filter(lambda text: "<" not in text)


def mapped(value):
    long = st.fixed_dictionaries(
        {"value": value},
        optional={
            "case": st.sampled_from(["none", "lower", "upper"]),
            "write": st.sampled_from(["in-step", "create-only", "if-empty"]),
        },
    )
    return st.one_of(value, long)


def fields(known, value):
    free = [name for name, field in known.items() if not field.locked]
    return st.dictionaries(st.sampled_from(free), st.none() | mapped(value), max_size=4)


def some(**optional):
    return st.fixed_dictionaries({}, optional=optional)


NAMES = st.sampled_from(["a", "b.c", "d e", "7"])
CONDITION = st.fixed_dictionaries(
    {"value": st.just("{person.grade}"), "like": st.sampled_from(["7*", ["7", "8*"]])},
    optional={"unlike": st.just("x")},
)
CLASSES = st.fixed_dictionaries({"value": st.just("{group.code}"), "like": st.sampled_from(["7*", ["a b", "c"]])})
KIND = some(create=st.booleans(), update=st.booleans(), roles=st.sampled_from([["student"], ["ext:x", "aide"], []]))
LEVELS = st.lists(
    st.sampled_from(["institute", "grade", {"level": "subject"}, {"level": "stream", "match": "name", "name": "x"}]),
    max_size=3, unique_by=str,
)  # fmt: skip
ALLOWANCE = some(share=st.floats(0, 1), floor=st.integers(0, 99), absolute=st.none() | st.integers(0, 9))
LIMIT = st.sampled_from([(kind, action) for kind in REMOVALS for action in REMOVALS[kind]])
PROFILES = st.fixed_dictionaries(
    {name: st.just(value) for name, value in NAMED.items()},
    optional={
        "enabled": st.booleans(),
        "basis": st.sampled_from(["group", "subject", "group-subject"]),
        "window": st.none() | some(start=st.none() | st.dates(), end=st.none()),
        "period": st.none() | st.sampled_from(["2026/27", "current"]),
        "timezone": st.sampled_from(["Europe/Berlin", "UTC"]),
        "beside": st.sampled_from([[], ["staff"], ["a", "b"]]),
        "tables": st.dictionaries(NAMES | st.just("t"), st.dictionaries(NAMES | st.integers(1, 9), WORDS, max_size=2)),
        "users": some(
            student=KIND,
            parent=KIND,
            only=st.none() | CONDITION,
            without_enrolments=st.booleans(),
            match=st.sampled_from(["email", ["email"], ["email", {"field": "idnumber", "value": "{person.id}"}]]),
            fields=fields(USER_FIELDS, PERSON),
            profile_fields=st.dictionaries(NAMES, mapped(PERSON), max_size=2),
            preferences=st.dictionaries(NAMES, mapped(PERSON), max_size=1),
            password=st.sampled_from(["mail", "none"]),
        ),
        "courses": some(
            only=CLASSES,
            create=st.booleans(),
            template=st.sampled_from(["", "x-{subject.code}"]),
            fields=fields(COURSE_FIELDS, COURSE),
            custom_fields=st.dictionaries(NAMES, mapped(COURSE), max_size=2),
            gone=st.sampled_from(["leave", "archive"]),
        ),
        "categories": some(levels=LEVELS, unsorted=st.just("Other")),
        "enrolments": some(
            roles=st.sampled_from([{}, {"student": 5}, {"mentor": "x", "teacher:primary": "y"}]),
            start=st.none() | st.sampled_from(["{enrolment.beginDate}", {"value": "x", "not_for": ["teacher"]}]),
            since=st.none() | st.dates(),
            gone=st.sampled_from(["keep", "unenrol"]),
        ),
        "groups": st.none()
        | st.lists(st.sampled_from([{"name": "{group.title}"}, {"name": "b", "roles": ["student"]}])),
        "cohorts": st.lists(st.just({"name": "Y{person.grade}", "idnumber": "y"}), max_size=2),
        "meta_links": st.lists(st.fixed_dictionaries({"shortname": st.just("s"), "classes": CLASSES}), max_size=2),
        "schedule": some(
            entries=st.lists(st.just({"at": "every day at 02:30", "do": "plan"}), max_size=2),
            quiet=st.just([{"hours": "08:00-15:30"}]),
            catch_up=st.booleans(),
        ),
        "grades": some(
            sink=st.just("sis"),
            items=some(kinds=st.sampled_from([[], ["quiz"], ["quiz", "assign"]]), without=st.just(["x*"])),
            weighting=st.sampled_from(["sis", "moodle"]),
            category_titles=st.dictionaries(NAMES, st.just("x"), max_size=2),
            match=st.sampled_from([[], ["range-first", "description"]]),
            letters=st.lists(
                st.sampled_from([{"letter": "A", "from_percent": 90}, {"letter": "F", "from_percent": 0.5}]),
                max_size=2,
                unique_by=str,
            ),
            scales=st.dictionaries(NAMES, st.floats(0, 9), max_size=2),
            final=st.none() | some(scale=st.sampled_from(["percent", "letters"]), decimals=st.integers(0, 4)),
            within=st.floats(0.5, 9),
            limits=some(changed=ALLOWANCE),
        ),
        "limits": some(
            share=st.floats(0, 1),
            in_course=ALLOWANCE.filter(lambda a: "absolute" not in a),
            kinds=LIMIT.flatmap(lambda pair: ALLOWANCE.map(lambda a: {pair[0]: {pair[1]: a}})),
        ),
        "retention": some(plans=st.integers(7, 99)),
        "observe": some(within=st.integers(0, 9)),
        "drift": some(
            default=st.sampled_from(["leave", "accept"]), user=st.just({"firstname": "put-back", "profile:x": "leave"})
        ),
    },
)


@settings(max_examples=80, deadline=None)
@given(PROFILES)
def test_any_profile_that_loads_is_shown_and_saved_unchanged(content):
    if profile_faults(content):
        return
    text = restated("kind: profile\nname: main\nsource: sis\nsite: moodle\n", content, order_of(Profile))
    again = content_of(text)
    assert restated(text, through(again), order_of(Profile)) == text
    form = form_of(again)
    flat = form.show(again)
    form.views(flat, form.read(again, flat))  # it can be shown


def test_what_is_not_set_is_shown_as_the_default():
    form = form_of(NAMED)
    flat = form.show(NAMED)
    views = {view.name: view for view in form.views(flat, form.read(NAMED, flat))}
    limits = {each.name: each for each in views["limits"].parts}
    assert (limits["limits.share"].is_set, limits["limits.share"].default) == (False, "10 %")
    users = {each.name: each for each in views["users"].parts}
    assert users["users.password"].default == "make a strong one, handed out as a file"
    assert (users["users.match"].is_set, users["users.match"].default) == (False, "user name")
    username = users["users.fields"].parts[0]
    assert username.locked
    assert username.parts[0].default == "{person.username, person.email, person.identifier|first}"


@pytest.mark.parametrize(
    ("given_content", "put", "expected"),
    [
        ({}, {"limits.share": "7,5 %"}, {"limits": {"share": 0.075}}),
        ({}, {"retention.plans": "30"}, {"retention": {"plans": 30}}),
        ({}, {"users.auth": "ldap"}, {"users": {"auth": "ldap"}}),
        ({"users": {"auth": "ldap"}}, {"users.auth": ""}, {}),
        ({}, {"users.student.create": ["not-set"]}, {"users": {"student": {"create": False}}}),
        ({}, {"users.student.create": ["not-set", "yes"]}, {}),
        (
            {"users": {"student": {"create": False}}},
            {"users.student.create": ["set", "yes"]},
            {"users": {"student": {"create": True}}},
        ),
        ({"users": {"student": {"create": False}}}, {"users.student.create": ["not-set", "yes"]}, {}),
        (
            {},
            {"users.student.roles": ["not-set", "student", "aide"]},
            {"users": {"student": {"roles": ["aide", "student"]}}},
        ),
        ({}, {"users.student.roles.more": "ext:guest"}, {"users": {"student": {"roles": ["student", "ext:guest"]}}}),
        ({}, {"courses.gone": "delete"}, {"courses": {"gone": "delete"}}),
        ({}, {"courses.fields.startdate.out": ["not-set", "yes"]}, {"courses": {"fields": {"startdate": None}}}),
        ({}, {"courses.fields.visible.value": "false"}, {"courses": {"fields": {"visible": False}}}),
        (
            {},
            {"users.fields.username.write": "create-only"},
            {"users": {"fields": {"username": {"value": USERNAME, "write": "create-only"}}}},
        ),
        (
            {"users": {"fields": {"city": "A"}}},
            {"users.fields.city.case": "upper"},
            {"users": {"fields": {"city": {"value": "A", "case": "upper"}}}},
        ),
        (
            {"users": {"fields": {"city": {"value": "A", "case": "upper"}}}},
            {"users.fields.city.case": ""},
            {"users": {"fields": {"city": "A"}}},
        ),
        ({}, {"window.start": "2026-08-01x"}, {"window": {"start": "2026-08-01x"}}),
        (
            {},
            {"users.only.value": "{person.grade}", "users.only.like.more": "7\r\n8*"},
            {"users": {"only": {"value": "{person.grade}", "like": ["7", "8*"]}}},
        ),
    ],
)
def test_what_is_typed_becomes_the_setting(given_content, put, expected):
    content = NAMED | given_content
    form = form_of(content)
    flat = form.show(content)
    flat |= {name: value if isinstance(value, list) else [value] for name, value in put.items()}
    assert form.read(content, flat).content == NAMED | expected


def test_rows_are_added_moved_removed_and_the_default_taken_to_be_changed():
    content = NAMED | {"cohorts": [{"name": "A", "idnumber": "a"}, {"name": "B", "idnumber": "b"}]}
    form = form_of(content)
    flat = form.show(content)
    new = form.act(flat, "add:cohorts")
    flat |= {f"{new}.name": ["C"], f"{new}.idnumber": ["c"]}
    form.act(flat, "up:cohorts:1")
    assert [each["name"] for each in form.read(content, flat).content["cohorts"]] == ["B", "A", "C"]
    form.act(flat, "drop:cohorts:0")
    assert [each["name"] for each in form.read(content, flat).content["cohorts"]] == ["B", "C"]
    form.act(flat, "change:categories.levels")
    form.act(flat, "drop:categories.levels:n0")
    assert form.read(content, flat).content["categories"] == {"levels": ["period"]}
    form.act(flat, "reset:categories.levels")
    form.act(flat, "reset:cohorts")
    assert form.read(content, flat).content == NAMED


def test_tables_have_names_and_a_name_that_stands_twice_is_told():
    content = NAMED | {"tables": {"houses": {"N": "North"}}}
    form = form_of(content)
    flat = form.show(content)
    new = form.act(flat, "add:tables.0")
    flat |= {f"{new}.=": ["S"], new: ["South"]}
    assert form.read(content, flat).content["tables"] == {"houses": {"N": "North", "S": "South"}}
    flat[f"{new}.="] = ["N"]
    assert form.read(content, flat).doubles == {f"{new}.=": "“N” stands there twice"}


def test_a_field_that_a_form_does_not_name_is_left():
    content = NAMED | {"users": {"auth": "ldap"}, "cohorts": [{"name": "A", "idnumber": "a"}]}
    assert form_of(content).read(content, {}).content == content
