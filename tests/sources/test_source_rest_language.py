"""What a recipe can say: fields, conditions, tables of values, and every way in which a recipe can be wrong."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_services import Service, Whole

from matricula.errors import SettingError, StopError
from matricula.roster import Delivery
from matricula.sources import open_source
from matricula.sources.rest.templates import Path, Template, condition

ROWS = [
    {"id": 1, "name": {"first": " Ann ", "last": "Lee"}, "status": "A", "tags": ["x", "y"], "on": True, "house": None},
    {"id": 2, "name": {"first": "", "last": "Öst"}, "status": "B", "tags": [], "on": False, "house": "N"},
]


def deliver(service: Service, fields: dict[str, Any], rows: list[Any] = ROWS, **more: Any) -> Delivery:
    service.answer(lambda *_: rows)
    keys = {"sourcedId": "p-{$.id}", "username": "u", "role": "student"}
    record = {"table": "users", "of": "people", "fields": keys | fields, **more.pop("record", {})}
    settings = {"base": service.url, "calls": {"people": {"path": "people"}}, "records": {"people": record}, **more}
    return open_source({"type": "rest", **settings}).deliver()


def column(service: Service, field: Any, rows: list[Any] = ROWS, **more: Any) -> list[str | None]:
    return deliver(service, {"identifier": field}, rows, **more).drafts["users"].frame["identifier"].to_list()


@pytest.mark.parametrize(
    ("field", "cells"),
    [
        ("$.id", ["1", "2"]),
        ("$.name.first", ["Ann", None]),
        ("$['name']['first']", ["Ann", None]),
        ("$.tags", ["x,y", None]),
        ("$.tags[0]", ["x", None]),
        ("$.on", ["true", "false"]),
        ("$.house", [None, "N"]),
        ("fixed", ["fixed", "fixed"]),
        (7, ["7", "7"]),
        (False, ["false", "false"]),
        ("{{$.id}}", ["{$.id}", "{$.id}"]),
        ("{$.name.last}, {$.name.first}", ["Lee, Ann", None]),
        ("tag-{$.tags[*]}", ["tag-x,tag-y", None]),
        (["$.name.first", "$.name.last"], ["Ann", "Öst"]),
        ({"value": "$.status", "map": {"A": "active", "B": "left"}}, ["active", "left"]),
        ({"value": "$.status", "map": {"A": "active"}, "otherwise": "other"}, ["active", "other"]),
        ({"value": "$.status", "map": {"A": "active"}, "otherwise": ""}, ["active", None]),
        ({"value": "$.on", "map": {True: "yes", False: "no"}}, ["yes", "no"]),
        ({"value": "$.id", "map": {1: "one"}, "otherwise": ""}, ["one", None]),
        ("{parameter.prefix}-{$.id}", ["P-1", "P-2"]),
    ],
)
def test_fields(service, field, cells):
    parameters = {"prefix": "P"} if "parameter" in str(field) else {}
    assert column(service, field, parameters=parameters) == cells


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ('@.status == "A"', ["p-1"]),
        ("@.id >= 2", ["p-2"]),
        ("@.house != null && @.on == false", ["p-2"]),
        ("@.gone", []),
        ("!@.gone", ["p-1", "p-2"]),
        ('match(@.name.last, "L.*")', ["p-1"]),
    ],
)
def test_conditions_are_jsonpath_filters(service, where, ids):
    for place in ({"record": {"where": where}}, {"calls": {"people": {"path": "people", "where": where}}}):
        assert deliver(service, {}, **place).drafts["users"].frame["sourcedId"].to_list() == ids


def test_a_condition_that_no_row_meets_is_told(service):
    roster = deliver(service, {}, record={"where": "@.id == '1'"}).roster()
    assert [found.code for found in roster.findings] == ["condition-nothing", "table-empty"]
    assert "2" in roster.findings[0].message


@settings(deadline=None)
@given(
    value=st.text(st.characters(exclude_categories=["Cc", "Cs"])) | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans()
)
def test_a_parameter_in_a_condition_is_compared_as_it_is(value):
    meets = condition("@.x == {parameter.wanted}", {"wanted": value})
    assert meets({"x": value})
    assert not meets({"x": [value]})


@settings(deadline=None)
@given(text=st.text(alphabet="ab{}$.\n ", max_size=12))
def test_a_text_is_read_or_refused_and_what_is_doubled_comes_out_single(text):
    assert Template(f"-{text.replace('{', '{{').replace('}', '}}')}").combinations({}, lambda _: []) == [f"-{text}"]


@settings(deadline=None)
@given(names=st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,4}", fullmatch=True), min_size=1, max_size=4))
def test_paths_of_names_alone_find_what_the_library_finds(names):
    row: Any = "here"
    for name in reversed(names):
        row = {name: row}
    quick, thorough = Path("$." + ".".join(names)), Path("$" + "".join(f"['{name}']" for name in names))
    for each in (row, {}, {names[0]: None}, [row], "text", None):
        assert quick.finder()(each) == thorough.finder()(each)


def test_values_without_a_translation_are_told_with_their_number(service):
    roster = deliver(service, {"identifier": {"value": "$.status", "map": {"A": "x"}}}, ROWS + ROWS[1:]).roster()
    (found,) = [found for found in roster.findings if found.code == "value-untranslated"]
    assert (found.value, found.count, found.column) == ("B", 2, "identifier")


def test_a_path_that_finds_nothing_is_told_with_the_names_there_are(service):
    roster = deliver(service, {"identifier": "$.number", "givenName": ["$.fore", "$.name.last"]}).roster()
    told = [(found.column, found.value) for found in roster.findings if found.code == "path-nothing"]
    assert told == [("givenName", "$.fore"), ("identifier", "$.number")]
    assert "id, name, status, tags, on, house" in roster.findings[-1].message


def test_a_path_that_is_there_but_empty_is_not_told(service):
    roster = deliver(service, {"identifier": "$.house"}, ROWS[:1]).roster()
    assert not [found for found in roster.findings if found.code == "path-nothing"]


def test_a_key_that_is_in_no_row_refuses_the_reading(service):
    with pytest.raises(StopError, match=r"\$\.number.*no record can be used without.*id, name") as refused:
        deliver(service, {"sourcedId": "p-{$.number}"})
    assert refused.value.code == "rest-key"


@pytest.mark.parametrize("path", ["$.name", "$.people"])
def test_a_path_to_something_with_parts_is_refused_with_their_names_and_no_values(service, path):
    rows = [{"id": 1, "name": {"first": "Ann"}, "people": [{"first": "Ann"}]}]
    with pytest.raises(StopError, match="the names there are: first") as refused:
        column(service, path, rows)
    assert "Ann" not in str(refused.value)


def test_entries_of_a_list_in_a_row_are_rows_too(service):
    rows = [{"id": 1, "teachers": [{"id": 7}, {"id": 8}]}, {"id": 2, "teachers": []}, {"id": 3}]
    fields = {"sourcedId": "{each$.id}-{$.id}"}
    frame = deliver(service, fields, rows, record={"each": "$.teachers"}).drafts["users"].frame
    assert frame["sourcedId"].to_list() == ["1-7", "1-8"]


def test_a_list_that_no_row_has_is_told(service):
    roster = deliver(service, {}, record={"each": "$.teachers"}).roster()
    assert "path-nothing" in [found.code for found in roster.findings]


def test_of_rows_that_come_out_the_same_one_is_kept_where_the_recipe_says_so(service):
    rows = [{"id": 1}, {"id": 2}, {"id": 1}]
    assert column(service, "x", rows, record={"distinct": True}) == ["x", "x"]
    assert column(service, "x", rows) == ["x", "x", "x"]


def test_no_rows_give_a_table_with_its_columns(service):
    frame = deliver(service, {"identifier": "$.number"}, []).drafts["users"].frame
    assert frame.height == 0
    assert frame.schema["identifier"] == pl.String


def test_only_what_the_recipe_calls_complete_is(service):
    assert not deliver(service, {}).roster().scope.complete
    assert deliver(service, {}, complete=["users"]).roster().scope.complete == {"users", "roles"}


FAULTS = [
    ({"recipe": "isms"}, "there is no recipe “isms”; there are: classter, isams"),
    ({"calls": {"people": {"path": "people/{each$.id}"}}}, "people holds a path with each\\$, and has no for_each"),
    ({"calls": {"members": {"for_each": "forms"}}}, "for each row of forms, which there is not; there are: people"),
    ({"calls": {"groups": {"for_each": "members"}}}, "the call groups is for each row of itself"),
    ({"calls": {"people": {"rows": "people"}}}, "“people” is no JSON path"),
    ({"calls": {"people": {"key": "each$.id"}}}, "is no JSON path"),
    ({"calls": {"people": {"rows": "$.people["}}}, "is no JSON path"),
    ({"calls": {"people": {"where": "@.id ="}}}, "is no JSON path"),
    ({"calls": {"people": {"paging": {"by": "cursor"}}}}, "`next` is needed"),
    ({"calls": {"people": {"paging": {"by": "offset"}}}}, "'page', 'cursor' or 'link'"),
    ({"calls": {"people": {"path": "x/{secret.key}"}}}, "the secret key stands where others would see it"),
    ({"records": {"people": {"of": "persons"}}}, "are of the call persons, which there is not"),
    ({"records": {"people": {"table": "user"}}}, "feed user, which OneRoster 1.1 has not; it has: orgs"),
    ({"records": {"people": {"table": "roles"}}}, "feed roles, which OneRoster 1.1 has not"),
    ({"records": {"people": {"fields": {"colour": "x"}}}}, "fill colour, which users has not; it has: sourcedId"),
    ({"records": {"people": {"fields": {"password": "x"}}}}, "fill password, which users has not"),
    ({"records": {"people": {"fields": {"metadata.password": "x"}}}}, "fill metadata.password"),
    ({"records": {"people": {"fields": {"username": "{$.id"}}}}, "single brace"),
    ({"records": {"people": {"fields": {"username": "{id}"}}}}, "“{id}” is none of"),
    ({"records": {"people": {"fields": {"username": "{secret.key}"}}}}, "the secret key stands where"),
    ({"records": {"people": {"fields": {"username": "each$.id"}}}}, "hold a path with each\\$, and have neither"),
    ({"records": {"people": {"fields": {"username": []}}}}, "at least 1 item"),
    ({"complete": ["roles"]}, "roles counts as complete, and no records feed it"),
    ({"parameters": {"colour": "green"}}, "uses no parameter colour; it uses: none"),
    ({"headers": {"X": "{parameter.colour}"}}, "no value is given for the parameter colour"),
    ({"at_once": 0}, "greater than or equal to 1"),
    ({"timeout": 0}, "greater than 0"),
]


@pytest.mark.parametrize(("changed", "told"), FAULTS, ids=[str(changed)[:50] for changed, _ in FAULTS])
def test_a_recipe_that_does_not_fit_together_is_refused_when_it_is_loaded(changed, told):
    service = Service()
    service.url = "http://127.0.0.1:9"
    with pytest.raises(SettingError, match=told):
        open_source(_laid(Whole.settings(service), changed))


def _laid(below: Any, above: Any) -> Any:
    if not isinstance(above, dict) or not isinstance(below, dict):
        return above
    return {**below, **{key: _laid(below.get(key), value) for key, value in above.items()}}


def test_what_is_null_is_taken_away_from_a_recipe():
    parameters = {"tenant": "t", "period": 1, "school": "S"}
    laid = {"records": {"students": {"fields": {"grades": None}}}, "headers": {"X-Institute-Period": None}}
    document = {"type": "rest", "recipe": "classter", "parameters": {"tenant": "t", "school": "S"}, **laid}
    settings = open_source(document).settings
    assert "grades" not in settings.records["students"].fields
    assert "X-Institute-Period" not in settings.headers
    plain = open_source({"type": "rest", "recipe": "classter", "parameters": parameters}).settings
    assert "grades" in plain.records["students"].fields
