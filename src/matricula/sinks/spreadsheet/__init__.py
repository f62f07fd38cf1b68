"""A workbook that people read: students by line and items by column, and every record in a long form."""

from matricula.sinks.spreadsheet.sink import SpreadsheetSink

__all__ = ["SpreadsheetSink"]
