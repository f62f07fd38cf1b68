"""The log of what was done, for engineers: one event a line, without names, values or secrets.

It is written where `MATRICULA_LOG` names a file, or to standard error where that is `-`, and is meant to be sent by
mail. Only what stands in `FIELDS` gets in: numbers, and words of the program or of the documents, such as the name of
a profile. Whatever is known to be a secret is replaced in those, too.
"""

import re
import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

from matricula.logs.places import FORMAT_VARIABLE, VARIABLE, faults, form, place, serve_by_default

__all__ = [
    "FIELDS",
    "FORMAT_VARIABLE",
    "HIDDEN",
    "VARIABLE",
    "call",
    "command",
    "event",
    "faults",
    "hide",
    "redacted",
    "serve_by_default",
]

FIELDS: Final = frozenset(
    {
        "command",
        "version",
        "profile",
        "site",
        "source",
        "plan",
        "run",
        "state",
        "code",
        "kind",
        "status",
        "seconds",
        "slowest",
        "calls",
        "failed",
        "function",
        "changes",
        "findings",
        "job",
        "worker",
        "method",
        "route",
        "level",
        "place",
    }
)
"""What may be told of an event; beside it numbers whose name begins with `rows_`."""

HIDDEN: Final = "(hidden)"
_SHORTEST: Final = 6
_WORD: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
_ROUTE: Final = re.compile(r"[a-z0-9_.:/{}()-]{1,120}")

_secrets: Final[set[str]] = set()


def hide(secret: str) -> str:
    """Know a text as a secret, so that it is replaced wherever it would be logged; gives the text back."""
    if len(secret) >= _SHORTEST:
        _secrets.add(secret)
    return secret


def redacted(text: str) -> str:
    """A text without the secrets that are known."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def event(name: str, /, **fields: object) -> None:
    """Log an event.

    Args:
        name: what happened, a word or two of the program's own.
        fields: what is told of it; what is not in `FIELDS`, or is no number and no plain word, is left out.
    """
    logger = _logger()
    if logger is not None:
        logger.info(name, **fields)


@contextmanager
def command(arguments: list[str], known: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """Log a command from its beginning to its end, with the calls it made of sites.

    Args:
        arguments: those of the command line, of which only words in `known` are told.
        known: the names of commands.

    Yields:
        what is told at its end.
    """
    told: dict[str, object] = {}
    if place() is None:
        yield told
        return
    name = next((each for each in arguments if each in known), "help")
    began = time.monotonic()
    _calls.clear()
    event("begins", command=name)
    try:
        yield told
    finally:
        for function, (number, failed, seconds, slowest) in sorted(_calls.items()):
            event("called", function=function, calls=number, failed=failed, seconds=seconds, slowest=slowest)
        event("ends", command=name, seconds=time.monotonic() - began, **told)


@contextmanager
def call(function: str) -> Iterator[None]:
    """Count a call of a site's function, and how long it took."""
    began, failed = time.monotonic(), 1
    try:
        yield
        failed = 0
    finally:
        took = time.monotonic() - began
        with _lock:
            number, failures, seconds, slowest = _calls.get(function, (0, 0, 0.0, 0.0))
            _calls[function] = (number + 1, failures + failed, seconds + took, max(slowest, took))


_lock: Final = threading.Lock()
_calls: Final[dict[str, tuple[int, int, float, float]]] = {}


def _only_allowed(_: object, __: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Names of people and values of records have no place here, whoever hands them in."""
    return {name: value for name, value in told.items() if name == "event" or _may_be_told(name, value)}


def _may_be_told(name: str, value: object) -> bool:
    if isinstance(value, int | float):
        return name in FIELDS or name.startswith("rows_")
    return name in FIELDS and isinstance(value, str) and bool((_ROUTE if name == "route" else _WORD).fullmatch(value))


def _redact(_: object, __: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        name: redacted(value) if isinstance(value, str) else round(value, 3) if isinstance(value, float) else value
        for name, value in told.items()
    }


def _as_line(_: object, __: str, told: MutableMapping[str, Any]) -> str:
    """An event for people: when, what, and what is told of it."""
    at, name = told.pop("at"), told.pop("event")
    return " ".join([f"{at[:19]}Z", str(name), *(f"{field}={value}" for field, value in told.items())])


def _logger() -> Any:
    sink = place()
    if sink is None:
        return None
    import structlog  # it takes longer to load than most commands, and most are not logged

    processors = (
        _only_allowed,
        _redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _as_line if form() == "text" else structlog.processors.JSONRenderer(ensure_ascii=False),
    )
    return structlog.wrap_logger(sink, processors=processors, wrapper_class=structlog.BoundLogger)
