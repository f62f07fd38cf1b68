"""A document's text is changed at the places concerned and nowhere else."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.profiles.documents import Profile
from matricula.profiles.reading import content_of, order_of, parse_documents, rewritten
from matricula.profiles.rewriting import restated, same

ROOT = Path(__file__).parents[2]
TEXTS = [
    text + "\n"
    for file in sorted((ROOT / "examples").glob("*.yaml"))
    for text in file.read_text(encoding="utf-8").split("\n---\n")
    if "kind: profile" in text
]
TEXTS += [parse_documents(text, "x")[0].body for text in TEXTS]
ORDER = order_of(Profile)
WRITTEN = """\
# What the school wants
kind: profile
name: main
source: sis
site: moodle   # the new one

users:
  student: {create: true, update: false}   # see below
  # Two ways to be recognised
  match:
  - email
  # the second
  - {field: idnumber, value: "{person.identifier}"}
  fields:
    city: Lindenhof
    # in capitals
    country: DE
# --- limits
limits:
  share: 0.05
"""


def changed(text, change):
    content = content_of(text)
    change(content)
    new = restated(text, content, ORDER)
    assert same(content_of(new), content)
    return new


def test_one_value_is_one_place_of_the_text():
    new = changed(WRITTEN, lambda c: c["users"]["student"].update(update=True))
    assert new == WRITTEN.replace("update: false", "update: true")


def test_a_new_setting_stands_where_the_reference_has_it_and_before_the_next_comment():
    new = changed(WRITTEN, lambda c: (c.update(enabled=False), c["users"].update(auth="ldap")))
    assert new == WRITTEN.replace("  # the new one\n", "  # the new one\nenabled: false\n").replace(
        "country: DE\n", "country: DE\n  auth: ldap\n"
    )


def test_a_setting_that_goes_leaves_the_comments_around_it():
    new = changed(WRITTEN, lambda c: (c["users"]["fields"].pop("city"), c["users"].pop("student"), c.pop("limits")))
    assert new == WRITTEN.replace("    city: Lindenhof\n", "").replace(
        "  student: {create: true, update: false}   # see below\n", ""
    ).replace("limits:\n  share: 0.05\n", "")


def test_entries_of_lists_come_and_go():
    new = changed(WRITTEN, lambda c: c["users"]["match"].append("username"))
    assert new == WRITTEN.replace('"{person.identifier}"}\n', '"{person.identifier}"}\n  - username\n')
    new = changed(WRITTEN, lambda c: c["users"]["match"].pop(0))
    assert new == WRITTEN.replace("  - email\n", "")


def test_a_name_of_a_table_that_changes_keeps_its_place():
    def rename(content):
        content["users"]["fields"] = {"town": "Lindenhof", "country": "DE"}

    assert changed(WRITTEN, rename) == WRITTEN.replace("city:", "town:")


def test_what_was_named_at_two_places_is_changed_at_one():
    text = 'kind: profile\nname: &n "{group.title}"\nsource: *n\nsite: x # stays\n'
    new = changed(text, lambda c: c.update(source="sis"))
    assert "# stays" in new


def test_rewriting_by_names_keeps_everything_else():
    new = rewritten(WRITTEN, {"name": "other", "window": {"start": None}})
    assert new == WRITTEN.replace("name: main", "name: other").replace(
        "  # the new one\n", "  # the new one\nwindow:\n  start: null\n"
    )


def test_settings_brought_in_from_elsewhere_are_written_out_or_refused_and_never_said_otherwise():
    text = "kind: profile\nname: a\nsite: b\nbase: &b {x: 1}\nmore: {<<: *b, y: 2}\n"
    assert same(content_of(changed(text, lambda c: c.update(more={"y": 3}))), content_of(text) | {"more": {"y": 3}})


@pytest.mark.parametrize("text", TEXTS)
def test_what_already_says_it_stays_to_the_letter(text):
    assert restated(text, content_of(text), ORDER) == text
    windows = text.rstrip("\n").replace("\n", "\r\n")
    assert restated(windows, content_of(windows), ORDER) == windows


VALUES = st.one_of(
    st.booleans(), st.integers(0, 99), st.text(max_size=12), st.none(), st.dates(),
    st.floats(0, 1), st.sampled_from(["yes", "{a.b}", "x # y", "a: b", "- a", "é\x85 "]),
)  # fmt: skip
NAMES = st.text("abcdefg", min_size=1, max_size=4) | st.sampled_from(["enabled", "window", "period", "beside", "auth"])
DEEP = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=4
)


def places(content, path=()):
    yield path
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for name, value in entries:
        yield from places(value, (*path, name))


@st.composite
def edited(draw, content):
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(0, 3))):
        found = [path for path in places(content) if path]
        *above, last = draw(st.sampled_from(found))
        around = content
        for part in above:
            around = around[part]
        act = draw(st.sampled_from(["set", "take", "add"]))
        if act == "set":
            around[last] = draw(DEEP)
        elif act == "take":
            del around[last]
        elif isinstance(around, dict):
            around[draw(NAMES)] = draw(DEEP)
        else:
            around.insert(draw(st.integers(0, len(around))), draw(DEEP))
        if not content:
            break
    return content


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_whatever_is_wanted_is_what_the_text_says_afterwards(text, data):
    wanted = data.draw(edited(content_of(text)))
    assert same(content_of(restated(text, wanted, ORDER)), wanted)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_one_changed_leaf_leaves_every_other_line(text, data):
    content = content_of(text)
    leaves = [
        path for path in places(content)
        if path and isinstance(value_at(content, path), str) and "&name" not in text and len(path) > 1
    ]  # fmt: skip
    if not leaves:
        return
    path = data.draw(st.sampled_from(leaves))
    value_at(content, path[:-1])[path[-1]] = "another value"
    new = restated(text, content, ORDER)
    differing = [pair for pair in zip(text.splitlines(), new.splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(differing) == 1, json.dumps(differing)


def value_at(content, path):
    for part in path:
        content = content[part]
    return content
