"""What a change's end means for the journal and the ledger."""

from matricula.planning import ENTITIES, REPLACES, Change, to_json
from matricula.store import LedgerRow, Outcome


def ledger_rows(change: Change, moodle_id: int | None) -> list[LedgerRow]:
    """What the ledger remembers of a change that was carried out.

    Args:
        change: the change.
        moodle_id: id of the Moodle record, where it is known only now.

    Returns:
        the record's row; before it, where the record had another key, one that gives that key up.
    """
    row = LedgerRow(
        kind=change.kind,
        key=change.key,
        moodle_id=_id_of(change, moodle_id),
        origin="matched" if change.origin == "matched" else "made",
        written=change.written_text,
        removed=ENTITIES[change.kind].is_gone(change.written),
    )
    if REPLACES not in change.written:
        return [row]
    kept = {name: value for name, value in change.written.items() if name != REPLACES}
    old = row._replace(key=change.written[REPLACES], moodle_id=None, removed=True)
    return [old, row._replace(written=to_json(kept))]


def carried_out(change: Change, moodle_id: int | None = None) -> Outcome:
    """The outcome of a change that the site holds now."""
    return Outcome(change.number, "done", _id_of(change, moodle_id))


def refused(change: Change, reason: str) -> Outcome:
    """The outcome of a change that the site would not take."""
    return Outcome(change.number, "refused", change.moodle_id, reason)


def _id_of(change: Change, moodle_id: int | None) -> int | None:
    """The id that a record has after a change; what is made anew does not keep that of the one it replaces."""
    return moodle_id if moodle_id is not None or change.action == "create" else change.moodle_id
