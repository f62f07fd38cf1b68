"""The client's side of local_matricula: its table, pages of snapshots, outcomes, and answers that are none."""

import json

import polars as pl
import pytest
from hostile import TOKEN, refusal, value
from polars.testing import assert_frame_equal

from matricula.moodle import InDoubt, Moodle, NotMoodle, Refused
from matricula.moodle.plugin_calls import CALLS, COLUMNS, GET_SNAPSHOT, PLUGIN_VERSION
from matricula.sandbox import running
from matricula.sandbox.functions.plugin_site import VERSION
from matricula.sandbox.refusals import Refusal
from matricula.sandbox.registry import FUNCTIONS, PLUGIN

ENROL = {
    "courseid": 2, "userid": 4, "roleid": 5, "method": "matricula", "suspended": False, "timestart": 0, "timeend": 0,
}  # fmt: skip


@pytest.fixture
def site():
    with running("contract", plugins=True) as served:
        yield served


@pytest.fixture
def moodle(site):
    with Moodle(site.url, site.tokens["admin"]) as client:
        yield client


@pytest.fixture
def strange(server):
    """A client of a server that answers what a test says."""
    with Moodle(server.url, TOKEN) as client:
        yield client


def page(columns, /, **more):
    count = len(next(iter(columns.values()), []))
    return value({"count": count, "next": 0, "columns": json.dumps(columns), "now": 1795132800} | more)


def test_the_table_names_what_the_sandbox_plays():
    assert set(CALLS) == {name for name in FUNCTIONS if name.startswith(PLUGIN)}
    assert PLUGIN_VERSION == VERSION


@pytest.mark.parametrize("name", CALLS)
def test_parameters_are_as_the_sandbox_takes_them(name):
    validate = FUNCTIONS[name].validators["5.1"]
    asked = dict.fromkeys(CALLS[name].parameters, "0")
    assert validate(asked).keys() == asked.keys()
    for key, parameter in CALLS[name].parameters.items():
        without = {other: text for other, text in asked.items() if other != key}
        if parameter.required:
            with pytest.raises(Refusal):
                validate(without)
        else:
            assert validate(without)[key] == parameter.default


@pytest.mark.parametrize("name", CALLS)
def test_what_comes_back_is_what_the_table_says(moodle, name):
    given = {"kind": "user", "rows": "[]", "courseids": "[]"}
    sent = {key: given.get(key, parameter.default) for key, parameter in CALLS[name].parameters.items()}
    assert set(moodle.read(name, sent)) == set(CALLS[name].returns)


@pytest.mark.parametrize("kind", COLUMNS)
def test_snapshots_have_their_columns_in_their_types(moodle, kind):
    frame = moodle.plugin.snapshot(kind)
    known = {name: frame.schema[name] for name in frame.columns if name in COLUMNS[kind]}
    assert known == dict(COLUMNS[kind])
    named = list(COLUMNS[kind])[::-1][:3]
    assert moodle.plugin.snapshot(kind, named).columns == named


def test_custom_fields_are_columns_of_texts(moodle):
    frame = moodle.plugin.snapshot("user")
    assert frame.schema["profile_field_housename"] == pl.String


def test_pages_are_put_together(moodle, monkeypatch):
    whole = moodle.plugin.snapshot("user")
    monkeypatch.setattr("matricula.sandbox.functions.plugin_reading._PAGE", 2)
    assert whole.height > 4
    assert_frame_equal(moodle.plugin.snapshot("user"), whole)


def test_conditions_are_parted_where_they_are_long(moodle, monkeypatch):
    monkeypatch.setattr("matricula.moodle.snapshot.FILTERED", 2)
    frame = moodle.plugin.snapshot("user", ["id"], {"id": [3, 999, 2, 3, 4]})
    assert sorted(frame["id"]) == [2, 3, 4]


def test_a_condition_without_values_asks_nothing(moodle, site):
    assert moodle.plugin.snapshot("enrolment", ["id", "courseid"], {"courseid": []}).schema == {
        "id": pl.Int64,
        "courseid": pl.Int64,
    }
    assert not site.faults.seen()["calls"].get(GET_SNAPSHOT)


def test_numbers_told_as_texts_and_texts_told_as_numbers(strange, server):
    server.replies = [page({"id": ["5", "6"], "username": [7, None], "suspended": [True, False]})]
    frame = strange.plugin.snapshot("user", ["id", "username", "suspended"])
    assert frame.rows() == [(5, "7", 1), (6, None, 0)]


@pytest.mark.parametrize(
    "answer",
    [
        page({"id": [1], "username": ["a"]}, columns="not packed"),
        page({"id": [1], "username": ["a"]}, columns='["id"]'),
        page({"id": [1], "username": ["a", "b"]}),
        page({"id": [1], "username": ["a"]}, count=2),
        page({"id": [1]}),
        page({"id": ["one"], "username": ["a"]}),
        page({"id": [1], "username": ["a"]}, next=-1),
        value({"count": 1}),
        value(None),
        value([]),
    ],
    ids=["no-json", "a-list", "uneven", "count", "missing", "no-number", "backwards", "no-columns", "null", "empty"],
)
def test_snapshots_that_are_none(strange, server, answer):
    server.replies = [answer]
    with pytest.raises(NotMoodle) as caught:
        strange.plugin.snapshot("user", ["id", "username"])
    assert caught.value.function == GET_SNAPSHOT


@pytest.mark.parametrize("outcomes", ["", "null", "[]", '[{"id": 1}, {"id": 2}]', "[1]", "{}"])
def test_outcomes_that_do_not_fit_what_was_sent_are_in_doubt(strange, server, outcomes):
    server.replies = [value({"outcomes": outcomes})]
    with pytest.raises(InDoubt):
        strange.plugin.enrol([ENROL])


def test_a_write_without_an_answer_is_in_doubt(moodle, site):
    site.faults.set(drop_after={"times": 1, "function": "local_matricula_enrol"})
    with pytest.raises(InDoubt):
        moodle.plugin.enrol([ENROL])


def test_a_column_that_is_not_there_is_refused(moodle):
    with pytest.raises(Refused):
        moodle.plugin.snapshot("user", ["id", "shoe_size"])


def test_nothing_is_sent_for_no_rows(strange, server):
    server.replies = [refusal("invalidparameter")]
    assert strange.plugin.enrol([]) == strange.plugin.silence([]) == []
    assert server.asked == []


def test_a_new_role_is_looked_for_once_more(moodle, site):
    assert moodle.plugin.role_of(99) is None
    assert moodle.plugin.about().role_id("tutor") is None
    key = site.state.insert("role", shortname="tutor", sortorder=99)
    assert moodle.plugin.role_of(key).shortname == "tutor"


def test_stamps_change_with_what_they_stand_for(moodle):
    before = moodle.plugin.stamps()
    assert moodle.plugin.stamps() == before
    assert moodle.plugin.enrol([ENROL | {"roleid": 0}])[0].done
    after = moodle.plugin.stamps()
    assert {kind for kind in before if before[kind] != after[kind]} == {"enrolment"}
    assert set(after) == set(COLUMNS)
