"""No setting of a profile is ignored: for each place, and each word that may stand there, what comes of it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from setting_bench import FIRST_DAY, Bench
from setting_looks import LEFT_OUT, Setting, after, rows_sent
from settings_of_courses import COURSE_MAPPINGS, OF_CATEGORIES, OF_COURSES
from settings_of_drift import OF_DRIFT
from settings_of_enrolments import OF_COHORTS, OF_ENROLMENTS, OF_GROUPS, OF_META_LINKS
from settings_of_grades import OF_GRADES
from settings_of_people import OF_PEOPLE, USER_MAPPINGS
from settings_of_profile import OF_LIMITS, OF_PROFILE, OF_RETENTION, OF_SCHEDULE
from settings_of_tables import OF_TABLES

from matricula.cli.reference_settings import rows_of
from matricula.profiles import Profile
from matricula.profiles.documents.limits import REMOVALS
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS

EVERY = [
    *(each for some in (OF_PROFILE, OF_PEOPLE, OF_CATEGORIES, OF_COURSES, OF_ENROLMENTS) for each in some),
    *(each for some in (OF_GROUPS, OF_COHORTS, OF_META_LINKS, OF_TABLES, OF_LIMITS) for each in some),
    *(each for some in (OF_DRIFT, OF_RETENTION, OF_SCHEDULE, OF_GRADES) for each in some),
]
REFERENCE = {path.strip("`"): takes for path, takes, _, _ in rows_of(Profile)}
#: Places with nothing below them.
LEAVES = [path for path in REFERENCE if not any(re.match(re.escape(path) + r"(\[\]|\.)", other) for other in REFERENCE)]
CHOICES = {
    path: set(re.findall(r"`([^`]+)`", REFERENCE[path])) for path in LEAVES if not REFERENCE[path].startswith("`true`")
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as until:
        yield Bench(tmp_path_factory.mktemp("bench"), until)


def _words(value: Any) -> list[Any]:
    """What stands in a value: in a table, in a list, or by itself."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("path", LEAVES)
def test_every_setting_and_every_word_stands_in_the_table(path: str) -> None:
    values = [value for setting in EVERY if setting.is_at(path) for value, _ in setting.outcomes]
    assert len(values) > 1, "write what comes of two values"
    words = [word for value in values for word in _words(value)]
    assert CHOICES.get(path, set()) <= {word for word in words if isinstance(word, str)}


@pytest.mark.parametrize(
    "at",
    [
        *(f"users.fields.{name}" for name in USER_FIELDS),
        *(f"courses.fields.{name}" for name in COURSE_FIELDS),
        *(f"limits.kinds.{kind}.{action}.absolute" for kind, actions in REMOVALS.items() for action in actions),
    ],
)
def test_every_name_of_a_table_stands_in_the_table(at: str) -> None:
    assert at in {setting.at for setting in EVERY}


def test_the_table_names_no_other_places() -> None:
    places = {*REFERENCE, *(path.rpartition(".")[0] for path in REFERENCE)}
    assert [each.at for each in EVERY if not any(each.is_at(path) for path in places)] == []


@pytest.mark.parametrize("setting", EVERY, ids=lambda setting: setting.at)
def test_every_value_has_another_outcome(setting: Setting) -> None:
    outcomes = [outcome for value, outcome in setting.outcomes if value not in setting.alike]
    assert len(outcomes) > 1
    assert not any(one == other for place, one in enumerate(outcomes) for other in outcomes[:place])


@pytest.mark.parametrize(
    ("setting", "value", "outcome"),
    [
        pytest.param(each, *pair, id=f"{each.at}={'' if pair[0] is LEFT_OUT else pair[0]}")
        for each in EVERY
        for pair in each.outcomes
    ],
)
def test_this_comes_of_it(bench: Bench, setting: Setting, value: Any, outcome: Any) -> None:
    assert setting.look(bench, setting.parts(value)) == outcome


def every_field(write: str | None = None) -> dict[str, Any]:
    """A profile that maps all fields of users and courses."""
    way = {"write": write} if write else {}

    def part(mappings: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
        return {"fields": {name: {"value": value} | way for name, (value, _) in mappings.items()}}

    return {"users": part(USER_MAPPINGS), "courses": part(COURSE_MAPPINGS)}


def test_every_field_is_sent_to_moodle(bench: Bench) -> None:
    sent = rows_sent(bench, every_field())
    options = {each["name"]: int(each["value"]) for each in sent["course"].pop("courseformatoptions")}
    for row, mappings in ((sent["user"], USER_MAPPINGS), (sent["course"] | options, COURSE_MAPPINGS)):
        wanted = {name: given for name, (_, given) in mappings.items()}
        assert {name: row[name] for name in wanted} == wanted


#: What s1 and c2 have nothing in on the first day, as far as Moodle tells.
EMPTY = {
    "user": {"address", "city", "country", "department", "description", "institution", "interests", "theme"},
    "course": {"summary", "lang", "forcetheme"},
}


@pytest.mark.parametrize(
    ("write", "users", "courses"),
    [
        ("in-step", set(USER_FIELDS), set(COURSE_FIELDS)),
        ("if-empty", EMPTY["user"], EMPTY["course"]),
        ("create-only", set(), set()),
    ],
)
def test_every_field_is_written_as_the_word_says(bench: Bench, write: str, users: set[str], courses: set[str]) -> None:
    for kind, key, expected in (("user", "s1", users), ("course", "c2", courses)):
        changes = after(kind, FIRST_DAY, key, second_day=True)(bench, every_field(write))
        assert {name for _, fields in changes for name in fields} == expected, kind
