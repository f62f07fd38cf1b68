"""A wrong document is refused as a whole: every fault with its path, its line, what came and what may stand there."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.errors import SettingError
from matricula.hub.home import Home
from matricula.profiles import parse_documents
from matricula.profiles.reading import read_profile, read_site

WRONG = """\
# nothing in here is right
kind: profile
name: wrong
source:
site: moodle
perid: x
basis: klass
enabled: perhaps
window: {start: 2027-01-01, end: 2026-01-01}
timezone: Berlin
tables:
  houses: North
users:
  student: {roles: [pupil], creat: true}
  match: [name, {field: idnumber, value: "{person.foo}"}]
  password: secret
  fields:
    emial: "{person.email}"
    email: "{person.emial}"
    lastname:
      value: "{person.familyName"
      case: uper
    username:
    city: {value: null}
    country: [DE]
  profile_fields: {house: "{person.metadata.house|lookup(housse)}"}
categories:
  levels:
    - org
    - {level: period, name: "{person.id}"}
  unsorted: " "
courses:
  only: {value: "{group.code}"}
  fields: {visible: "{group.titel}"}
enrolments:
  roles: {pupil: student}
  start: {not_for: student}
  since: yesterday
groups:
  - nam: x
  - {name: "{group.title}", roles: [pupil]}
cohorts: none
meta_links:
  - {shortname: x, classes: {value: "{group.code}", like: []}}
limits:
  share: 2
  floor: many
  kinds: {user: {fly: {}}, planet: {}}
"""

#: For each fault its path and line, what came (where it is told), and what may stand there instead.
FAULTS = [
    ("source", 4, "null", "a text is needed"),
    ("perid", 6, None, "did you mean period?"),
    ("basis", 7, '"klass"', "may be group, subject or group-subject"),
    ("enabled", 8, '"perhaps"', "may be true or false"),
    ("window", 9, "2027-01-01", "it ends (2026-01-01) before it begins (2027-01-01)"),
    ("timezone", 10, '"Berlin"', "Europe/Berlin"),
    ("tables.houses", 12, '"North"', "a table is needed"),
    ("users.student.roles", 14, '["pupil"]', "known are administrator"),
    ("users.student.creat", 14, None, "did you mean create?"),
    ("users.match[1]", 15, '"name"', "username, email, idnumber or profile:SHORTNAME"),
    ("users.match[2].value", 15, '"{person.foo}"', "at character 1; did you mean person.form"),
    ("users.password", 16, '"secret"', "may be generate, mail or none"),
    ("users.fields.emial", 18, '"{person.email}"', "near are email"),
    ("users.fields.email", 19, '"{person.emial}"', "at character 1; did you mean person.email?"),
    ("users.fields.lastname.value", 21, '"{person.familyName"', "at character 1"),
    ("users.fields.lastname.case", 22, '"uper"', "may be none, lower or upper"),
    ("users.fields.username", 23, "null", "locked"),
    ("users.fields.city.value", 24, "null", "a text is needed"),
    ("users.fields.country", 25, '["DE"]', "a template is needed"),
    ("users.profile_fields.house", 26, "lookup(housse)", "houses"),
    ("categories.levels[1]", 29, '"org"', "may be institute, period"),
    ("categories.levels[2].name", 30, '"{person.id}"', "did you mean period.id"),
    ("categories.unsorted", 31, '" "', "write a name"),
    ("courses.only.like", 33, None, "this setting is needed. Patterns"),
    ("courses.fields.visible", 34, '"{group.titel}"', "did you mean group.title?"),
    ("enrolments.roles", 36, "pupil", "known are administrator"),
    ("enrolments.start.value", 37, None, "this setting is needed. Template of a day"),
    ("enrolments.start.not_for", 37, '"student"', "a list is needed"),
    ("enrolments.since", 38, '"yesterday"', "a day is needed, as 2026-08-15"),
    ("groups[1].name", 40, None, "this setting is needed. Name of the group"),
    ("groups[1].nam", 40, None, "did you mean name?"),
    ("groups[2].roles", 41, '["pupil"]', "known are administrator"),
    ("cohorts", 42, '"none"', "a list is needed"),
    ("meta_links[1].classes.like", 44, "[]", "at least one is needed"),
    ("limits.share", 46, "2", "a number of at most 1 is needed"),
    ("limits.floor", 47, '"many"', "a whole number is needed"),
    ("limits.kinds", 48, "planet", "there is no kind “planet”"),
]


def told_of(text: str) -> list[str]:
    (document,) = parse_documents(text, "wrong.yaml")
    with pytest.raises(SettingError) as raised:
        read_profile(document.content, "wrong.yaml, profile wrong", document.lines)
    assert raised.value.code == "document-refused"
    return raised.value.what.splitlines()


@pytest.mark.parametrize(("path", "line", "came", "may"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_has_its_path_line_what_came_and_what_may(path: str, line: int, came: str | None, may: str) -> None:
    (told,) = [each for each in told_of(WRONG) if each.startswith(f"  {path}, line {line}: ")]
    assert may in told
    assert ("(came: " in told) == (came is not None)
    assert came is None or came in told.partition("(came: ")[2]


def test_nothing_else_is_told_and_all_in_the_order_of_the_lines() -> None:
    first, *told = told_of(WRONG)
    assert first == f"The document has {len(FAULTS)} faults:"
    lines = [int(re.findall(r", line (\d+): ", each)[0]) for each in told]
    assert lines == sorted(lines)


def test_no_word_of_the_library_gets_through() -> None:
    told = "\n".join(told_of(WRONG))
    assert not re.search(r"Input should|Value error|Field required|Extra inputs|tuple|dictionary|validation", told)


def test_lines_are_those_of_the_file() -> None:
    text = "kind: site\nname: moodle\nurl: https://moodle.example\n---\n" + WRONG
    wrong = parse_documents(text, "f")[1]
    with pytest.raises(SettingError, match=r"perid, line 10: "):
        read_profile(wrong.content, "f", wrong.lines)


def test_a_long_value_is_told_shortened() -> None:
    told = "\n".join(told_of(f"kind: profile\nname: a\nsource: s\nsite: m\nbasis: {'x' * 500}\n"))
    assert "x" * 30 in told
    assert len(told) < 300


PATHS = st.sampled_from(["users", "fields", "match", "courses", "levels", "groups", "limits", "kinds", "only", "value"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PATHS | st.integers(), inner, max_size=3),
    max_leaves=12,
)


def refusal(content: dict[str, object]) -> str:
    try:
        read_profile({"name": "a", "source": "s", "site": "m"} | content, "f")
    except SettingError as error:
        return error.what
    return ""


@given(st.dictionaries(PATHS, VALUES, max_size=4))
def test_whatever_stands_there_is_read_or_refused_in_words(content: dict[str, object]) -> None:
    assert not re.search(r"Input should|Value error", refusal(content))


def test_the_faults_of_all_documents_are_told(tmp_path: Path) -> None:
    text = "kind: site\nname: moodle\nurl: moodle\n---\n" + WRONG
    with Home.make(tmp_path / "home") as home:
        with pytest.raises(SettingError) as raised:
            home.load(text, "f", tmp_path)
        assert "2 documents are refused" in raised.value.what
        assert "url, line 3: an address is needed" in raised.value.what
        assert "limits.share, line 50" in raised.value.what
        assert home.names("site") == []


def test_a_password_in_what_came_is_not_repeated():
    document = {"kind": "site", "name": "moodle", "url": "ftp://me:hunter2@moodle.example"}
    with pytest.raises(SettingError) as error:
        read_site(document, "a file")
    assert "hunter2" not in str(error.value)
    assert "ftp://me:…@moodle.example" in str(error.value)
