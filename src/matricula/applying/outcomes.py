"""What a change's end means for the journal and the ledger."""

from matricula.planning import ENTITIES, Change
from matricula.store import LedgerRow, Outcome


def ledger_row(change: Change, moodle_id: int | None) -> LedgerRow:
    """What the ledger remembers of a change that was carried out.

    Args:
        change: the change.
        moodle_id: id of the Moodle record, where it is known only now.
    """
    return LedgerRow(
        kind=change.kind,
        key=change.key,
        moodle_id=change.moodle_id if moodle_id is None else moodle_id,
        origin="matched" if change.origin == "matched" else "made",
        written=change.written_text,
        removed=ENTITIES[change.kind].is_gone(change.written),
    )


def carried_out(change: Change, moodle_id: int | None = None) -> Outcome:
    """The outcome of a change that the site holds now."""
    return Outcome(change.number, "done", change.moodle_id if moodle_id is None else moodle_id)


def refused(change: Change, reason: str) -> Outcome:
    """The outcome of a change that the site would not take."""
    return Outcome(change.number, "refused", change.moodle_id, reason)
