"""The mapping language again, row by row in plain Python, and random templates for it.

A template is a tree here: text, ("values", names, calls) and ("optional", items). It is written and interpreted
without the package's own parser and compiler, so that both can be compared with it.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from mapping_school import HOUSE, KINDS, TABLES

Tree = Any
Values = list[str]

SPELLED = {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "щ": "shch", "Щ": "Shch", "–": "-"}
LETTERS = "abZ09éßøÆЩ漢 -'.,–\u00a0"
WORDS = st.text(LETTERS, max_size=6)
TEXTS = st.one_of(st.none(), WORDS, st.sampled_from(["Red", "none", "2026-02-03", "2026-02-30"]))
ROWS = st.fixed_dictionaries(
    {
        name: {
            "text": TEXTS,
            "list": st.none() | st.lists(TEXTS, max_size=3),
            "date": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
            "number": st.none() | st.integers(-999, 999).map(lambda halves: halves / 2),
            "boolean": st.none() | st.booleans(),
        }[kind]
        for name, kind in {**KINDS, HOUSE: "text"}.items()
    }
)


def interpreted(tree: Sequence[Tree], row: Mapping[str, Any]) -> str:
    return "".join(_item(item, row) for item in tree)


def _item(item: Tree, row: Mapping[str, Any]) -> str:
    if isinstance(item, str):
        return item
    if item[0] == "values":
        return _values(item, row)
    empty = any(inner[0] == "values" and not _values(inner, row) for inner in item[1] if not isinstance(inner, str))
    return "" if empty else interpreted(item[1], row)


def _values(item: Tree, row: Mapping[str, Any]) -> str:
    values = [text for name in item[1] for text in _texts(row[name])]
    for name, *arguments in item[2]:
        values = [text for text in CALLS[name](values, row, *arguments) if text]
    return ", ".join(values)


def _texts(value: Any) -> Values:
    if isinstance(value, list):
        return [text for text in value if text]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, float):
        return [str(int(value)) if value == int(value) else str(value)]
    if isinstance(value, dt.date):
        return [value.isoformat()]
    return [value] if value else []


def _each(function: Callable[..., str]) -> Callable[..., Values]:
    return lambda values, _, *arguments: [function(text, *arguments) for text in values]


def _title(text: str) -> str:
    starts = [not before.isalpha() for before in " " + text]
    return "".join(letter.title() if start else letter.lower() for letter, start in zip(text, starts, strict=False))


def _ascii(text: str) -> str:
    spelled = "".join(SPELLED.get(letter, letter) for letter in text)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def _slug(text: str) -> str:
    letters = "".join(letter if letter.isalnum() else " " for letter in _ascii(text).lower())
    return "-".join(letters.split())


def _date(text: str, form: str) -> str:
    try:
        return dt.date.fromisoformat(text).strftime(form) if len(text) == 10 else ""
    except ValueError:
        return ""


def _default(values: Values, row: Mapping[str, Any], form: str, otherwise: str) -> Values:
    return [", ".join(values) or (otherwise if form == "text" else ", ".join(_texts(row[otherwise])))]


CALLS: dict[str, Callable[..., Values]] = {
    "trim": _each(str.strip),
    "lower": _each(str.lower),
    "upper": _each(str.upper),
    "title": _each(_title),
    "slug": _each(_slug),
    "ascii": _each(_ascii),
    "replace": _each(str.replace),
    "substring": _each(lambda text, start, length=9_999: text[start - 1 : start - 1 + length]),
    "characters": _each(lambda text, number: text[:number]),
    "date": _each(_date),
    "lookup": _each(lambda text, table, otherwise="": TABLES[table].get(text, otherwise)),
    "default": _default,
    "first": lambda values, _: values[:1],
    "join": lambda values, _, separator=", ": [separator.join(values)],
}

PLACES = st.integers(1, 5)
ANYWHERE = {
    **dict.fromkeys(("trim", "lower", "upper", "title", "slug", "ascii"), st.tuples()),
    "replace": st.tuples(st.text(LETTERS, min_size=1, max_size=2), st.text(LETTERS + "$'\"\\{}[]|", max_size=3)),
    "substring": st.tuples(PLACES) | st.tuples(PLACES, PLACES),
    "characters": st.tuples(PLACES),
    "lookup": st.tuples(st.sampled_from(list(TABLES))) | st.tuples(st.sampled_from(list(TABLES)), WORDS),
    "default": st.tuples(st.just("text"), WORDS) | st.tuples(st.just("word"), st.sampled_from([*KINDS, HOUSE])),
}
FOR_SEVERAL = {"first": st.tuples(), "join": st.tuples() | st.tuples(WORDS)}
FOR_DATES = {"date": st.tuples(st.sampled_from(["%d.%m.%Y", "%j %y", "%%%A, %-d %B"]))}


@st.composite
def _placeholder(draw: st.DrawFn) -> Tree:
    names = draw(st.lists(st.sampled_from([*KINDS, HOUSE]), min_size=1, max_size=3))
    kind = KINDS.get(names[0], "text") if len(names) == 1 else "list"
    calls: list[Tree] = []
    for _ in range(draw(st.integers(0, 3))):
        possible = {
            **ANYWHERE,
            **(FOR_SEVERAL if kind == "list" else {}),
            **(FOR_DATES if kind in ("date", "text") else {}),
        }
        name = draw(st.sampled_from(list(possible)))
        calls.append((name, *draw(possible[name])))
        kind = "list" if kind == "list" and name not in ("first", "join", "default") else "text"
    return ("values", tuple(names), tuple(calls))


PLAIN = st.text(LETTERS + "{}", min_size=1, max_size=4) | st.sampled_from(["a[b]c", " ([x]) "])
PLACEHOLDERS = _placeholder()


def _optional(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    items = st.tuples(st.lists(inner, max_size=2), PLACEHOLDERS, st.lists(inner, max_size=2))
    return items.map(lambda parts: ("optional", (*parts[0], parts[1], *parts[2])))


ITEMS = st.recursive(PLAIN | PLACEHOLDERS, _optional, max_leaves=6)
TREES = st.lists(ITEMS, max_size=4)


def written(tree: Sequence[Tree]) -> str:
    """A tree as the text of a template."""
    return "".join(_written(item) for item in tree)


def _written(item: Tree) -> str:
    if isinstance(item, str):
        return "".join(letter * 2 if letter in "{}[]" else letter for letter in item)
    if item[0] == "optional":
        return f"[{written(item[1])}]"
    return "{" + ", ".join(item[1]) + "".join(f" | {_call(*call)}" for call in item[2]) + "}"


def _call(name: str, *arguments: Any) -> str:
    if name == "characters":
        name = "first"
    if name == "default":
        return f"default({arguments[1] if arguments[0] == 'word' else _quoted(arguments[1])})"
    if name == "lookup":
        return f"lookup({', '.join([arguments[0], *map(_quoted, arguments[1:])])})"
    return f"{name}({', '.join(_quoted(one) if isinstance(one, str) else str(one) for one in arguments)})"


def _quoted(text: str) -> str:
    quote = '"' if len(text) % 2 else "'"
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
