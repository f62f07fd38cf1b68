"""The last delivery of each source, whole and unchecked: changes are laid over it, and differences told from it.

Names and addresses of people stand in it. A later delivery takes its place; `forget` takes it away.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, delete, select, update

from matricula.roster import TABLES, Delivery, Draft, Finding, FindingBook
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import upsert
from matricula.store.terms import Terms

_deliveries: Final = schema.kept_delivery
_tables: Final = schema.kept_table
_SETS: Final = ("lost", "lost_owners")
_PLAIN: Final = ("complete", "lost_unknown", "readable", "damaged", "numbered")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a source's last delivery without opening it.

    Args:
        source: the source.
        at: when it was read.
        settings: fingerprint of the settings it was read with.
        marker: where the next reading goes on.
        counts: rows of each table.
    """

    source: str
    at: datetime
    settings: str
    marker: dict[str, str]
    counts: dict[str, int]


class KeptDeliveries:
    """Queries on kept deliveries.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, source: str, delivery: Delivery, settings: str, at: datetime) -> None:
        """Keep a delivery in the place of the source's earlier one; tables that are the same are not written anew.

        Args:
            source: the source.
            delivery: the whole of what it delivered.
            settings: fingerprint of the settings it was read with.
            at: when it was read.
        """
        with self._database.writing() as connection:
            upsert(connection, _deliveries, [_row(source, delivery, settings, at)])
            digests = select(_tables.c.name, _tables.c.digest).where(_tables.c.source == source)
            there = {name: digest for name, digest in connection.execute(digests)}  # noqa: C416 - a result has keys
            for name, draft in delivery.drafts.items():
                digest = _digest(draft)
                if there.get(name) != digest:
                    upsert(connection, _tables, [_table_row(source, name, draft, digest)])
            for name in set(there) - set(delivery.drafts):
                connection.execute(delete(_tables).where(_tables.c.source == source, _tables.c.name == name))

    def last(self, source: str) -> Kept | None:
        """What is known of a source's last delivery."""
        with self._database.reading() as connection:
            row = connection.execute(select(_deliveries).where(_deliveries.c.source == source)).one_or_none()
            if row is None:
                return None
            counts = select(_tables.c.name, _tables.c.rows).where(_tables.c.source == source)
            rows = {name: number for name, number in connection.execute(counts)}  # noqa: C416 - a result has keys
            return Kept(source, row.at, row.settings, json.loads(row.marker), _in_order(rows))

    def fingerprint(self, source: str) -> tuple[str, ...]:
        """Tells whether a source's last delivery still is the one that was seen; empty where none is kept.

        It is another one after each reading, and after a person in it was forgotten.
        """
        digests = select(_tables.c.name, _tables.c.digest).where(_tables.c.source == source).order_by(_tables.c.name)
        with self._database.reading() as connection:
            at = connection.execute(select(_deliveries.c.at).where(_deliveries.c.source == source)).scalar_one_or_none()
            if at is None:
                return ()
            return (at.isoformat(), *(f"{name} {digest}" for name, digest in connection.execute(digests)))

    def delivery(self, source: str) -> Delivery | None:
        """A source's last delivery."""
        with self._database.reading() as connection:
            row = connection.execute(select(_deliveries).where(_deliveries.c.source == source)).one_or_none()
            if row is None:
                return None
            return Delivery(
                drafts=_drafts(connection, source),
                version=row.version,
                origin=row.origin,
                book=FindingBook(_finding(each) for each in json.loads(row.findings)),
                marker=json.loads(row.marker),
            )

    def forget(self, source: str) -> None:
        """Take a source's last delivery away."""
        with self._database.writing() as connection:
            connection.execute(delete(_tables).where(_tables.c.source == source))
            connection.execute(delete(_deliveries).where(_deliveries.c.source == source))


def _row(source: str, delivery: Delivery, settings: str, at: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "at": at,
        "origin": delivery.origin,
        "version": delivery.version,
        "settings": settings,
        "marker": json.dumps(dict(delivery.marker)),
        "findings": json.dumps([asdict(found) for found in delivery.book]),
    }


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(**{**row, "lines": tuple(row["lines"])})


def _in_order(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in TABLES if name in counts}


def _drafts(connection: Connection, source: str) -> dict[str, Draft]:
    rows = connection.execute(select(_tables).where(_tables.c.source == source)).all()
    found = {row.name: _draft(row.name, row.file, json.loads(row.told), row.body) for row in rows}
    return {name: found[name] for name in TABLES if name in found}


def _draft(name: str, file: str, told: Mapping[str, Any], body: bytes) -> Draft:
    return Draft(
        table=TABLES[name],
        frame=pl.read_parquet(io.BytesIO(body)),
        file=file,
        lost_pairs={(user, in_class) for user, in_class in told["lost_pairs"]},
        **_kept_values(told),
    )


def _kept_values(told: Mapping[str, Any]) -> dict[str, Any]:
    return {each: told[each] for each in _PLAIN} | {each: set(told[each]) for each in _SETS}


def _table_row(source: str, name: str, draft: Draft, digest: str) -> dict[str, Any]:
    body = io.BytesIO()
    # Zstandard at its lowest level takes a third of the room that plain columns do, in a tenth of a second for each
    # hundred thousand people.
    draft.frame.write_parquet(body, compression="zstd", compression_level=1, statistics=False)
    return {
        "source": source,
        "name": name,
        "file": draft.file,
        "rows": draft.frame.height,
        "told": _told(draft),
        "digest": digest,
        "body": body.getvalue(),
    }


def _told(draft: Draft) -> str:
    told: dict[str, Any] = {each: getattr(draft, each) for each in _PLAIN}
    told |= {each: sorted(getattr(draft, each)) for each in _SETS}
    return json.dumps(told | {"lost_pairs": sorted(draft.lost_pairs)})


def _digest(draft: Draft) -> str:
    """Tells whether a table is the same as before; it need not withstand anybody who wants to deceive."""
    rows = draft.frame.hash_rows(seed=0).sum() if draft.frame.width else 0
    return f"{rows}:{draft.frame.height}:{','.join(draft.frame.columns)}:{draft.file}:{_fingerprint(_told(draft))}"


def _fingerprint(text: str) -> str:
    """A short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def forget_people(
    connection: Connection, source: str, keys: set[str], usernames: set[str], terms: Terms, *, keep: bool
) -> int:
    """Take people out of a source's last delivery, with all rows that are theirs; later changes go on from it.

    Args:
        connection: a transaction.
        source: the source.
        keys: their sourcedIds.
        usernames: user names of theirs, for a source that has them under another sourcedId.
        terms: what they are called, for what was found wrong with the delivery.
        keep: whether everything stays, and is only counted.

    Returns:
        the number of rows.
    """
    drafts = _drafts(connection, source)
    theirs = keys | _keys_by_username(drafts, usernames)
    count = 0
    for name, draft in drafts.items():
        frame = draft.frame
        kept = frame.filter(~_is_theirs(name, frame, theirs)) if frame.height else frame
        count += frame.height - kept.height
        if not keep:
            _keep_without(connection, source, draft, _without_pointers(draft, kept, theirs), theirs, terms)
    if not keep:
        _scrub_findings(connection, source, theirs, terms)
    return count


def _keys_by_username(drafts: Mapping[str, Draft], usernames: set[str]) -> set[str]:
    frame = drafts["users"].frame if "users" in drafts else pl.DataFrame()
    if not usernames or not {"sourcedId", "username"} <= set(frame.columns):
        return set()
    wanted = [name.casefold() for name in usernames]
    return set(frame.filter(pl.col("username").str.to_lowercase().is_in(wanted))["sourcedId"].drop_nulls())


def _is_theirs(name: str, frame: pl.DataFrame, keys: set[str]) -> pl.Expr:
    column = "sourcedId" if name == "users" else "userSourcedId"
    return pl.col(column).is_in(list(keys)).fill_null(value=False) if column in frame.columns else pl.lit(value=False)


def _without_pointers(draft: Draft, frame: pl.DataFrame, keys: set[str]) -> pl.DataFrame:
    """Other people's rows that name them, as a child's names the parent."""
    naming = [each.name for each in draft.table.columns if each.refers == "users" and each.name in frame.columns]

    def without(cell: str) -> str:
        return ",".join(each for each in cell.split(",") if each.strip() not in keys)

    return frame.with_columns(
        pl.col(name).map_elements(without, return_dtype=pl.String) for name in naming if name != "userSourcedId"
    )


def _keep_without(
    connection: Connection, source: str, draft: Draft, frame: pl.DataFrame, keys: set[str], terms: Terms
) -> None:
    left = replace(
        draft,
        frame=frame,
        lost={each for each in draft.lost if each not in keys and terms.scrub(each) == each},
        lost_owners=draft.lost_owners - keys,
        lost_pairs={pair for pair in draft.lost_pairs if pair[0] not in keys},
    )
    if not left.frame.equals(draft.frame) or _told(left) != _told(draft):
        upsert(connection, _tables, [_table_row(source, draft.table.name, left, _digest(left))])


def _scrub_findings(connection: Connection, source: str, keys: set[str], terms: Terms) -> None:
    here = _deliveries.c.source == source
    found = connection.execute(select(_deliveries.c.findings).where(here)).scalar_one_or_none()
    if found is not None:
        left = [terms.scrub_all(each) for each in json.loads(found) if each["sourced_id"] not in keys]
        connection.execute(update(_deliveries).where(here).values(findings=json.dumps(left)))
