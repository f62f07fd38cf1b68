"""OneRoster CSV 1.1 and 1.2: `categories`, `lineItems` and `results`."""

from matricula.sinks.oneroster_csv.sink import OneRosterCsvSink

__all__ = ["OneRosterCsvSink"]
