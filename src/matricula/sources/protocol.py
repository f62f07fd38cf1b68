"""What the hub asks of a source, and what a source may ask of the hub."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from matricula.errors import SettingError
from matricula.roster import Delivery, Marker
from matricula.sources.settings import SourceDocument


def _no_secret(name: str) -> str:
    raise SettingError(
        f"No {name} is known.",
        where="source",
        remedy="Enter it with `matricula source secret`.",
        code="secret-missing",
    )


def _no_source(name: str) -> Delivery:
    raise SettingError(
        f"There is no source named “{name}”.",
        where="source",
        remedy="Name one that was loaded.",
        code="source-unknown",
    )


@dataclass(frozen=True)
class Surroundings:
    """What a source may ask for while it reads.

    Args:
        secret: gives a secret of this source by the name its settings have for it, such as `password`; raises
            SettingError where none is known.
        delivery_of: reads another source by its name and gives the whole of what it delivered; raises SettingError
            where there is none of that name.
        say: told in a few words what is being done, as `reading page 12 of 40`.
    """

    secret: Callable[[str], str] = _no_secret
    delivery_of: Callable[[str], Delivery] = _no_source
    say: Callable[[str], None] = lambda _: None


class Source(Protocol):
    """Where rosters come from.

    A source is made of its settings (of the model `Settings`) and its surroundings, and touches nothing before it
    is asked to deliver.
    """

    Settings: ClassVar[type[SourceDocument]]

    @property
    def settings(self) -> Any:
        """The settings it was made of."""
        ...

    def deliver(self, since: Marker | None = None) -> Delivery:
        """Read what there is now.

        Args:
            since: the marker of the delivery before. With it the source may hand over changes only; without it
                (None) it hands over all that it has.

        Returns:
            the tables as text, unchecked. A table is `complete` only where the source claims that every record of
            it is there.

        Raises:
            SettingError: address, password, query or the like is wrong; the message names what there is instead.
            WaitError: the school's system is out of reach or busy.
            StopError: what came cannot be used, such as an answer that ends half-way. What was read before stands.
        """
        ...
