"""Sinks as the hub opens them: which ones there are, their secrets, and what is found when one is looked at."""

import hashlib
import inspect
import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from matricula import logs
from matricula.errors import SettingError
from matricula.hub.deliveries import Say, silent
from matricula.hub.home import Home
from matricula.hub.kept_roster import kept_roster
from matricula.hub.sink_names import names_in
from matricula.profiles import Profile
from matricula.roster.gradebook import KINDS
from matricula.sinks import SINKS, Sink, SinkSurroundings


@dataclass(frozen=True)
class SinkStanding:
    """How a sink stands.

    Args:
        sink: its name.
        type: its kind.
        profiles: the profiles that send grades to it.
        lacking: the secrets that it needs and that are not known.
    """

    sink: str
    type: str
    profiles: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class SinkSeen:
    """What was found when a sink was looked at.

    Args:
        sink: its name.
        readable: whether it can tell what it holds.
        classes: how many classes were asked for.
        records: how many records of each kind stand there, by kind.
    """

    sink: str
    readable: bool
    classes: int
    records: dict[str, int]


def sinks_of(home: Home) -> list[SinkStanding]:
    """All sinks of a home, by name."""
    profiles = home.profiles()
    return [
        SinkStanding(
            name,
            str(home.sink(name).settings.type),
            tuple(each.name for each in profiles if each.grades.sink == name),
            lacking(home, name),
        )
        for name in home.names("sink")
    ]


def sink_kinds() -> dict[str, str]:
    """The kinds of sink, each with a sentence on what it writes."""
    told = {kind: inspect.cleandoc(sink.Settings.__doc__ or "") for kind, sink in SINKS.items()}
    return {kind: text.split("\n\n")[0].replace("\n", " ") for kind, text in told.items()}


def opened(home: Home, name: str, say: Say = silent) -> Sink:
    """A sink with its secrets, ready to be entered; raises UsageError where there is none of this name."""
    surroundings = SinkSurroundings(
        secret=lambda which: secret_of(home, name, which),
        say=say,
        names=names_in(lambda: [kept_roster(home, each.name).roster for each in profiles_to(home, name)]),
    )
    return home.sink(name, surroundings)


def fingerprint_of(sink: Sink) -> str:
    """What the settings of a sink were: a plan goes to the place that it was made for."""
    return hashlib.sha256(sink.settings.model_dump_json().encode()).hexdigest()


def look(home: Home, name: str, classes: Collection[str], say: Say = silent) -> SinkSeen:
    """See that a sink is reached, and what stands in it; nothing is written.

    Args:
        home: the home.
        name: the sink.
        classes: sourcedIds of the classes to ask for.
        say: told in words what is being done.

    Raises:
        MatriculaError: it cannot be reached or read.
    """
    with opened(home, name, say) as sink:
        if not sink.abilities.readable:
            return SinkSeen(name, readable=False, classes=0, records={})
        book = sink.read(classes)
    return SinkSeen(
        name, readable=True, classes=len(classes), records={kind: book.frames[kind].height for kind in KINDS}
    )


def check_sink(home: Home, name: str, say: Say = silent) -> SinkSeen:
    """See that a sink is reached, and what stands there of the classes that profiles send grades of; see `look`."""
    classes: set[str] = set()
    for each in profiles_to(home, name):
        classes |= set(kept_roster(home, each.name).roster.classes["sourcedId"])
    return look(home, name, sorted(classes), say)


def profiles_to(home: Home, sink: str) -> list[Profile]:
    """The profiles that send grades to a sink."""
    return [each for each in home.profiles(readable=True) if each.grades.sink == sink]


def sites_of_sink(home: Home, name: str) -> frozenset[str]:
    """The sites whose grades go to a sink, by the profiles that name it.

    Raises:
        UsageError: there is no such sink.
    """
    home.written("sink", name)
    return frozenset(each.site for each in profiles_to(home, name))


def variable_of(sink: str, which: str) -> str:
    """The environment variable that holds a secret of a sink in the place of the one kept here."""
    return "MATRICULA_SINK_" + re.sub(r"[^A-Z0-9]", "_", f"{sink}_{which}".upper())


def secret_of(home: Home, sink: str, which: str) -> str:
    """A secret of a sink: from its environment variable, else the one kept here.

    Raises:
        SettingError: there is none.
    """
    variable = variable_of(sink, which)
    if given := os.environ.get(variable, ""):
        return logs.hide(given)
    kept = home.store.secrets.get(_place(sink, which))
    if kept is None:
        raise SettingError(
            f"No {which} is known.",
            where=f"sink {sink}",
            remedy=f"Enter it with `matricula grades secret {sink} {which}`, or set {variable}.",
            code="secret-missing",
        )
    return home.vault.decrypt(kept)


def lacking(home: Home, sink: str) -> tuple[str, ...]:
    """The secrets that a sink needs and that are not known."""
    needed: tuple[str, ...] = home.sink(sink).settings.secrets()
    return tuple(
        which
        for which in needed
        if not os.environ.get(variable_of(sink, which)) and home.store.secrets.get(_place(sink, which)) is None
    )


def keep_secret(home: Home, sink: str, which: str, secret: str) -> None:
    """Keep a secret of a sink, encrypted."""
    home.store.secrets.put(_place(sink, which), home.vault.encrypt(secret))


def _place(sink: str, which: str) -> str:
    return f"sink:{sink}:{which}"
