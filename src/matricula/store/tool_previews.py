"""Previews of what changes in a tool's roster or in Moodle's grades, and what became of each change.

A change is noted as sent before it is: the primary key of its outcome makes sending it twice impossible.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, and_, insert, or_, select, update

from matricula.errors import StopError
from matricula.store import schema_learning as schema
from matricula.store.database import Database
from matricula.store.processes import Process, is_gone, this_process

_table: Final = schema.tool_preview
_outcome: Final = schema.tool_outcome

PreviewKind = Literal["roster", "grades"]


@dataclass(frozen=True, slots=True)
class Preview:
    """Changes as they were shown.

    Args:
        id: its number.
        mapping: the number of the mapping of courses.
        kind: `roster` or `grades`.
        state: `open`, `applying`, `applied` or `superseded`.
        changes: one mapping a change; its place is its number, from 0.
        findings: one mapping a finding.
        made_at: when it was made.
        made_by: for whom.
        applied_at: when it was applied.
        applied_by: by whom.
    """

    id: int
    mapping: int
    kind: str
    state: str
    changes: tuple[Mapping[str, Any], ...]
    findings: tuple[Mapping[str, Any], ...]
    made_at: datetime
    made_by: str
    applied_at: datetime | None
    applied_by: str | None


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What became of a change of a preview.

    Args:
        number: the change.
        state: `sent`, `done`, `refused`, `stale` or `skipped`.
        reason: why, for all but those that are done.
        at: when.
    """

    number: int
    state: str
    reason: str
    at: datetime


class ToolPreviews:
    """Queries on previews.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        mapping: int,
        kind: PreviewKind,
        changes: Sequence[Mapping[str, Any]],
        findings: Sequence[Mapping[str, Any]],
        by: str,
    ) -> Preview:
        """Keep a preview; earlier ones of the same mapping and kind that wait or broke off take no effect."""
        body, found = _text(changes), _text(findings)
        values = {
            "mapping": mapping,
            "kind": kind,
            "state": "open",
            "changes": body,
            "findings": found,
            "checksum": checksum_of(mapping, kind, body),
            "made_at": datetime.now(UTC),
            "made_by": by,
        }
        with self._database.writing() as connection:
            connection.execute(
                update(_table)
                .where(
                    _table.c.mapping == mapping,
                    _table.c.kind == kind,
                    or_(_table.c.state == "open", and_(_table.c.state == "applying", _table.c.applied_at.is_(None))),
                )
                .values(state="superseded")
            )
            number = connection.execute(insert(_table).returning(_table.c.id), values).scalar_one()
        return self.get(number)

    def get(self, number: int) -> Preview:
        """A preview by its number.

        Raises:
            LookupError: there is none.
            StopError: it is not as it was stored.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(_table).where(_table.c.id == number)).first()
        if row is None:
            raise LookupError("no such preview")
        if row.checksum != checksum_of(row.mapping, row.kind, row.changes):
            raise StopError(
                "The preview is not as it was stored.",
                where=f"preview {number}",
                remedy="Make a new one; find out who or what wrote in the state.",
                code="preview-altered",
            )
        values = {name: getattr(row, name) for name in Preview.__slots__}
        return Preview(
            **values | {"changes": tuple(json.loads(row.changes)), "findings": tuple(json.loads(row.findings))}
        )

    def mappings(self, numbers: Iterable[int]) -> dict[int, int]:
        """The mappings of previews, by their numbers; one that is no more is absent."""
        statement = select(_table.c.id, _table.c.mapping).where(_table.c.id.in_(list(numbers)))
        with self._database.reading() as connection:
            return {number: mapping for number, mapping in connection.execute(statement)}  # noqa: C416 - has keys

    def last(self, mapping: int, kind: PreviewKind, state: str | None = None) -> Preview | None:
        """The newest preview of a mapping; None where there is none.

        Args:
            mapping: the mapping's number.
            kind: `roster` or `grades`.
            state: only in this state.
        """
        wanted = [_table.c.mapping == mapping, _table.c.kind == kind]
        wanted += [_table.c.state == state] if state is not None else []
        with self._database.reading() as connection:
            number = connection.execute(
                select(_table.c.id).where(*wanted).order_by(_table.c.id.desc()).limit(1)
            ).scalar()
        return None if number is None else self.get(number)

    def begin(self, number: int, by: str, *, before: datetime) -> bool:
        """Begin to apply a preview that waits, or to go on with one of whose application nothing is left.

        Args:
            number: the preview.
            by: who confirmed it.
            before: whoever gave no sign of life since then has ended, and so has a process that is gone.

        Returns:
            whether this call may apply it.
        """
        process, now = this_process(), datetime.now(UTC)
        here = {"host": process.host, "process_space": process.space, "pid": process.pid}
        with self._database.writing() as connection:
            found = connection.execute(select(_table).where(_table.c.id == number).with_for_update()).one()
            if found.state != "open" and not (found.state == "applying" and _is_over(found, before)):
                return False
            values = {"state": "applying", "applied_by": by, "applied_at": now, **here}
            connection.execute(update(_table).where(_table.c.id == number).values(**values))
            return True

    def rest(self, number: int) -> None:
        """Note that an application ended before its time, so that another may go on with it at once."""
        with self._database.writing() as connection:
            connection.execute(
                update(_table).where(_table.c.id == number, _table.c.state == "applying").values(applied_at=None)
            )

    def applied(self, number: int) -> None:
        """Note that a preview was applied to its end."""
        with self._database.writing() as connection:
            connection.execute(
                update(_table).where(_table.c.id == number).values(state="applied", applied_at=datetime.now(UTC))
            )

    def sending(self, preview: int, numbers: Iterable[int]) -> None:
        """Note that changes are about to be sent, which is a sign of life; on disk when this returns."""
        now = datetime.now(UTC)
        rows = [{"preview": preview, "number": each, "state": "sent", "reason": "", "at": now} for each in numbers]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(_outcome), rows)
                connection.execute(update(_table).where(_table.c.id == preview).values(applied_at=now))

    def unsend(self, preview: int, numbers: Iterable[int]) -> None:
        """Take back that changes were sent, where it is found that they never arrived."""
        wanted = list(numbers)
        if wanted:
            with self._database.writing() as connection:
                connection.execute(
                    _outcome.delete().where(
                        _outcome.c.preview == preview, _outcome.c.number.in_(wanted), _outcome.c.state == "sent"
                    )
                )

    def end(self, preview: int, ended: Mapping[int, tuple[str, str]]) -> None:
        """Note what became of changes.

        Args:
            preview: the preview.
            ended: state and reason by the change's number.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            for number, (state, reason) in ended.items():
                values = {"state": state, "reason": reason, "at": now}
                known = connection.execute(
                    update(_outcome).where(_outcome.c.preview == preview, _outcome.c.number == number).values(**values)
                ).rowcount
                if not known:
                    connection.execute(insert(_outcome), {"preview": preview, "number": number} | values)

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Remove previews that are over, with what became of their changes.

        Args:
            before: only those made before that.
            dry_run: whether they are only counted.

        Returns:
            how many there were.
        """
        old = and_(_table.c.made_at < before, _table.c.state.in_(("applied", "superseded")))
        with self._database.writing() as connection:
            numbers = list(connection.execute(select(_table.c.id).where(old)).scalars())
            if not dry_run:
                for number in numbers:
                    connection.execute(_outcome.delete().where(_outcome.c.preview == number))
                    connection.execute(_table.delete().where(_table.c.id == number))
        return len(numbers)

    def outcomes(self, preview: int) -> dict[int, ToolOutcome]:
        """What became of the changes of a preview, by number; those that were not sent yet are absent."""
        columns = (_outcome.c.number, _outcome.c.state, _outcome.c.reason, _outcome.c.at)
        statement = select(*columns).where(_outcome.c.preview == preview).order_by(_outcome.c.number)
        with self._database.reading() as connection:
            found = [ToolOutcome(**row._asdict()) for row in connection.execute(statement)]
        return {each.number: each for each in found}


def _is_over(found: Row[*tuple[Any, ...]], before: datetime) -> bool:
    """Whether the application that a preview was last seen under has ended."""
    if found.applied_at is None or found.applied_at < before:
        return True
    return found.pid is not None and is_gone(Process(found.host, found.process_space, found.pid))


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps([dict(each) for each in rows], ensure_ascii=False, sort_keys=True)


def checksum_of(mapping: int, kind: str, changes: str) -> str:
    """What tells that a preview still is as it was stored."""
    return hashlib.sha256(f"{mapping}\n{kind}\n{changes}".encode()).hexdigest()
