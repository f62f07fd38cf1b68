"""The sources there are, and when each was last read."""

from dataclasses import dataclass
from datetime import datetime

from matricula.hub.deliveries import lacking
from matricula.hub.home import Home


@dataclass(frozen=True)
class SourceStanding:
    """How a source stands.

    Args:
        source: its name.
        type: its kind.
        profiles: the profiles that read it.
        read_at: when it was last read for a plan; None where that was never.
        counts: rows of each table at that reading.
        lacking: the secrets that it needs and that are not known.
    """

    source: str
    type: str
    profiles: tuple[str, ...]
    read_at: datetime | None
    counts: dict[str, int]
    lacking: tuple[str, ...]


def sources_of(home: Home) -> list[SourceStanding]:
    """All sources of a home, by name."""
    readers = {name: home.profile(name).source for name in home.names("profile")}
    return [_standing(home, name, readers) for name in home.names("source")]


def _standing(home: Home, name: str, readers: dict[str, str]) -> SourceStanding:
    kept = home.store.kept.last(name)
    return SourceStanding(
        source=name,
        type=home.source(name).settings.type,
        profiles=tuple(profile for profile, source in readers.items() if source == name),
        read_at=kept.at if kept else None,
        counts=kept.counts if kept else {},
        lacking=lacking(home, name),
    )
