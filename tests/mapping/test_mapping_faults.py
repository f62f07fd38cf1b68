"""Every fault says what is wrong, at which character, and what may stand there."""

import pytest
from mapping_school import TABLES, VOCABULARY

from matricula.profiles.mapping import MappingFault, check, compiled, parse


def faults(template: str) -> list[tuple[int, str]]:
    with pytest.raises(MappingFault) as caught:
        check(parse(template), VOCABULARY, TABLES)
    assert caught.value.template == template
    assert caught.value.position == caught.value.faults[0][0]
    assert caught.value.message == str(caught.value) == "\n".join(message for _, message in caught.value.faults)
    return [(position, message) for position, message in caught.value.faults]


def fault(template: str) -> tuple[int, str]:
    (only,) = faults(template)
    return only


@pytest.mark.parametrize(
    ("template", "position", "what", "may"),
    [
        ("{", 2, "a property's name is missing before the end", "a property such as person.email may stand there"),
        ("a{}", 3, "a property's name is missing before }", "a property such as person.email"),
        ("{group.id,}", 11, "a property's name is missing before }", "a property such as"),
        ("{'x'}", 2, "a property's name is missing before 'x'", "a property such as"),
        ("{group.id", 10, "the template ends within what begins at character 1,", ", or | or } may stand there"),
        ("{group.id|trim", 15, "the template ends within what begins at character 1,", "| or } may stand there"),
        ("{group.id|first(1", 18, "the template ends within what begins at character 11,", ", or ) may stand there"),
        ("{group.id group.title}", 11, "unexpected group.title", ", or | or } may stand there"),
        ("{group.id|}", 11, "a function's name is missing before }", "one of these may stand there: trim, lower,"),
        ("{group.id|'x'}", 11, "a function's name is missing before 'x'", "one of these may stand there"),
        ("{group.id|trim, lower}", 15, "unexpected ,", "| or } may stand there"),
        ("{group.id|first(1, )}", 20, "unexpected )", "a text in quotes, a whole number or a name"),
        ("{group.id|first(-1)}", 17, "unexpected -", "a text in quotes, a whole number or a name"),
        ("{group.id|first(1 2)}", 19, "unexpected 2", ", or ) may stand there"),
        ("{group.id|default('x)}", 19, "a text whose closing ' is missing", "a text in quotes"),
        ("{group.id|first(1234567890)}", 17, "unexpected 1234567890", "numbers may have 9 digits"),
        ("a } b", 3, "a } that closes nothing", "write }} for a plain brace"),
        ("a ] b", 3, "a ] that closes nothing", "write ]] for a plain bracket"),
        ("a [{group.id}", 3, "an optional part that is never closed, beginning", "close it with ] or write [[ for"),
        ("a [b]", 3, "an optional part that names no property itself", "write [[ and ]] for plain brackets"),
        ("[x[{group.id}]]", 1, "an optional part that names no property itself", "name one directly in it"),
        ("[[[ {group.id}", 1, "3 brackets that can be read in several ways", "see that each has its other half"),
        ("x\ud800", 2, "half a character", "whole ones may stand there"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(template, position, what, may):
    found, message = fault(template)
    assert (found, message.partition(f" at character {position}; ")[1]) == (position, f" at character {position}; ")
    told, _, remedy = message.partition(f" at character {position}; ")
    assert told.startswith(what)
    assert may in remedy


@pytest.mark.parametrize(
    ("template", "position", "message"),
    [
        ("{person.emial}", 1, "unknown property person.emial at character 1; did you mean person.email?"),
        (
            "a {group.title, user.email}",
            3,
            "unknown property user.email at character 3; did you mean person.email?",
        ),
        (
            "{person.metdata.house}",
            1,
            "unknown property person.metdata.house at character 1; did you mean person.metadata.house?",
        ),
        (
            "{zzz}",
            1,
            "unknown property zzz at character 1; known properties begin with person., group., subject., enrolment.",
        ),
        (
            "{group.id|default(group.titel)}",
            19,
            "unknown property group.titel at character 19; did you mean group.title?",
        ),
        ("{group.id|lowr}", 11, "unknown function lowr at character 11; did you mean lower?"),
        ("{group.id|LOWER}", 11, "unknown function LOWER at character 11; did you mean lower?"),
        (
            "{group.id|__class__}",
            11,
            (
                "unknown function __class__ at character 11; functions are trim, lower, upper, title, slug, ascii, "
                "first, replace, substring, date, lookup, default, join"
            ),
        ),
        ("{group.id|lookup(house)}", 18, "unknown lookup table house at character 18; did you mean houses?"),
        ("{group.id|lookup(x)}", 18, "unknown lookup table x at character 18; there are houses, yes-no"),
        (
            "{group.id|lookup('houses')}",
            18,
            "lookup: table is 'houses' at character 18; the name of a lookup table may stand there, without quotes",
        ),
        ("{group.id|lower(1)}", 11, "lower with 1 argument at character 11; it is written lower"),
        ("{group.id|replace('a')}", 11, "replace with 1 argument at character 11; it is written replace(what, by)"),
        (
            "{group.id|substring}",
            11,
            "substring with 0 arguments at character 11; it is written substring(start, length?) (? need not be there)",
        ),
        (
            "{group.id|replace('', 'x')}",
            19,
            "replace: what is '' at character 19; a text of at least one character may stand there",
        ),
        (
            "{group.id|replace(group.title, 'x')}",
            19,
            "replace: what is group.title at character 19; a text in quotes may stand there",
        ),
        (
            "{group.id|first(0)}",
            17,
            "first: characters is 0 at character 17; a whole number from 1 to 9,999 may stand there",
        ),
        (
            "{group.id|substring(1, 10000)}",
            24,
            "substring: length is 10000 at character 24; a whole number from 1 to 9,999 may stand there",
        ),
        (
            "{group.id|default(3)}",
            19,
            "default: otherwise is 3 at character 19; a text in quotes or a property may stand there",
        ),
        (
            "{group.id|join(' ')}",
            11,
            (
                "join was given text at character 11; it puts several values together: name them in the same braces, "
                "{a, b|join(' ')}"
            ),
        ),
        (
            "{group.id|first}",
            11,
            (
                "first was given text at character 11; without a number it takes the first of several values; write "
                "first(1) for the first character"
            ),
        ),
        (
            "{person.grades|date('%Y')}",
            16,
            "date was given several values at character 16; it takes a date, or one text such as 2026-09-01",
        ),
        (
            "{person.enabled|date('%Y')}",
            17,
            "date was given true or false at character 17; it takes a date, or one text such as 2026-09-01",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_what_may_stand_there(template, position, message):
    assert fault(template) == (position, message)


@pytest.mark.parametrize("form", ["", "iso", "%%", "%H:%M", "%", "%d%", "%-Y", "%D", "%10d", "%_d"])
def test_forms_of_dates_are_a_short_list(form):
    position, message = fault(f"{{enrolment.beginDate|date('{form}')}}")
    assert position == 27
    assert f"date: form is '{form}' at character 27; a text in quotes with at least one of %d %m %Y" in message


@pytest.mark.parametrize(
    "template",
    [
        "{person.grades|join|join}",
        "{person.grades|first|first}",
        "{person.grades|default('x')|join}",
        "{group.id, group.title|lower|date('%Y')}",
        "{enrolment.beginDate|lower|join}",
        "{group.size|date('%d')}",
    ],
)
def test_functions_have_to_fit_what_the_function_before_gives(template):
    assert " was given " in fault(template)[1]


@pytest.mark.parametrize(
    "template",
    ["{group.title.upper.__globals__}", "{group.title!r}", "{group.title:>10}", "{group[0]}", "{eval('1')}", "{1+1}"],
)
def test_nothing_in_a_template_runs_code(template):
    assert faults(template)


def test_all_faults_are_told_at_once():
    assert [position for position, _ in faults("{a.b} {group.id|lowr|join(3)} {c.d|lookup(x)}")] == [1, 17, 27, 31, 43]
    assert [position for position, _ in faults("{} } {group.id|'} {group.id|} ]")] == [2, 4, 16, 29, 31]


def test_a_fault_is_not_followed_by_others_that_it_causes():
    assert len(faults("{person.emial|first}")) == 1
    assert len(faults("{group.id|lowr|join}")) == 1


def test_lookup_tables_may_be_left_unchecked():
    template = parse("{group.id|lookup(unheard-of)}")
    check(template, VOCABULARY)
    with pytest.raises(MappingFault):
        check(template, VOCABULARY, [])
    with pytest.raises(MappingFault, match="the profile has none"):
        compiled(template, VOCABULARY)


def test_compiling_checks():
    with pytest.raises(MappingFault, match="did you mean"):
        compiled(parse("{person.emial}"), VOCABULARY)


@pytest.mark.parametrize(
    ("fits", "too_much", "what"),
    [
        ("x" * 2_000, "x" * 2_001, "the template has 2,001 characters and is too long at character 2001; it may have"),
        ("{a.b}" * 50, "{a.b}" * 51, "placeholder number 51 at character 251; a template may have 50"),
        (
            "{a.b" + "|trim" * 20 + "}",
            "{a.b" + "|trim" * 21 + "}",
            "function number 21 at character 106; a placeholder may have 20",
        ),
        (
            "[{a.b}" * 5 + "]" * 5,
            "[{a.b}" * 6 + "]" * 6,
            "a part within too many others at character 31; optional parts",
        ),
    ],
)
def test_limits(fits, too_much, what):
    assert parse(fits).text == fits
    assert fault(too_much)[1].startswith(what)


@pytest.mark.parametrize(
    "text", ["[a" * 600 + "{a.b}" + "]" * 600, "[{a}" * 300 + "]" * 300, "[a" * 999, "[[{a.b}" * 40 + "]" * 99]
)
def test_nesting_far_too_deep_is_a_fault_and_nothing_worse(text):
    assert faults(text)


def test_names_that_may_have_been_meant():
    assert VOCABULARY.nearest("person.emial") == ["person.email"]
    assert VOCABULARY.nearest("PERSON.EMAIL") == ["person.email"]
    assert VOCABULARY.nearest("course.title")[0] in ("group.title", "subject.title")
    assert len(VOCABULARY.nearest("course.title")) == 2
    assert VOCABULARY.nearest("x") == []


def test_open_ended_names_are_known_as_text():
    assert VOCABULARY.knows("person.metadata.anything")
    assert VOCABULARY.kind_of("person.metadata.anything") == "text"
    assert not VOCABULARY.knows("person.metadata.")
    assert not VOCABULARY.knows("group.metadata.anything")
