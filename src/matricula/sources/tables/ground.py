"""What the making of every table stands on: what was told, by whom, and what is meant where nobody says it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

from matricula.roster import TABLES, Draft, FindingBook
from matricula.roster.extensions import METADATA
from matricula.roster.findings import LINES_NAMED
from matricula.roster.tables import LINE
from matricula.sources.records import draft_of
from matricula.sources.tables import keys
from matricula.sources.tables.fields import CLASS, COURSE, ENROLMENT, HOLDS, PERSON, TEACHER
from matricula.sources.tables.merging import ID
from matricula.sources.tables.settings import TablesSettings
from matricula.sources.tables.told import Plan, Told

VERSION = "1.2"


@dataclass
class Ground:
    """What tables are made of.

    Args:
        told: what each file told; their frames gain the ids of the records that they name.
        plan: which parts tell of which records.
        settings: the school and the year that are meant where no column names one.
        partial: the roster's tables of which a file was not there.
        book: where findings go.
        records: the records made so far, by kind.
    """

    told: Sequence[Told]
    plan: Plan
    settings: TablesSettings
    partial: Collection[str]
    book: FindingBook
    records: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def school(self) -> str | None:
        """The id of the school that is meant where no column names one."""
        school = self.settings.school
        return (school.id or keys.escaped(school.name)) if school else None

    @property
    def session(self) -> str | None:
        """The id of the school year that is meant where no column names one."""
        return str(self.settings.year.year) if self.settings.year else None

    def tellers(self, kind: str) -> list[Told]:
        """Those files that tell of a kind of record; columns that may be missing may all be missing."""
        return [each for each in self.told if self.plan.tells(each.part, kind) and self._names(each, kind)]

    def _names(self, told: Told, kind: str) -> bool:
        if kind == ENROLMENT:
            return True
        also = {PERSON: (TEACHER,), CLASS: (COURSE,) if self.plan.course_is_class(told.part) else ()}.get(kind, ())
        return any(told.fields(each) for each in (kind, *also))

    def of_school(self, frame: pl.DataFrame) -> pl.Expr:
        """The school of each row: the one it names, else the one that is meant."""
        return filled(frame, "school.id", self.school)

    def draft(self, table: str, frame: pl.DataFrame, telling: Sequence[Told], lost: Collection[str] = ()) -> Draft:
        """A table of the roster.

        Args:
            table: its name.
            frame: its records, with `id`, OneRoster's columns, `line`, and helping columns that are passed over.
            telling: the files that told of them.
            lost: ids of records that were left out.
        """
        known = [column.name for column in TABLES[table].columns if column.kept and column.name != "sourcedId"]
        known += [name for name in frame.columns if name.startswith(METADATA)]
        files = list(dict.fromkeys(each.file for each in telling)) or ["settings"]
        draft = draft_of(
            table,
            VERSION,
            frame.select(pl.col(ID).alias("sourcedId"), *(name for name in known if name in frame.columns), LINE),
            ", ".join(files),
            self.book,
            complete=table not in self.partial,
            numbered=len(files) == 1,
        )
        draft.lost.update(lost)
        draft.lost_unknown += sum(each.lost + each.blank for each in telling)
        draft.damaged = any(each.lost for each in telling)
        return draft

    def note_blank(self, told: Told, kind: str) -> None:
        """Report rows of a file that name no record of the kind that the file holds."""
        if HOLDS[told.part.holds] != kind:
            return
        names = [f"{kind}.{each}" for each in told.fields(kind)]
        blank = told.frame.filter(pl.col(f"{kind}.id").is_null() & pl.any_horizontal(pl.col(names).is_not_null()))
        if blank.is_empty():
            return
        told.blank = blank.height
        self.book.add(
            "key-blank",
            f"It cannot be told which {kind} the row is of: the columns by which one is known are blank.",
            file=told.file,
            line=blank[LINE][0],
            lines=blank[LINE].head(LINES_NAMED).to_list(),
            count=blank.height,
        )


def filled(frame: pl.DataFrame, name: str, value: str | None) -> pl.Expr:
    """A column, and a fixed value where it is blank or not there."""
    fixed = pl.lit(value, dtype=pl.String)
    return pl.coalesce(name, fixed) if name in frame.columns else fixed


def first_of(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of several columns that is filled."""
    there = [name for name in names if name in frame.columns]
    return pl.coalesce(there) if there else pl.lit(None, dtype=pl.String)
