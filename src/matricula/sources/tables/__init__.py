"""Tables of a school's own making: CSV files and spreadsheets, read by a map of columns.

A delivery goes through these files: `files` finds what the map names, `csv_sheet` and `workbook` read it into rows,
`cells` applies the map, `told` says which file tells of which records, `structure`, `people` and `places` make the
roster's tables, with sourcedIds from `keys` where the files have none.
"""

from matricula.sources.tables.settings import TablesSettings
from matricula.sources.tables.source import Tables

__all__ = ["Tables", "TablesSettings"]
