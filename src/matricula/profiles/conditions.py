"""A profile's conditions: which records are meant, by patterns that a value must be like."""

from collections.abc import Iterable

import polars as pl

from matricula.profiles.documents.mapped import Condition


def meets(text: pl.Expr, condition: Condition) -> pl.Expr:
    """Whether texts are like one of a condition's patterns and unlike all those it excludes.

    Args:
        text: what is compared, as a rule the condition's own `value` worked out; null counts as empty.
        condition: the patterns. `*` stands for any text, `?` for one character; the case of letters does not count.
    """
    meant = like(text, condition.like)
    return meant & ~like(text, condition.unlike) if condition.unlike else meant


def like(text: pl.Expr, patterns: Iterable[str]) -> pl.Expr:
    """Whether texts are wholly like one of some patterns, as `meets` has them."""
    return text.fill_null("").str.contains(_one_of(patterns))


def _one_of(patterns: Iterable[str]) -> str:
    """One expression for several patterns: it fits a text that is wholly like one of them."""
    return f"(?is)^(?:{'|'.join(map(_pattern, patterns))})$"


def _pattern(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter) or pl.escape_regex(letter) for letter in pattern)
