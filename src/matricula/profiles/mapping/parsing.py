"""Reads the text of a template."""

import re
from typing import NamedTuple, NoReturn

from matricula.profiles.mapping.brackets import Run, matched, unmatched
from matricula.profiles.mapping.faults import FaultBook
from matricula.profiles.mapping.functions import FUNCTIONS
from matricula.profiles.mapping.template import Argument, Call, Content, Optional, Placeholder, Template, placeholders

MOST_CHARACTERS = 2_000
MOST_PLACEHOLDERS = 50
MOST_FUNCTIONS = 20
"""In one placeholder: Polars ends the whole process when an expression is some hundred steps deep."""
DEEPEST_NESTING = 5

_OUTSIDE = re.compile(r"(?P<plain>[^{}\[\]]+|\{\{|\}\})|(?P<open>\[+)|(?P<close>\]+)|(?P<brace>[{}])")
_INSIDE = re.compile(
    r"""\s*(?:
        (?P<word>[^\W\d][\w.-]*)
      | (?P<number>[0-9]+)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<mark>.)
      | (?P<end>\Z))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(['"\\])""")
_MOST_DIGITS = 9
_PROPERTY = "a property such as person.email may stand there"


def parse(text: str) -> Template:
    """Read a template; only its syntax is looked at.

    Args:
        text: as a profile has it, for example `"[{group.title} – ]{subject.title|upper}"`.

    Raises:
        MappingFault: with every fault found.
    """
    return _Parser(text).template()


class _Token(NamedTuple):
    """One piece of a placeholder; `form` is word, number, text, mark or end."""

    form: str
    written: str
    position: int


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """A placeholder whose fault is noted and that cannot be read further."""


class _Brackets(NamedTuple):
    """Square brackets side by side, with the position of the first."""

    run: Run
    position: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._faults = FaultBook(text)
        self._at = 0

    def template(self) -> Template:
        self._check_characters()
        self._faults.close()
        content = self._nested(self._pieces())
        self._faults.close()
        found = list(placeholders(content))
        if len(found) > MOST_PLACEHOLDERS:
            self._faults.note(
                found[MOST_PLACEHOLDERS].position,
                f"placeholder number {MOST_PLACEHOLDERS + 1}",
                f"a template may have {MOST_PLACEHOLDERS}",
            )
        for placeholder in found:
            for call in placeholder.calls[MOST_FUNCTIONS : MOST_FUNCTIONS + 1]:
                self._faults.note(
                    call.position, f"function number {MOST_FUNCTIONS + 1}", f"a placeholder may have {MOST_FUNCTIONS}"
                )
        self._faults.close()
        return Template(self._text, content, *_used(found))

    def _check_characters(self) -> None:
        if len(self._text) > MOST_CHARACTERS:
            self._faults.note(
                MOST_CHARACTERS + 1,
                f"the template has {len(self._text):,} characters and is too long",
                f"it may have {MOST_CHARACTERS:,}",
            )
        half = re.search("[\ud800-\udfff]", self._text)
        if half:
            self._faults.note(half.start() + 1, "half a character (a surrogate)", "whole ones may stand there")

    def _pieces(self) -> list[str | Placeholder | _Brackets]:
        """The text cut into plain text, placeholders and square brackets."""
        pieces: list[str | Placeholder | _Brackets] = []
        while found := _OUTSIDE.match(self._text, self._at):
            self._at = found.end()
            start = found.start() + 1
            written = found[0]
            if found["plain"]:
                pieces.append(written[:1] if written in ("{{", "}}") else written)
            elif found["brace"] == "{":
                pieces += self._placeholder(start)
            elif found["brace"]:
                self._faults.note(start, "a } that closes nothing", "write }} for a plain brace")
            else:
                pieces.append(_Brackets(Run(opening=bool(found["open"]), length=len(written)), start))
        return pieces

    def _nested(self, pieces: list[str | Placeholder | _Brackets]) -> Content:
        """Pieces with the optional parts put together."""
        brackets = [piece for piece in pieces if isinstance(piece, _Brackets)]
        runs = [piece.run for piece in brackets]
        nest = _Nest(self._faults)
        readings = iter(matched(runs) or unmatched(runs))
        for piece in pieces:
            if not isinstance(piece, _Brackets):
                nest.add(piece)
            elif reading := next(readings):
                nest.add_brackets(piece, reading)
            else:
                self._faults.note(
                    piece.position,
                    f"{piece.run.length} brackets that can be read in several ways",
                    "[ and ] enclose an optional part, [[ and ]] are plain brackets: see that each has its other half",
                )
                return ()
        return nest.content()

    def _placeholder(self, start: int) -> list[Placeholder]:
        """The placeholder whose brace was just passed; none if it is not one, which is noted."""
        try:
            names = [self._word("a property's name", _PROPERTY)]
            while self._passes(","):
                names.append(self._word("a property's name", _PROPERTY))
            calls = []
            while self._passes("|"):
                calls.append(self._call())
            if not self._passes("}"):
                after = "|" if calls else ", or |"
                self._refuse(self._next(), f"{after} or }} may stand there", start)
        except _Unreadable:
            end = self._text.find("}", self._at)
            self._at = end + 1 or len(self._text)
            return []
        return [Placeholder(tuple(names), tuple(calls), start)]

    def _call(self) -> Call:
        name = self._peek()
        function = self._word("a function's name", f"one of these may stand there: {', '.join(FUNCTIONS)}")
        arguments: list[Argument] = []
        if self._passes("(") and not self._passes(")"):
            arguments.append(self._argument())
            while self._passes(","):
                arguments.append(self._argument())
            if not self._passes(")"):
                self._refuse(self._next(), ", or ) may stand there", name.position)
        return Call(function, tuple(arguments), name.position)

    def _argument(self) -> Argument:
        token = self._next()
        if token.form == "number":
            if len(token.written) > _MOST_DIGITS:
                self._refuse(token, f"numbers may have {_MOST_DIGITS} digits", token.position)
            return Argument("number", int(token.written), token.position)
        if token.form == "text":
            return Argument("text", _ESCAPED.sub(r"\1", token.written[1:-1]), token.position)
        if token.form != "word":
            self._refuse(token, "a text in quotes, a whole number or a name may stand there", token.position)
        return Argument("word", token.written, token.position)

    def _word(self, what: str, may: str) -> str:
        token = self._next()
        if token.form != "word":
            self._faults.note(token.position, f"{what} is missing before {_shown(token)}", may)
            self._at = token.position - 1
            raise _Unreadable
        return token.written

    def _peek(self) -> _Token:
        found = _INSIDE.match(self._text, self._at)
        if not found or not found.lastgroup:
            return _Token("end", "", len(self._text) + 1)
        return _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup) + 1)

    def _next(self) -> _Token:
        token = self._peek()
        self._at = token.position - 1 + len(token.written)
        return token

    def _passes(self, mark: str) -> bool:
        token = self._peek()
        passes = token.form == "mark" and token.written == mark
        if passes:
            self._next()
        return passes

    def _refuse(self, token: _Token, may: str, start: int) -> NoReturn:
        self._at = token.position - 1
        if token.form == "end":
            self._faults.note(token.position, f"the template ends within what begins at character {start},", may)
        elif token.written in ("'", '"'):
            self._faults.note(token.position, f"a text whose closing {token.written} is missing", may)
        else:
            self._faults.note(token.position, f"unexpected {_shown(token)}", may)
        raise _Unreadable


class _Nest:
    """Puts optional parts together from the outside to the inside."""

    def __init__(self, faults: FaultBook) -> None:
        self._faults = faults
        self._open: list[tuple[int, list[str | Placeholder | Optional]]] = [(0, [])]

    def add(self, item: str | Placeholder | Optional) -> None:
        items = self._open[-1][1]
        if isinstance(item, str) and items and isinstance(before := items[-1], str):
            items[-1] = before + item
        else:
            items.append(item)

    def add_brackets(self, brackets: _Brackets, reading: tuple[str, ...]) -> None:
        position = brackets.position
        for bracket in reading:
            if bracket == "plain":
                self.add("[" if brackets.run.opening else "]")
                position += 1
            elif brackets.run.opening:
                self._open_part(position)
            elif len(self._open) > 1:
                self._close_part()
            else:
                self._faults.note(position, "a ] that closes nothing", "write ]] for a plain bracket")
            position += 1

    def content(self) -> Content:
        for position, _ in self._open[1:]:
            self._faults.note(
                position,
                "an optional part that is never closed, beginning",
                "close it with ] or write [[ for a plain bracket",
            )
        return tuple(self._open[0][1])

    def _open_part(self, position: int) -> None:
        self._open.append((position, []))
        if len(self._open) - 1 == DEEPEST_NESTING + 1:
            self._faults.note(
                position, "a part within too many others", f"optional parts may be nested {DEEPEST_NESTING} deep"
            )

    def _close_part(self) -> None:
        position, items = self._open.pop()
        if not any(isinstance(item, Placeholder) for item in items):
            self._faults.note(
                position,
                "an optional part that names no property itself, so that it would never be left out, beginning",
                "name one directly in it, or write [[ and ]] for plain brackets",
            )
        self.add(Optional(tuple(items), position))


def _used(found: list[Placeholder]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the properties and of the lookup tables, each once."""
    names: list[str] = []
    tables: list[str] = []
    for placeholder in found:
        names += placeholder.properties
        for call in placeholder.calls:
            if (function := FUNCTIONS.get(call.function)) is not None:
                for parameter, argument in zip(function.arguments, call.arguments, strict=False):
                    if argument.form == "word" and parameter.takes == "table":
                        tables.append(str(argument.value))
                    elif argument.form == "word" and parameter.takes == "text or property":
                        names.append(str(argument.value))
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(tables))


def _shown(token: _Token) -> str:
    return "the end" if token.form == "end" else token.written
