"""OneRoster REST 1.1 and 1.2: rosters read from a service, page by page, in full or as changes."""

from matricula.sources.oneroster_rest.settings import OneRosterRestSettings
from matricula.sources.oneroster_rest.source import OneRosterRest

__all__ = ["OneRosterRest", "OneRosterRestSettings"]
