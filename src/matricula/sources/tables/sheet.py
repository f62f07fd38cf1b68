"""What was read of one file, or of one sheet, before it is known what its columns mean."""

from dataclasses import dataclass

import polars as pl

from matricula.sources.tables.headings import Headings


@dataclass
class Sheet:
    """The rows below the headings.

    Args:
        file: the file, and its sheet where it has several, for people.
        headings: the columns.
        frame: a column of text for each wanted one, named by its position from 0, and `line`; blank cells are null.
        lost: how many rows were there and could not be read.
        note: what is worth knowing of how it was read; empty where nothing is.
    """

    file: str
    headings: Headings
    frame: pl.DataFrame
    lost: int = 0
    note: str = ""
