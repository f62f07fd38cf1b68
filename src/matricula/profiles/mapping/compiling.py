"""Turns a template into one Polars expression.

Inside, an empty value is null: expressions then tell by themselves what is missing, and no step has to be written
(and reckoned) twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from matricula.profiles.mapping.checking import check
from matricula.profiles.mapping.template import Argument, Call, Content, Optional, Placeholder, Template
from matricula.profiles.mapping.transliteration import transliterated
from matricula.profiles.mapping.vocabulary import Vocabulary

Case = Literal["none", "lower", "upper"]
Tables = Mapping[str, Mapping[str, str]]

_ISO_DATE = r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?\s*$"
_SEPARATOR = ", "


def compiled(
    template: Template, vocabulary: Vocabulary, tables: Tables | None = None, *, case: Case = "none"
) -> pl.Expr:
    """The expression of a template.

    Args:
        template: as `parse` read it.
        vocabulary: the properties that may be named.
        tables: the lookup tables by name, each from what is looked up to what stands for it.
        case: of the letters of the whole result.

    Returns:
        a String expression over columns named as the properties in `template.names`, of the types that
        `Property.kind` tells, all of which have to be in the frame. It is never null, but empty.

    Raises:
        MappingFault: as `check` does.
    """
    tables = tables or {}
    check(template, vocabulary, tables)
    text = _Compiler(vocabulary, tables).whole(template.content)
    return {"none": text, "lower": text.str.to_lowercase(), "upper": text.str.to_uppercase()}[case]


@dataclass(frozen=True)
class _Value:
    """One of the values at a place: null where it is empty, and elements of a list are neither null nor empty."""

    kind: Literal["text", "list", "date"]
    expression: pl.Expr

    def text(self, separator: str = _SEPARATOR) -> pl.Expr:
        if self.kind == "list":
            return _nothing_for_empty(self.expression.list.join(separator))
        return self.expression.cast(pl.String) if self.kind == "date" else self.expression

    def first(self) -> pl.Expr:
        return self.expression.list.first() if self.kind == "list" else self.text()

    def each(self, function: Callable[[pl.Expr], pl.Expr]) -> "_Value":
        if self.kind == "list":
            return _Value("list", self.expression.list.eval(function(pl.element()).drop_nulls()))
        return _Value("text", function(self.text()))


class _Compiler:
    def __init__(self, vocabulary: Vocabulary, tables: Tables) -> None:
        self._vocabulary = vocabulary
        self._tables = tables

    def whole(self, content: Content) -> pl.Expr:
        """Content as text that is never null."""
        if all(isinstance(item, str) for item in content):
            # A bare literal would be one row instead of as many as the frame has.
            return pl.repeat("".join(map(str, content)), pl.len(), dtype=pl.String)
        pieces = self._pieces(content)
        return pieces[0].fill_null("") if len(pieces) == 1 else pl.concat_str(pieces, ignore_nulls=True)

    def _pieces(self, content: Content) -> list[pl.Expr]:
        return [self._piece(item) for item in content]

    def _piece(self, item: str | Placeholder | Optional) -> pl.Expr:
        if isinstance(item, str):
            return pl.lit(item)
        if isinstance(item, Placeholder):
            return self._placeholder(item)
        # Text put together from pieces is null where one of them is: just when the part is to be left out.
        return pl.concat_str(self._pieces(item.content)).fill_null("")

    def _placeholder(self, placeholder: Placeholder) -> pl.Expr:
        values = [self._property(name) for name in placeholder.properties]
        for call in placeholder.calls:
            values = self._called(call, values)
        return _joined(values)

    def _property(self, name: str) -> _Value:
        column = pl.col(name)
        match self._vocabulary.kind_of(name):
            case "date":
                return _Value("date", column.cast(pl.Date))
            case "list":
                cleaned = _nothing_for_empty(pl.element()).drop_nulls()
                return _Value("list", column.cast(pl.List(pl.String)).list.eval(cleaned))
            case "number":
                return _Value("text", column.cast(pl.String).str.strip_suffix(".0").replace("NaN", None))
            case _:
                return _Value("text", _nothing_for_empty(column.cast(pl.String)))

    def _called(self, call: Call, values: list[_Value]) -> list[_Value]:
        if call.function == "join":
            return [_Value("text", _joined(values, *(str(argument.value) for argument in call.arguments)))]
        if call.function == "first" and not call.arguments:
            return [_Value("text", pl.coalesce(value.first() for value in values))]
        if call.function == "default":
            return [_Value("text", _joined(values).fill_null(self._otherwise(call.arguments[0])))]
        if call.function == "date":
            return [_Value("text", _dated(values[0]).dt.to_string(str(call.arguments[0].value)))]
        function = self._lookup(call) if call.function == "lookup" else _text_function(call)
        return [value.each(lambda text: _nothing_for_empty(function(text))) for value in values]

    def _otherwise(self, argument: Argument) -> pl.Expr:
        if argument.form == "word":
            return self._property(str(argument.value)).text()
        return pl.lit(argument.value or None, dtype=pl.String)

    def _lookup(self, call: Call) -> Callable[[pl.Expr], pl.Expr]:
        table, *otherwise = (str(argument.value) for argument in call.arguments)
        entries = dict[str | None, str | None](self._tables[table].items()) | {None: None}
        return lambda text: text.replace_strict(
            list(entries), list(entries.values()), default=otherwise[0] if otherwise else None, return_dtype=pl.String
        )


def _text_function(call: Call) -> Callable[[pl.Expr], pl.Expr]:
    """What a function does to one text."""
    given = [argument.value for argument in call.arguments]
    return {
        "trim": lambda text: text.str.strip_chars(),
        "lower": lambda text: text.str.to_lowercase(),
        "upper": lambda text: text.str.to_uppercase(),
        "title": lambda text: text.str.to_titlecase(),
        "slug": _slug,
        "ascii": transliterated,
        "first": lambda text: text.str.head(int(given[0])),
        "replace": lambda text: text.str.replace_all(str(given[0]), str(given[1]), literal=True),
        "substring": lambda text: text.str.slice(int(given[0]) - 1, *map(int, given[1:])),
    }[call.function]


def _slug(text: pl.Expr) -> pl.Expr:
    return transliterated(text).str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")


def _dated(value: _Value) -> pl.Expr:
    if value.kind == "date":
        return value.expression
    return value.text().str.extract(_ISO_DATE).str.to_date("%Y-%m-%d", strict=False)


def _joined(values: list[_Value], separator: str = _SEPARATOR) -> pl.Expr:
    texts = [value.text(separator) for value in values]
    return (
        texts[0]
        if len(texts) == 1
        else _nothing_for_empty(pl.concat_str(texts, separator=separator, ignore_nulls=True))
    )


def _nothing_for_empty(text: pl.Expr) -> pl.Expr:
    return text.replace("", None)
