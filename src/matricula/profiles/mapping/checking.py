"""Holds a template against what there is to name."""

import re
from collections.abc import Collection
from difflib import get_close_matches

from matricula.profiles.mapping.faults import FaultBook
from matricula.profiles.mapping.functions import FUNCTIONS, Function, Parameter
from matricula.profiles.mapping.template import Argument, Call, Placeholder, Template, placeholders
from matricula.profiles.mapping.vocabulary import PropertyKind, Vocabulary

LARGEST_NUMBER = 9_999

_DATE_FORM = re.compile(r"(?:[^%]|%%|%-?[dm]|%[YyBbAajVG])*")
_DATE_PART = re.compile(r"%(?!%)")
_DATE_PARTS = "%d %m %Y %y %B %b %A %a %j %V %G %-d %-m %%"
_SHOWN = {"text": "text", "list": "several values", "date": "a date", "number": "a number", "boolean": "true or false"}


def check(template: Template, vocabulary: Vocabulary, tables: Collection[str] | None = None) -> None:
    """See that all that a template names is there and fits.

    Args:
        template: as `parse` read it.
        vocabulary: the properties that may be named.
        tables: names of the lookup tables that there are; None to leave them unchecked.

    Raises:
        MappingFault: with every unknown property, function and table, every wrong argument, and every function that
            does not fit what it is given.
    """
    checker = _Checker(template, vocabulary, tables)
    for placeholder in placeholders(template.content):
        checker.check(placeholder)
    checker.faults.close()


class _Checker:
    def __init__(self, template: Template, vocabulary: Vocabulary, tables: Collection[str] | None) -> None:
        self.faults = FaultBook(template.text)
        self._vocabulary = vocabulary
        self._tables = tables

    def check(self, placeholder: Placeholder) -> None:
        for name in placeholder.properties:
            self._check_property(name, placeholder.position)
        kind: PropertyKind | None = "list"
        if len(placeholder.properties) == 1:
            (name,) = placeholder.properties
            kind = self._vocabulary.kind_of(name) if self._vocabulary.knows(name) else None
        for call in placeholder.calls:
            kind = self._after(call, kind)

    def _after(self, call: Call, kind: PropertyKind | None) -> PropertyKind | None:
        """What a function gives; None where that is not known for a fault."""
        function = FUNCTIONS.get(call.function)
        if function is None:
            near = get_close_matches(call.function.lower(), FUNCTIONS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"functions are {', '.join(FUNCTIONS)}"
            self.faults.note(call.position, f"unknown function {call.function}", meant)
            return None
        self._check_arguments(call, function)
        if kind is not None and (misfit := _misfit(call, kind)):
            self.faults.note(call.position, f"{call.function} was given {_SHOWN[kind]}", misfit)
            return None
        if call.function in ("join", "date", "default") or (call.function == "first" and not call.arguments):
            return "text"
        return kind if kind in ("list", None) else "text"

    def _check_arguments(self, call: Call, function: Function) -> None:
        least = sum(parameter.required for parameter in function.arguments)
        if not least <= len(call.arguments) <= len(function.arguments):
            came = len(call.arguments)
            self.faults.note(
                call.position,
                f"{call.function} with {came} argument{'' if came == 1 else 's'}",
                f"it is written {function.signature}" + (" (? need not be there)" if "?" in function.signature else ""),
            )
        for parameter, argument in zip(function.arguments, call.arguments, strict=False):
            self._check_argument(call.function, parameter, argument)

    def _check_argument(self, function: str, parameter: Parameter, argument: Argument) -> None:
        may = self._refused(parameter, argument)
        if may:
            came = f"{argument.value!r}" if argument.form == "text" else f"{argument.value}"
            self.faults.note(argument.position, f"{function}: {parameter.name} is {came}", may)
        elif argument.form == "word" and parameter.takes == "table":
            self._check_table(str(argument.value), argument.position)
        elif argument.form == "word":
            self._check_property(str(argument.value), argument.position)

    def _refused(self, parameter: Parameter, argument: Argument) -> str:
        """What may stand there instead of an argument that may not."""
        form, value = argument.form, argument.value
        if parameter.takes == "number":
            fits = form == "number" and 1 <= int(value) <= LARGEST_NUMBER
            return "" if fits else f"a whole number from 1 to {LARGEST_NUMBER:,} may stand there"
        if parameter.takes == "table":
            return "" if form == "word" else "the name of a lookup table may stand there, without quotes"
        if parameter.takes == "text or property":
            return "" if form in ("text", "word") else "a text in quotes or a property may stand there"
        if parameter.takes == "date form":
            fits = form == "text" and _is_date_form(str(value))
            return "" if fits else f"a text in quotes with at least one of {_DATE_PARTS} may stand there"
        if form != "text":
            return "a text in quotes may stand there"
        return "a text of at least one character may stand there" if parameter.filled and not value else ""

    def _check_property(self, name: str, position: int) -> None:
        if self._vocabulary.knows(name):
            return
        near = self._vocabulary.nearest(name)
        prefixes = ", ".join(self._vocabulary.prefixes())
        meant = f"did you mean {' or '.join(near)}?" if near else f"known properties begin with {prefixes}"
        self.faults.note(position, f"unknown property {name}", meant)

    def _check_table(self, name: str, position: int) -> None:
        if self._tables is None or name in self._tables:
            return
        there = ", ".join(sorted(self._tables))
        near = get_close_matches(name, self._tables, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {there}" if there else "the profile has none"
        self.faults.note(position, f"unknown lookup table {name}", meant)


def _is_date_form(value: str) -> bool:
    return bool(_DATE_FORM.fullmatch(value) and _DATE_PART.search(value.replace("%%", "")))


def _misfit(call: Call, kind: PropertyKind) -> str:
    """Why a function does not fit what it is given, as what may be done; empty if it does."""
    if call.function == "join" and kind != "list":
        return "it puts several values together: name them in the same braces, {a, b|join(' ')}"
    if call.function == "first" and not call.arguments and kind != "list":
        return "without a number it takes the first of several values; write first(1) for the first character"
    if call.function == "date" and kind not in ("date", "text"):
        return "it takes a date, or one text such as 2026-09-01"
    return ""
