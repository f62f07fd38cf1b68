"""OneRoster REST 1.1 and 1.2: grades written to the gradebook of a service, record by record."""

from matricula.sinks.oneroster_rest.settings import OneRosterSinkSettings
from matricula.sinks.oneroster_rest.sink import OneRosterRestSink

__all__ = ["OneRosterRestSink", "OneRosterSinkSettings"]
