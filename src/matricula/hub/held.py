"""A plan that waits for a person: why, and the very commands that release and reject it."""

from matricula.errors import HeldError
from matricula.store import PlanRecord


def held_error(record: PlanRecord, words: str, *, wrong: bool = False) -> HeldError:
    """The error that says why a plan waits, and how it is released or rejected.

    Args:
        record: the plan.
        words: what releases it.
        wrong: whether other words were said.
    """
    number = record.number or 0
    reasons = " ".join(str(hold["message"]) for hold in record.held)
    heard = "These are not the words that release it. " if wrong else ""
    return HeldError(
        f"Plan {number} waits for a person. {heard}{reasons}",
        where=f"plan {number}",
        remedy=f"Look at it with `matricula show {number}`. If it is right, say so: {release_command(number, words)} "
        f"If it is not: {reject_command(number)}",
        code="plan-held",
    )


def release_command(number: int, words: str) -> str:
    """The command that releases a held plan and writes it."""
    return f'matricula apply {number} --release "{words}"'


def reject_command(number: int) -> str:
    """The command that puts a plan away."""
    return f"matricula reject {number}"
