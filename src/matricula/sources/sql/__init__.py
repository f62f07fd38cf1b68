"""SQL: queries or views of any of several databases, read in one snapshot without a lock."""

from matricula.sources.sql.source import Sql

__all__ = ["Sql"]
