"""Reading a source: what it delivers now, laid over what it delivered before where it delivers changes only."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from matricula import logs
from matricula.errors import MatriculaError, SettingError
from matricula.hub.home import Home
from matricula.roster import Delivery, Roster, lay_over
from matricula.roster.delivery import nothing_to_change
from matricula.sources import Source, Surroundings

_WHERE = re.compile(r"^source(?=,|$)")
"""How a source, which does not know its name, says that its settings are meant."""
Say = Callable[[str], None]


def silent(_: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Delivered:
    """One reading of a source, unchecked.

    Args:
        came: what the source handed over.
        whole: what stands after it; the same where it handed over everything.
        settings: fingerprint of the settings it was read with.
    """

    came: Delivery
    whole: Delivery
    settings: str


class Reader:
    """Reads the sources of a home, those that others are made of, too.

    Args:
        home: the home.
        say: told in words what is being done.
        keep: whether what is read takes the place of what was kept; else nothing is stored.
        anew: whether all is asked for, though the source could deliver changes.
    """

    def __init__(self, home: Home, say: Say = silent, *, keep: bool = True, anew: bool = False) -> None:
        self._home = home
        self._say = say
        self._keep = keep
        self._anew = anew
        self._under_way: list[str] = []

    def read(self, name: str) -> Roster:
        """Read a source and check what it delivered; only what can be used is kept.

        Args:
            name: the source.

        Raises:
            UsageError: there is no such source.
            MatriculaError: it cannot be read, or delivered nothing usable.
        """
        delivered = self.deliver(name)
        roster = delivered.whole.roster()
        self.take(name, delivered)
        return roster

    def deliver(self, name: str) -> Delivered:
        """Read a source; nothing is checked or kept. Parameters and errors as in `read`."""
        source = self._home.source(name, self._surroundings(name))
        settings = fingerprint(source)
        kept = self._home.store.kept.last(name)
        fits = kept is not None and kept.settings == settings
        self._under_way.append(name)
        try:
            came = source.deliver(kept.marker if kept and fits and not self._anew else None)
        except MatriculaError as error:
            error.where = _WHERE.sub(f"source {name}", error.where)
            raise
        finally:
            self._under_way.pop()
        earlier = self._home.store.kept.delivery(name) if fits and came.needs_earlier else None
        return Delivered(came, lay_over(earlier, came), settings)

    def take(self, name: str, delivered: Delivered) -> None:
        """Keep what was delivered in the place of what was kept, where this reader keeps anything."""
        if self._keep:
            self._home.store.kept.keep(name, delivered.whole, delivered.settings, datetime.now(UTC))

    def _whole(self, name: str) -> Delivery:
        """What stands of a source that another one is made of."""
        if name in self._under_way or name not in self._home.names("source"):
            raise _not_to_be_read(name, self._under_way, self._home.names("source"))
        delivered = self.deliver(name)
        if delivered.whole.needs_earlier:
            raise nothing_to_change(delivered.whole)
        self.take(name, delivered)
        return delivered.whole

    def _surroundings(self, name: str) -> Surroundings:
        return Surroundings(
            secret=lambda which: secret_of(self._home, name, which), delivery_of=self._whole, say=self._say
        )


def fingerprint(source: Source) -> str:
    """What the settings were that decide which records a source delivers."""
    told = source.settings.model_dump_json(exclude=set(source.settings.NEUTRAL))
    return hashlib.sha256(told.encode()).hexdigest()


def variable_of(source: str, which: str) -> str:
    """The environment variable that holds a secret of a source in the place of the one kept here."""
    return "MATRICULA_SOURCE_" + re.sub(r"[^A-Z0-9]", "_", f"{source}_{which}".upper())


def secret_of(home: Home, source: str, which: str) -> str:
    """A secret of a source: from its environment variable, else the one kept here.

    Raises:
        SettingError: there is none.
    """
    variable = variable_of(source, which)
    if given := os.environ.get(variable, ""):
        return logs.hide(given)
    kept = home.store.secrets.get(f"source:{source}:{which}")
    if kept is None:
        raise SettingError(
            f"No {which} is known.",
            where=f"source {source}",
            remedy=f"Enter it with `matricula source secret {source} {which}`, or set {variable}.",
            code="secret-missing",
        )
    return home.vault.decrypt(kept)


def lacking(home: Home, source: str) -> tuple[str, ...]:
    """The secrets that a source needs and that are not known."""
    needed = home.source(source).settings.secrets()
    return tuple(
        which
        for which in needed
        if not os.environ.get(variable_of(source, which)) and home.store.secrets.get(f"source:{source}:{which}") is None
    )


def keep_secret(home: Home, source: str, which: str, secret: str) -> None:
    """Keep a secret of a source, encrypted."""
    home.store.secrets.put(f"source:{source}:{which}", home.vault.encrypt(secret))


def _not_to_be_read(name: str, under_way: list[str], names: list[str]) -> SettingError:
    if name in under_way:
        return SettingError(
            f"The source {name} is made of itself.",
            where=f"source {under_way[-1]}",
            remedy=f"Name another source than {name} in it.",
            code="source-circle",
        )
    return SettingError(
        f"There is no source named “{name}”.",
        where=f"source {under_way[-1]}" if under_way else "",
        remedy=f"There are: {', '.join(names)}. Load it, or name one of these.",
        code="source-unknown",
    )
