"""Cohorts: sets of people across the site or a category."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Required, TypedDict

from matricula.moodle.family import Family, in_parts, linked
from matricula.moodle.row_warnings import RowWarning, warnings_of
from matricula.moodle.shapes import Record, each_answered, number, numbers, records, text
from matricula.moodle.snapshot import Where

_CREATE = "core_cohort_create_cohorts"
_UPDATE = "core_cohort_update_cohorts"
_DELETE = "core_cohort_delete_cohorts"
_GET = "core_cohort_get_cohorts"
_MEMBERS = "core_cohort_get_cohort_members"
_ADD = "core_cohort_add_cohort_members"
_REMOVE = "core_cohort_delete_cohort_members"
_COLUMNS = ("id", "name", "idnumber", "description")


class CategoryType(TypedDict):
    """Where a cohort lives: `system` with an empty value, or a category by `id` or `idnumber`."""

    type: Literal["system", "id", "idnumber"]
    value: str


class NewCohort(TypedDict, total=False):
    """A cohort to be made; its idnumber is unique on the site."""

    categorytype: Required[CategoryType]
    name: Required[str]
    idnumber: Required[str]
    description: str
    visible: bool


class CohortUpdate(TypedDict, total=False):
    """Changes of a cohort; Moodle wants place, name and idnumber each time."""

    id: Required[int]
    categorytype: Required[CategoryType]
    name: Required[str]
    idnumber: Required[str]
    description: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort."""

    id: int
    name: str
    idnumber: str
    description: str


class Cohorts(Family):
    """Calls about cohorts. Every writing call is one batch, and raises as `Moodle.call` does."""

    def by_ids(self, ids: Iterable[int]) -> list[Cohort]:
        """Cohorts with these ids (`core_cohort_get_cohorts`); missing ones are simply absent."""
        if self._moodle.plugin.there:
            return self._snapshot({"id": list(ids)})

        def read(part: Sequence[int]) -> list[Record]:
            return records(self._moodle.read(_GET, {"cohortids": part}), _GET)

        return [_cohort(row) for row in in_parts(self._moodle, ids, read)]

    def all(self) -> list[Cohort]:
        """Every cohort of the site and of its categories (`core_cohort_get_cohorts`)."""
        if self._moodle.plugin.there:
            return self._snapshot(None)
        return [_cohort(row) for row in records(self._moodle.read(_GET, {}), _GET)]

    def members(self, cohort_ids: Iterable[int]) -> dict[int, set[int]]:
        """User ids by cohort id (`core_cohort_get_cohort_members`); one that is not there refuses the call."""
        found: dict[int, set[int]] = {}
        if self._moodle.plugin.there:
            found, cohort_ids = linked(self._moodle, "cohort", "cohort-member", "cohortid", "userid", cohort_ids)

        def read(part: Sequence[int]) -> list[Record]:
            return records(self._moodle.read(_MEMBERS, {"cohortids": part}), _MEMBERS)

        rows = in_parts(self._moodle, cohort_ids, read)
        return found | {number(row, "cohortid", _MEMBERS): set(numbers(row, "userids", _MEMBERS)) for row in rows}

    def _snapshot(self, where: Where | None) -> list[Cohort]:
        return [_cohort(row) for row in self._moodle.plugin.snapshot("cohort", _COLUMNS, where).rows(named=True)]

    def create(self, rows: Sequence[NewCohort]) -> list[Cohort]:
        """Makes cohorts, all or none (`core_cohort_create_cohorts`)."""
        if not rows:
            return []
        came = records(self._moodle.write(_CREATE, {"cohorts": rows}), _CREATE, wrote=True)
        each_answered(rows, came, _CREATE)
        return [_cohort(row, _CREATE, wrote=True) for row in came]

    def update(self, rows: Sequence[CohortUpdate]) -> None:
        """Changes cohorts, all or none (`core_cohort_update_cohorts`)."""
        if rows:
            self._moodle.write(_UPDATE, {"cohorts": rows})

    def delete(self, ids: Sequence[int]) -> None:
        """Deletes cohorts, all or none (`core_cohort_delete_cohorts`)."""
        if ids:
            self._moodle.write(_DELETE, {"cohortids": ids})

    def add_members(self, pairs: Sequence[tuple[int, int]]) -> list[RowWarning]:
        """Puts people into cohorts (`core_cohort_add_cohort_members`).

        Args:
            pairs: cohort id and user id.

        Returns:
            a warning for each pair that could not be added or was there already; the others were added.
        """
        if not pairs:
            return []
        rows = [
            {"cohorttype": {"type": "id", "value": cohort}, "usertype": {"type": "id", "value": user}}
            for cohort, user in pairs
        ]
        return warnings_of(self._moodle.write(_ADD, {"members": rows}), _ADD)

    def remove_members(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Takes people out of cohorts, all or none (`core_cohort_delete_cohort_members`).

        Args:
            pairs: cohort id and user id.
        """
        if pairs:
            rows = [{"cohortid": cohort, "userid": user} for cohort, user in pairs]
            self._moodle.write(_REMOVE, {"members": rows})


def _cohort(row: Record, function: str = _GET, *, wrote: bool = False) -> Cohort:
    return Cohort(
        id=number(row, "id", function, wrote=wrote),
        name=text(row, "name"),
        idnumber=text(row, "idnumber"),
        description=text(row, "description"),
    )
