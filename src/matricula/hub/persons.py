"""Who is at work: the machine's user for commands, the account of the console or the API for what it asked for."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_acting: Final[ContextVar[tuple[str, str]]] = ContextVar("acting", default=("", ""))


def person() -> str:
    """Who is at work: whoever `acting_for` names, else the machine's user."""
    if named := _acting.get()[0]:
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def address() -> str:
    """The network address that the wish came from; empty for what is done on this machine."""
    return _acting.get()[1]


def act_for(name: str, where: str = "") -> None:
    """From now on in this thread or task, plans, runs and decisions are noted as this person's.

    Args:
        name: an account's name, or what acts by itself, as `schedule`.
        where: the network address that the wish came from.
    """
    _acting.set((name, where))


@contextmanager
def acting_for(name: str, where: str = "") -> Iterator[None]:
    """Within this, plans, runs and decisions are noted as this person's; see `act_for`."""
    token = _acting.set((name, where))
    try:
        yield
    finally:
        _acting.reset(token)
