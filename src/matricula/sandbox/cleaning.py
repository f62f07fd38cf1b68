"""Moodle's parameter types: what each accepts, and what cleaning makes of a value.

A web-service parameter is accepted when cleaning leaves it as it was (``validate_param``); elsewhere
Moodle cleans silently (``clean_param``). Both are here, by type name as ``PARAM_*`` spells it.
"""

import re
from collections.abc import Callable

from matricula.sandbox.refusals import invalid_parameter

AUTH_INTERNAL = {
    "db": False, "email": True, "ldap": False, "lti": False, "manual": True, "nologin": True,
    "none": True, "oauth2": False, "shibboleth": False,
}  # fmt: skip
"""Authentication plugins of a standard Moodle that may create accounts: does it keep a password?"""

THEMES = {"boost", "classic"}
LANGUAGES = {"en"}

_TAG = re.compile(r"<(?!\s)")
_MULTILANG = re.compile(
    r'<lang lang="[a-zA-Z0-9_-]+"\s*>[^<]*</lang>'
    r'|<span(?:\s+lang="[a-zA-Z0-9_-]+"|\s+class="multilang"){2}\s*>[^<]*</span>'
)
_FLOAT = re.compile(r"[+-]?(?=\.?\d)\d*\.?\d*(e[-+]?\d+)?", re.IGNORECASE)
_LEADING_INT = re.compile(r"\s*([+-]?\d+)")
_TIMEZONE = re.compile(r"([+-]?(0?[0-9](\.[5|0])?|1[0-3](\.0)?|1[0-2]\.5))|(99)|[a-zA-Z0-9]+(/?[a-zA-Z_-])+")
_PLUGIN = re.compile(r"[a-z](?:[a-z0-9_](?!__))*[a-z0-9]+")
_COMPONENT = re.compile(r"[a-z]+(_[a-z][a-z0-9_]*)?[a-z0-9]+")
_CAPABILITY = re.compile(r"[a-z0-9_]+/[a-z0-9_]+:[a-z0-9_]+")


def strip_tags(text: str) -> str:
    """PHP's ``strip_tags``: a ``<`` before a blank is no tag; an unclosed tag eats the rest."""
    if "<" not in text:
        return text
    kept: list[str] = []
    depth, quote = 0, ""
    for index, char in enumerate(text):
        following = text[index + 1 : index + 2]
        if not depth:
            if char == "<" and not following.isspace():
                depth = 1
            else:
                kept.append(char)
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "<" and not following.isspace():
            depth += 1
        elif char == ">":
            depth -= 1
    return "".join(kept)


def has_broken_text(text: str) -> bool:
    """Whether Moodle's ``fix_utf8`` would change the text: bytes that are not UTF-8, or NUL."""
    return "\0" in text or any("\udc80" <= char <= "\udcff" for char in text)


def clean_int(text: str) -> int:
    """PHP's ``(int)``: the leading digits, else 0."""
    match = _LEADING_INT.match(text)
    return int(match.group(1)) if match else 0


def clean_username(text: str) -> str:
    """``PARAM_USERNAME``: lower case, and only ``a-z 0-9 - . _ @``."""
    return re.sub(r"[^-.@_a-z0-9]", "", text.strip().lower())


def clean_text(text: str) -> str:
    """``PARAM_TEXT``: no tags except well-formed multi-language ones."""
    return text if not _TAG.search(_MULTILANG.sub("", text)) else strip_tags(text)


def clean_sequence(text: str) -> str:
    """``PARAM_SEQUENCE``: digits and commas."""
    return re.sub(r"[^0-9,]", "", text)


def clean_alphanumext(text: str) -> str:
    """``PARAM_ALPHANUMEXT``: letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^a-zA-Z0-9_-]", "", text)


def _kept_by(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_ACCEPTS: dict[str, Callable[[str], bool]] = {
    "raw": lambda _: True,
    "raw_trimmed": lambda text: text == text.strip(" \t\n\r\v\0"),
    "text": lambda text: "<" not in text or clean_text(text) == text,
    "notags": lambda text: "<" not in text or not _TAG.search(text),
    "username": lambda text: clean_username(text) == text,
    "alpha": _kept_by(r"[a-zA-Z]*"),
    "alphaext": _kept_by(r"[a-zA-Z_-]*"),
    "alphanum": _kept_by(r"[A-Za-z0-9]*"),
    "alphanumext": _kept_by(r"[a-zA-Z0-9_-]*"),
    "safedir": _kept_by(r"[a-zA-Z0-9_-]*"),
    "plugin": lambda text: text == "" or _PLUGIN.fullmatch(text) is not None,
    "component": lambda text: text == "" or (_COMPONENT.fullmatch(text) is not None and "__" not in text),
    "area": lambda text: text == "" or _PLUGIN.fullmatch(text) is not None,
    "capability": lambda text: text == "" or _CAPABILITY.fullmatch(text) is not None,
    "auth": lambda text: text in ("", "mnet", "webservice") or text in AUTH_INTERNAL,
    "lang": lambda text: text == "" or text in LANGUAGES,
    "theme": lambda text: text == "" or text in THEMES,
    "timezone": lambda text: text == "" or _TIMEZONE.fullmatch(text) is not None,
}


def _int(text: str) -> int:
    value = clean_int(text)
    if str(value) != text:
        raise invalid_parameter()
    return max(-(2**63), min(2**63 - 1, value))


def _float(text: str) -> float:
    if not _FLOAT.fullmatch(text):
        raise invalid_parameter()
    return float(text)


def _bool(text: str) -> bool:
    if text not in ("0", "1"):
        raise invalid_parameter()
    return text == "1"


def _text_type(name: str) -> Callable[[str], str]:
    accepts = _ACCEPTS[name]

    def validate(text: str) -> str:
        if has_broken_text(text) or not accepts(text):
            raise invalid_parameter()
        return text

    return validate


VALIDATORS: dict[str, Callable[[str], object]] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    **{name: _text_type(name) for name in _ACCEPTS},
}
"""By type name: the validated value, or a Refusal with ``invalidparameter``."""
