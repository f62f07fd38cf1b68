"""What a plan looked at, in words."""

from matricula.hub.changes_told import many
from matricula.hub.observing import LOOKED
from matricula.planning.change import KINDS
from matricula.planning.shares import SHARES
from matricula.store import PlanRecord


def looked_in_words(record: PlanRecord) -> str:
    """What a plan looked at beside the records that it changes; empty where nothing is known of that.

    Args:
        record: the plan.
    """
    looked = record.summary.get(LOOKED)
    if not looked:
        return ""
    whole, unchanged, shares = looked["whole"], looked["unchanged"], looked["shares"]
    if shares >= SHARES:
        return "Looked at every record."
    told = []
    if whole:
        told.append(f"Looked at all {_listed(whole)}.")
    if unchanged:
        told.append(f"Moodle says that nothing has changed since the last look: {_listed(unchanged)}.")
    if not told:
        told.append(
            f"Looked at {shares} of {SHARES} shares of the records." if shares else "Looked at what it changes."
        )
    return " ".join(told)


def _listed(kinds: list[str]) -> str:
    named = [many(kind) for kind in KINDS if kind in kinds]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
