"""OneRoster CSV 1.0, 1.1 and 1.2, complete or changes."""

from matricula.sources.oneroster_csv.source import OneRosterCsv

__all__ = ["OneRosterCsv"]
