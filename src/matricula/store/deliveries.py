"""What a source last delivered and when a site was last read: counts and shapes alone, nothing about a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, insert, select

from matricula.store import schema
from matricula.store.database import Database

_observation: Final = schema.observation
_delivery: Final = schema.delivery


@dataclass(frozen=True, slots=True)
class Observation:
    """One reading of a site.

    Args:
        profile: the profile it was read for.
        kind: how fully: `full`, or what was read.
        at: when.
        counts: records of each kind.
    """

    profile: str
    kind: str
    at: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a roster that went through.

    Args:
        profile: the profile it was read for.
        at: when.
        counts: records of each kind.
        shape: what its tables looked like, as JSON; empty where that was not noted.
    """

    profile: str
    at: datetime
    counts: dict[str, int]
    shape: dict[str, Any]


class Observations:
    """Queries on readings of sites.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, profile: str, kind: str, at: datetime, counts: Mapping[str, int]) -> None:
        """Note a reading."""
        with self._database.writing() as connection:
            connection.execute(
                insert(_observation).values(profile=profile, kind=kind, at=at, counts=json.dumps(dict(counts)))
            )

    def last(self, profile: str, kind: str) -> Observation | None:
        """The last reading of a kind."""
        table = _observation
        statement = (
            select(table.c.profile, table.c.kind, table.c.at, table.c.counts)
            .where(table.c.profile == profile, table.c.kind == kind)
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else Observation(**_with_counts(row))


class Deliveries:
    """Queries on deliveries.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, profile: str, counts: Mapping[str, int], at: datetime, shape: Mapping[str, Any] | None = None
    ) -> None:
        """Note a delivery that went through.

        Args:
            profile: the profile it was read for.
            counts: records of each kind.
            at: when it was read.
            shape: what its tables looked like, as JSON.
        """
        told = {"counts": json.dumps(dict(counts)), "shape": json.dumps(dict(shape or {}), ensure_ascii=False)}
        with self._database.writing() as connection:
            connection.execute(insert(_delivery).values(profile=profile, at=at, **told))

    def last(self, profile: str) -> Delivery | None:
        """The last delivery that went through, by the time it was read."""
        table = _delivery
        statement = (
            select(table.c.profile, table.c.at, table.c.counts, table.c.shape)
            .where(table.c.profile == profile)
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else Delivery(**_with_counts(row) | {"shape": json.loads(row.shape or "{}")})


def _with_counts(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    values = row._asdict()
    return {**values, "counts": json.loads(values["counts"])}
