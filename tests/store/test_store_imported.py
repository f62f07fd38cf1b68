"""First imports as they are remembered: keys stay, and a person can be forgotten."""

import pytest

from matricula.store import ImportedRow, Person

PERSON = ImportedRow("person", "5", "S1", '{"name":"Ann Lee","username":"ann"}')


def test_what_was_told_last_is_remembered(store):
    store.imported.keep("first", [PERSON, PERSON._replace(moodle_id="6", key="S2")])
    store.imported.keep("first", [PERSON._replace(body="{}")])
    assert store.imported.rows("first") == [PERSON._replace(body="{}"), PERSON._replace(moodle_id="6", key="S2")]


def test_a_key_once_given_stays(store):
    store.imported.keep("first", [PERSON])
    store.imported.keep("first", [PERSON._replace(key="other")])
    assert store.imported.rows("first") == [PERSON]


def test_each_import_is_remembered_by_itself(store):
    store.imported.keep("first", [PERSON])
    store.imported.keep("second", [PERSON._replace(key="S9")])
    assert [row.key for row in store.imported.rows("first")] == ["S1"]
    assert [row.key for row in store.imported.rows("second")] == ["S9"]


def test_many_rows(store):
    rows = [PERSON._replace(moodle_id=str(number), key=f"S{number}") for number in range(6_000)]
    store.imported.keep("first", rows)
    assert len(store.imported.rows("first")) == 6_000


@pytest.mark.parametrize("known_by", [{"keys": {"S1"}}, {"keys": {"gone"}, "usernames": frozenset({"ann"})}])
def test_a_person_is_forgotten_with_all_that_they_became(store, known_by):
    theirs = [
        PERSON,
        ImportedRow("enrolment", "2:5", "e1", "{}"),
        ImportedRow("result", "3:5", "r1", "{}"),
        ImportedRow("students@db", "5", "16", "{}"),
        ImportedRow("student_enrollment@db", "5:2026", "16", "{}"),
        ImportedRow("schedule@db", "2:5:2026", "7", "{}"),
    ]
    others = [
        PERSON._replace(moodle_id="2", key="S2", body='{"username":"ann2"}'),
        ImportedRow("enrolment", "5:2", "e2", "{}"),
        ImportedRow("course", "5", "c5", "{}"),
        ImportedRow("courses@db", "5:2026", "5", "{}"),
    ]
    store.imported.keep("first", [*theirs, *others])
    store.imported.keep("second", [PERSON._replace(key="X", body='{"username":"bob"}')])
    person = Person(
        "back", frozenset(known_by["keys"]), frozenset(), frozenset(), known_by.get("usernames", frozenset())
    )
    assert store.forgetting.counts([person]) == {"imported": 6}
    assert store.forgetting.forget([person], "forgotten", "officer") == {"imported": 6}
    assert {row.moodle_id for row in store.imported.rows("first")} == {"2", "5:2", "5", "5:2026"}
    assert len(store.imported.rows("second")) == 1
