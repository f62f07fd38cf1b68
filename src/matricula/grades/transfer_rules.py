"""Every kind of finding that a transfer, or the undoing of one, can raise.

`docs/grades-transfers.md` prints this table; a test holds them together.
"""

from matricula.profiles.rules import Rule


def _rule(code: str, severity: str, meaning: str, remedy: str, message: str) -> Rule:
    return Rule(code, severity, meaning, remedy, table="", column="", message=message)  # type: ignore[arg-type]


_ALL = (
    _rule(
        "grade-conflict",
        "warning",
        "A record was changed in the school's system since it was sent, or was there before it ever was, and is not as "
        "it should be. It is left as it is.",
        "Say which one stands: `matricula grades settle`, with `--send` for Moodle's or `--keep` for the other.",
        "{name}: {theirs} there, {ours} from Moodle.",
    ),
    _rule(
        "grade-conflicts",
        "warning",
        "More records are in conflict than are listed one by one.",
        "`matricula grades conflicts` lists them all; `matricula grades settle` settles many at once.",
        "{number} more are in conflict.",
    ),
    _rule(
        "grade-stays",
        "warning",
        "A record is no longer in Moodle and should be taken away, and the sink cannot take anything away.",
        "Remove it in the school's system, or let the profile leave it (grades.gone: leave).",
        "{number} that are no longer in Moodle stay in {sink}, which cannot take anything away.",
    ),
    _rule(
        "grade-kind-untaken",
        "warning",
        "The sink has no place for records of a kind. They are not sent.",
        "Choose another kind of sink, or let the profile not ask for them.",
        "{sink} has no place for {kind}: {number} are not sent.",
    ),
    _rule(
        "grade-untaken",
        "warning",
        "The sink has no place for what a result says: that somebody is excused, or a letter without points.",
        "Choose another kind of sink, or another scale in the profile.",
        "{number} results cannot be told to {sink}: an excuse, or a letter without points.",
    ),
    _rule(
        "undo-grade-edited",
        "warning",
        "What a transfer wrote has been changed since, by a person or by a later transfer. It is left as it is.",
        "If it is to be as before the transfer, mend it in the school's system.",
        "{name} has been changed since run {run}, and is left as it is.",
    ),
    _rule(
        "undo-grade-stays",
        "error",
        "A transfer made a record, and the sink cannot take anything away.",
        "Remove it in the school's system by hand.",
        "{name} was made by run {run} and stays: {sink} cannot take anything away.",
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ALL}
"""Every kind of finding of transfers, by its code."""
