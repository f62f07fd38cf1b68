"""Random templates give what a plain interpreter gives; no text does worse than to be refused."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_naive import CALLS, ROWS, TREES, WORDS, interpreted, written
from mapping_school import TABLES, VOCABULARY, frame, mapped

from matricula.profiles.mapping import FUNCTIONS, MappingFault, check, compiled, escape, parse

MANY = settings(max_examples=150, deadline=None)
PIECES = st.sampled_from(
    [
        *"{}[]|,()'\"\\ .1%-",
        "[[",
        "]]",
        "{{",
        "}}",
        "person.email",
        "person.grades",
        "group.title",
        "houses",
        *FUNCTIONS,
    ]
)


@MANY
@given(TREES, st.lists(ROWS, max_size=4))
def test_templates_give_what_a_plain_interpreter_gives(tree, rows):
    assert mapped(written(tree), *rows) == [interpreted(tree, row) for row in rows]


@MANY
@given(TREES, ROWS, st.sampled_from(["lower", "upper"]))
def test_case_is_that_of_the_whole(tree, row, case):
    assert mapped(written(tree), row, case=case) == [getattr(interpreted(tree, row), case)()]


def test_the_plain_interpreter_knows_every_function():
    assert FUNCTIONS.keys() == CALLS.keys() - {"characters"}


@given(st.text())
def test_escaped_text_comes_back(text):
    template = parse(escape(text))
    assert "".join(str(item) for item in template.content) == text
    assert mapped(escape(text), {}) == [text]


@MANY
@given(WORDS, st.text(), WORDS)
def test_text_in_quotes_comes_back(before, text, after):
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert mapped(f"{escape(before)}{{group.id|default('{quoted}')}}{escape(after)}", {}) == [before + text + after]


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(), st.text(st.characters(categories=["Cs", "Ps", "Pe"])), st.lists(PIECES).map("".join)))
def test_any_text_is_a_template_or_a_fault(text):
    told, result = outcome(text)
    assert all(1 <= position <= len(text) + 1 for position, _ in told)
    assert all(f" at character {position}; " in message for position, message in told)
    if result is not None:
        assert (result.dtype, result.len(), result.null_count()) == (pl.String, 2, 0)


def outcome(text: str) -> tuple[Sequence[tuple[int, str]], pl.Series | None]:
    """The faults of a text, or what it gives for two records."""
    try:
        expression = compiled(parse(text), VOCABULARY, TABLES)
    except MappingFault as fault:
        return fault.faults, None
    return (), frame({}, {"group.title": "x"}).select(expression.alias("result"))["result"]


@MANY
@given(TREES)
def test_faults_of_a_template_are_told_together(tree):
    with pytest.raises(MappingFault) as caught:
        check(parse("{nothing.known|unheard(1)}" + written(tree) + "{group.id|lookup(unheard)}"), VOCABULARY, TABLES)
    assert len(caught.value.faults) == 3
