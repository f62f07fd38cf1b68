"""A look at one record in Moodle as it is now. Nothing of it is kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from matricula.hub.hub import Hub
from matricula.hub.records import Record
from matricula.planning import ENTITIES, Ground, observed
from matricula.planning.entity import Known
from matricula.store import LedgerRow


@dataclass(frozen=True)
class Look:
    """What Moodle holds of a person or course.

    Args:
        at: when it was looked at.
        there: whether a record with the id is there.
        same: whether it still is the one that it was; another record can have its id after Moodle was restored.
        seen: its fields; empty where it is not there.
        enrolments: for each enrolment that was asked for the role and whether it is suspended; those that are not there
            are left out.
    """

    at: datetime
    there: bool
    same: bool
    seen: Mapping[str, Any]
    enrolments: Mapping[str, Mapping[str, Any]]


def look_at(hub: Hub, record: Record, enrolments: Collection[str] = ()) -> Look:
    """Read a record of the site now.

    Args:
        hub: the hub.
        record: the person or course.
        enrolments: keys of enrolments to look at with it; each course costs a call.

    Raises:
        MatriculaError: the site cannot be read.
    """
    row = record.ledger
    with hub.ground(record.kept.profile) as ground:
        found = ENTITIES[record.kind].observe(ground, [(record.key, row.moodle_id)]) if row else {}
        same = bool(row and found and _still(ground, record, row))
        seen_there = ENTITIES["enrolment"].observe(ground, [(key, None) for key in enrolments]) if enrolments else {}
    at, seen = datetime.now(UTC), found.get(record.key, {})
    return Look(at, bool(found), same, seen, {key: dict(fields) for key, fields in seen_there.items()})


def _still(ground: Ground, record: Record, row: LedgerRow) -> bool:
    wanted = {each.name: each.wanted for each in record.fields}
    written = {each.name: each.written for each in record.fields}
    known = Known(record.key, row.moodle_id, (written, wanted), row.origin)
    return record.key in observed(ENTITIES, record.kind, ground, [known])
