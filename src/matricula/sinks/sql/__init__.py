"""SQL: plain tables of a database, made by Matricula or there already."""

from matricula.sinks.sql.sink import SqlSink

__all__ = ["SqlSink"]
