"""Optional parts, and which brackets are plain text."""

import pytest
from mapping_school import for_zoe, mapped

from matricula.profiles.mapping import MappingFault, escape, parse


def test_a_part_is_left_out_when_a_placeholder_in_it_is_empty():
    template = "[{group.title} – ]{subject.title}"
    assert mapped(template, {"group.title": "9B", "subject.title": "Art"}, {"subject.title": "Art"}) == [
        "9B – Art",
        "Art",
    ]
    assert for_zoe("[{group.title} {person.middleName}]!") == "!"
    assert for_zoe("[{group.title} {person.middleName|default('-')}]!") == "9B -!"


def test_an_empty_part_within_a_part_leaves_the_outer_one():
    template = "[{group.title}[ ({subject.title})]: ]x"
    records = [{"group.title": "9B", "subject.title": "Art"}, {"group.title": "9B"}, {"subject.title": "Art"}]
    assert mapped(template, *records) == ["9B (Art): x", "9B: x", "x"]


@pytest.mark.parametrize(
    ("template", "result", "without_code"),
    [
        ("[[{group.id}]] x", "[A] x", "[] x"),
        ("x[ [[{group.id}]]]", "x [A]", "x"),
        ("[[[{group.id}]] ]x", "[A] x", "x"),
        ("[[[{group.id}]]]x", "[A]x", "x"),
        ("[{group.title}[-{group.id}]]", "9B-A", "9B"),
        ("[[{group.id} ]{group.title}]", "A 9B", "9B"),
        ("[[[{group.id} ]{group.title}]]", "[A 9B]", "[9B]"),
        ("[{group.title}[[[-{group.id}]]]]", "9B[-A]", "9B"),
        ("[[[[{group.id}]]]]", "[[A]]", "[[]]"),
        ("a [[ b {group.id}", "a [ b A", "a [ b "),
        ("a ]] [[{group.id}", "a ] [A", "a ] ["),
        ("[{group.id}] ]]", "A ]", " ]"),
        ("{{{group.id}}} {{[{group.id}]}}", "{A} {A}", "{} {}"),
        ("{{{{}} {group.id|default('}')}", "{{} A", "{{} }"),
    ],
)
def test_brackets_are_read_so_that_they_match(template, result, without_code):
    records = [{"group.title": "9B", "group.id": "A"}, {"group.title": "9B"}]
    assert mapped(template, *records) == [result, without_code]


@pytest.mark.parametrize("text", ["", "[", "]", "a]b[", "][][", "{", "}{", "[[x]", "{[}]", "]]]", "a[b]{c}"])
def test_escaped_text_stands_for_itself(text):
    assert mapped(escape(text), {}) == [text]


@pytest.mark.parametrize("text", ["[[[{group.id} ", "{group.id}]]]"])
def test_brackets_without_another_half_are_refused_where_they_could_mean_several_things(text):
    with pytest.raises(MappingFault):
        parse(text)
