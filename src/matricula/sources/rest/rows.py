"""From the rows of a service to frames of the roster's columns, and what was odd about them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from matricula.errors import StopError
from matricula.roster import TABLES, FindingBook
from matricula.roster.tables import Kind, Need
from matricula.sources.records import as_text, frame_of
from matricula.sources.rest.pages import keys_there
from matricula.sources.rest.recipe import Record, Rule
from matricula.sources.rest.templates import Outer, Path, Template, condition, is_path

_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T.*")
_LISTED = 10


class Cell:
    """One column of one kind of record.

    Args:
        rule: how it is filled.
        parameters: values of parameters.
        is_day: whether the column holds days; services give days with a time, which is cut off.
    """

    def __init__(self, rule: Rule, parameters: Mapping[str, Any], *, is_day: bool) -> None:
        self._rule = rule
        self._parameters = parameters
        self._is_day = is_day
        templates = [Template(text) for text in rule.value]
        self.paths = [path for template in templates for path in template.paths]
        self._makers = [self._maker(template) for template in templates]
        self._finders = {path.text: path.finder() for path in self.paths if not path.outer}
        self.met: dict[str, bool] = {}
        self.untranslated: Counter[str] = Counter()

    def of(self, row: Any, outer: Outer) -> str | None:
        """The cell of a row.

        Raises:
            StopError: a path leads to something that has parts of its own.
        """
        for maker in self._makers:
            if told := maker(row, outer):
                return self._translated(told)
        return None

    def _maker(self, template: Template) -> Callable[[Any, Outer], str]:
        """What makes the text of a template from a row. Fixed texts and lone paths are most of all there are."""
        if not template.paths:
            fixed = ",".join(template.combinations(self._parameters, lambda _: [])).strip()
            return lambda _row, _outer: fixed
        if is_path(template.text):
            return lambda row, outer: ",".join(self._found(template.paths[0], row, outer))

        def make(row: Any, outer: Outer) -> str:
            texts = template.combinations(self._parameters, lambda path: self._found(path, row, outer))
            return ",".join(text.strip() for text in texts)

        return make

    def _found(self, path: Path, row: Any, outer: Outer) -> list[str]:
        nodes = outer[path.text] if path.outer else self._finders[path.text](row)
        self.met[path.text] = bool(nodes) or self.met.get(path.text, False)
        if len(nodes) == 1 and isinstance(nodes[0], str):
            only = nodes[0].strip()
            return [only] if only else []
        values = [value for node in nodes for value in (node if isinstance(node, list) else [node])]
        for value in values:
            if isinstance(value, dict | list):
                raise StopError(
                    f"The path {path.text} leads to no simple value; {keys_there(value)}.",
                    where="source, records",
                    remedy="Lengthen the path to what is meant in it.",
                    code="rest-path",
                )
        return [text.strip() for value in values if (text := as_text(value)) and text.strip()]

    def _translated(self, told: str) -> str | None:
        if self._is_day and (day := _DAY_AND_TIME.fullmatch(told)):
            return day[1]
        if not self._rule.map:
            return told
        if told in self._rule.map:
            return self._rule.map[told] or None
        if self._rule.otherwise is None:
            self.untranslated[told] += 1
        return self._rule.otherwise or None


class Feed:
    """One kind of record of a recipe: what it makes of rows.

    Args:
        name: what it is called in the recipe.
        record: what the recipe says of it.
        parameters: values of parameters.
        version: OneRoster version.
    """

    def __init__(self, name: str, record: Record, parameters: Mapping[str, Any], version: str) -> None:
        self.name = name
        self.record = record
        kinds = {column.name: column for column in TABLES[record.table].of(version)}
        self._keys = [name for name, column in kinds.items() if column.need is Need.KEY and name in record.fields]
        self._cells = {
            column: Cell(rule, parameters, is_day=column in kinds and kinds[column].kind is Kind.DATE)
            for column, rule in record.fields.items()
        }
        self._each = Path(record.each).finder() if record.each else None
        self._where = condition(record.where, parameters) if record.where else None
        self._rows = self._kept = self._whole = 0
        self._sample: Any = None

    @property
    def outer_paths(self) -> list[Path]:
        """The paths that look into the row that a row is read for, or stands in."""
        return [path for cell in self._cells.values() for path in cell.paths if path.outer]

    def frame(self, rows: list[Any], outer: Outer) -> pl.DataFrame:
        """The records that rows make."""
        records = [
            {column: cell.of(row, around) for column, cell in self._cells.items()}
            for row, around in self._divided(rows, outer)
            if self._meets(row)
        ]
        frame = frame_of(records, list(self._cells))
        return frame.unique(maintain_order=True) if self.record.distinct else frame

    def _divided(self, rows: list[Any], outer: Outer) -> list[tuple[Any, Outer]]:
        self._whole += len(rows)
        if self._each is None:
            return [(row, outer) for row in rows]
        around = outer_finder(self.outer_paths)
        divided = []
        for row in rows:
            inside = around(row)
            entries = [entry for found in self._each(row) for entry in (found if isinstance(found, list) else [found])]
            divided += [(entry, inside) for entry in entries]
        return divided

    def _meets(self, row: Any) -> bool:
        self._rows += 1
        self._sample = row if self._sample is None else self._sample
        met = self._where is None or self._where(row)
        self._kept += met
        return met

    def tell(self, file: str, book: FindingBook) -> None:
        """Note what was odd about all rows together.

        Args:
            file: where the rows came from, for people.
            book: where findings go.

        Raises:
            StopError: a path without which no record can be used found nothing at all.
        """
        if self._rows and not self._kept:
            message = f"No row of {self._rows} meets the condition of {self.name}: {self.record.where}"
            book.add("condition-nothing", message, file=file, table=self.record.table)
        if self._whole and not self._rows and self._each is not None:
            message = f"{self.record.each} (each of {self.name}) found nothing in {self._whole} rows."
            book.add("path-nothing", message, file=file, table=self.record.table, value=self.record.each)
        for column, cell in self._cells.items():
            if self._kept:
                self._tell_paths(column, cell, file, book)
            for value, count in cell.untranslated.most_common(_LISTED):
                message = f"“{value}” is not in the table of {self.name}, {column}; it was taken as blank."
                book.add("value-untranslated", message, file=file, column=column, value=value, count=count,
                         table=self.record.table)  # fmt: skip

    def _tell_paths(self, column: str, cell: Cell, file: str, book: FindingBook) -> None:
        idle = [path for path, met in cell.met.items() if not met]
        if not idle:
            return
        told = f"{', '.join(idle)} ({column} of {self.name}) found nothing in {self._kept} rows"
        there = keys_there(self._sample)
        if column in self._keys and len(idle) == len(cell.met):
            raise StopError(
                f"{told}, and no record can be used without; {there}.",
                where=file,
                remedy="The recipe or the service is not what it was: set the field to the right path.",
                code="rest-key",
            )
        book.add("path-nothing", f"{told}; {there}.", file=file, column=column, value=idle[0], table=self.record.table)


def outer_finder(paths: list[Path]) -> Callable[[Any], Outer]:
    """What finds in a row what paths with `each$` stand for, so that the row itself need not be kept."""
    finders = {path.text: path.finder() for path in paths}
    return lambda row: {text: finder(row) for text, finder in finders.items()}
