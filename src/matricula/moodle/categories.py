"""Course categories of a site."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

import polars as pl

from matricula.moodle.family import Family
from matricula.moodle.shapes import Record, each_answered, number, optional_text, records, text

_GET = "core_course_get_categories"
_CREATE = "core_course_create_categories"
_UPDATE = "core_course_update_categories"
_DELETE = "core_course_delete_categories"
_COLUMNS = ("id", "name", "parent", "idnumber", "visible", "coursecount", "path", "description", "sortorder")
_IN_TEXT_ORDER = pl.col("sortorder").cast(pl.String)  # Moodle compares these numbers as texts


class NewCategory(TypedDict, total=False):
    """A category to be made. A non-empty `idnumber` is unique on the site; a name need not be.

    `parent` is a category id, 0 or left out for the top. Names hold no HTML tags.
    """

    name: Required[str]
    parent: int
    idnumber: str
    description: str


class CategoryUpdate(TypedDict, total=False):
    """Changes of a category; keys that are left out stay as they are."""

    id: Required[int]
    name: str
    parent: int
    idnumber: str
    description: str


@dataclass(frozen=True, slots=True)
class Category:
    """A course category.

    Args:
        parent: id of the category above, 0 at the top.
        idnumber: `None` where the token's user may not see it (it needs moodle/category:manage).
        visible: `None` where the token's user may not see it.
        courses: number of courses directly in it.
        path: ids from the top, for example `/2/5`.
    """

    id: int
    name: str
    parent: int
    idnumber: str | None
    visible: bool | None
    courses: int
    path: str
    description: str


@dataclass(frozen=True, slots=True)
class CreatedCategory:
    """A category that was made."""

    id: int
    name: str


class Categories(Family):
    """Calls about course categories."""

    def all(self) -> list[Category]:
        """Every category that the token's user may see (`core_course_get_categories`)."""
        if self._moodle.plugin.there:
            return [
                _category(row)
                for row in self._moodle.plugin.snapshot("category", _COLUMNS).sort(_IN_TEXT_ORDER).iter_rows(named=True)
            ]
        return [_category(row) for row in records(self._moodle.read(_GET, {}), _GET)]

    def create(self, rows: Sequence[NewCategory]) -> list[CreatedCategory]:
        """Makes categories in one call: all or none (`core_course_create_categories`).

        A category made by the call cannot be a parent in the same call: its id is not known yet.

        Raises:
            Refused: at least one row is wrong, for example a taken idnumber; none was made.
            InDoubt: fewer came back than were sent, or no answer came.
            MoodleError: one of the tree.
        """
        if not rows:
            return []
        came = records(self._moodle.write(_CREATE, {"categories": rows}), _CREATE, wrote=True)
        each_answered(rows, came, _CREATE)
        return [CreatedCategory(number(row, "id", _CREATE, wrote=True), text(row, "name")) for row in came]

    def update(self, rows: Sequence[CategoryUpdate]) -> None:
        """Changes categories in one call: all or none (`core_course_update_categories`).

        Raises:
            Refused: at least one row is wrong, for example a parent below its own child; none was changed.
            MoodleError: one of the tree.
        """
        if rows:
            self._moodle.write(_UPDATE, {"categories": rows})

    def delete(self, ids: Sequence[int], *, move_to: int | None = None) -> None:
        """Deletes categories in one call: all or none (`core_course_delete_categories`).

        Args:
            ids: categories to delete.
            move_to: category that takes over what they hold. Without it everything in them is deleted too,
                courses with their grades included.

        Raises:
            Refused: one is missing or may not be deleted; none was deleted.
            MoodleError: one of the tree.
        """
        if not ids:
            return
        fate = {"recursive": True} if move_to is None else {"newparent": move_to, "recursive": False}
        self._moodle.write(_DELETE, {"categories": [{"id": one, **fate} for one in ids]})


def _category(row: Record) -> Category:
    return Category(
        id=number(row, "id", _GET),
        name=text(row, "name"),
        parent=number(row, "parent", _GET),
        idnumber=optional_text(row, "idnumber"),
        visible=bool(row["visible"]) if "visible" in row else None,
        courses=number(row, "coursecount", _GET),
        path=text(row, "path"),
        description=text(row, "description"),
    )
