"""Parameter descriptions, written as short text and compiled into validators.

A description names every key a function takes, as Moodle's ``external_function_parameters`` do::

    users: [{username: username, idnumber: raw='', password: raw?, customfields: [{type: raw}]?}]

``[...]`` is a list, ``{...}`` a structure; after a type, ``?`` marks it optional and ``=value`` gives
the default taken when the key is absent. Everything else is required, and a key that is not named
refuses the whole call (``external_api::validate_parameters``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matricula.sandbox.cleaning import VALIDATORS
from matricula.sandbox.refusals import invalid_parameter

Validator = Callable[[Any], Any]

_TOKEN = re.compile(r"\s*([{}\[\]:,?]|=\s*'[^']*'|=\s*\[\]|=\s*[\w.-]+|\w+)")


@dataclass(frozen=True)
class _Field:
    name: str
    validate: Validator
    presence: str
    default: Any = None


def compile_shape(text: str) -> Validator:
    """Turns a description into a function from form values to typed values.

    Parameters:
        text: the keys of the outermost structure, without its braces.

    Returns:
        a validator taking nested dicts of strings, as :mod:`matricula.sandbox.forms` makes them, and
        giving dicts and lists of typed values; it raises a Refusal with ``invalidparameter``.
    """
    tokens = _TOKEN.findall(text + "}")
    fields, rest = _fields(tokens)
    if rest:
        raise ValueError(f"Parameter description with a loose end: {text!r}")
    return _structure(fields)


def _fields(tokens: list[str]) -> tuple[list[_Field], list[str]]:
    fields: list[_Field] = []
    while tokens[0] != "}":
        if tokens[0] == ",":
            tokens = tokens[1:]
            continue
        name, colon = tokens[0], tokens[1]
        if colon != ":":
            raise ValueError(f"Parameter description: no type after {name!r}")
        validate, tokens = _type(tokens[2:])
        if tokens[0] == "?":
            fields.append(_Field(name, validate, "optional"))
            tokens = tokens[1:]
        elif tokens[0].startswith("="):
            default = _default(tokens[0][1:].strip(), validate)
            fields.append(_Field(name, validate, "default", default))
            tokens = tokens[1:]
        else:
            fields.append(_Field(name, validate, "required"))
    return fields, tokens[1:]


def _type(tokens: list[str]) -> tuple[Validator, list[str]]:
    if tokens[0] == "{":
        fields, rest = _fields(tokens[1:])
        return _structure(fields), rest
    if tokens[0] == "[":
        item, rest = _type(tokens[1:])
        return _many(item), rest[1:]
    return _scalar(VALIDATORS[tokens[0]]), tokens[1:]


def _default(text: str, validate: Validator) -> Any:
    if text == "[]":
        try:
            return validate({})
        except Exception:  # noqa: BLE001 — a structure with required keys has no empty form
            return {}
    return None if text == "null" else validate(text.strip("'"))


def _scalar(validate: Callable[[str], object]) -> Validator:
    def check(value: Any) -> Any:
        if not isinstance(value, str):
            raise invalid_parameter()
        return validate(value)

    return check


def _many(item: Validator) -> Validator:
    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise invalid_parameter()
        return [item(each) for each in value.values()]

    return check


def _structure(fields: list[_Field]) -> Validator:
    known = {field.name for field in fields}

    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise invalid_parameter()
        found: dict[str, Any] = {}
        for field in fields:
            if field.name in value:
                found[field.name] = field.validate(value[field.name])
            elif field.presence == "required":
                raise invalid_parameter()
            elif field.presence == "default":
                found[field.name] = field.default
        if not known.issuperset(value):
            raise invalid_parameter()
        return found

    return check
