"""Checks a search filter (RFC 4515) before it is sent, so that the place of a fault can be told."""

import re

_ATTRIBUTE = re.compile(r"[A-Za-z][\w-]*(?:;[\w-]+)*|\d+(?:\.\d+)+")
_ITEM = re.compile(r"(?P<what>[^=()]*?)(?P<sign>[~<>:]?=)(?P<value>[^()]*)")
_EXTENSIBLE = re.compile(rf"(?:{_ATTRIBUTE.pattern})?(?::dn)?(?::(?:{_ATTRIBUTE.pattern}))?", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"\\(?![0-9a-fA-F]{2})")


class FilterFaultError(ValueError):
    """A filter that no directory would take.

    Args:
        what: what is wrong.
        at: where, from 0.
    """

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} at character {at + 1}")
        self.at = at


def check_filter(text: str) -> None:
    """See that a filter is well formed.

    Raises:
        FilterFaultError: it is not.
    """
    end = _component(text, _past_blanks(text, 0))
    if _past_blanks(text, end) < len(text):
        raise FilterFaultError("there is something behind the last bracket", _past_blanks(text, end))


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _component(text: str, at: int) -> int:
    """Checks the bracket that begins at a place; returns where it ends."""
    if text[at : at + 1] != "(":
        raise FilterFaultError("an opening bracket is missing", at)
    inner = _past_blanks(text, at + 1)
    end = _several(text, inner) if text[inner : inner + 1] in ("&", "|", "!") else _item(text, inner)
    if text[end : end + 1] != ")":
        raise FilterFaultError(f"the bracket of character {at + 1} is not closed", end)
    return end + 1


def _several(text: str, at: int) -> int:
    sign, at, count = text[at], _past_blanks(text, at + 1), 0
    while text[at : at + 1] == "(":
        at, count = _past_blanks(text, _component(text, at)), count + 1
    if not count or (sign == "!" and count > 1):
        wanted = "exactly one bracket" if sign == "!" else "a bracket"
        raise FilterFaultError(f"“{sign}” needs {wanted} behind it", at)
    return at


def _item(text: str, at: int) -> int:
    item = _ITEM.match(text, at)
    if item is None:
        raise FilterFaultError("a condition such as cn=value is missing", at)
    form = _EXTENSIBLE if item["sign"] == ":=" else _ATTRIBUTE
    if not form.fullmatch(item["what"].strip()) or not item["what"].strip():
        raise FilterFaultError(f"“{item['what']}” is no name of an attribute", at)
    if bad := _BAD_ESCAPE.search(item["value"]):
        raise FilterFaultError("a backslash needs two hexadecimal digits behind it", item.start("value") + bad.start())
    return item.end()
