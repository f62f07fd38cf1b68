"""The three lines that most people ask for: from which row, by which rule and by which run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matricula.profiles import Profile


@dataclass(frozen=True)
class Fact:
    """One thing that is known.

    Args:
        about: `roster`, `finding`, `profile`, `plan`, `problem`, `ledger` or `moodle`; of the three lines `row`,
            `rule` or `run`.
        says: in words.
        denies: whether it is a rule that keeps something from being made.
    """

    about: str
    says: str
    denies: bool = False


def three_lines(facts: Sequence[Fact], profile: Profile, *, course: bool) -> tuple[Fact, Fact, Fact]:
    """Row, rule and run, picked from all that is known.

    Args:
        facts: in the order from the roster to the site.
        profile: the profile whose rules were looked at.
        course: whether a course was asked for, and not an account alone.
    """
    row = _first(facts, ("finding",)) or _last(facts, ("roster",))
    denying = [fact for fact in facts if fact.denies]
    since = max((place for place, fact in enumerate(facts) if fact.about == "roster"), default=0)
    rule = denying[0] if denying else _last(facts[since:], ("profile",))
    run = _first(facts, ("problem",)) or _last(facts, ("plan",)) or _last(facts, ("ledger",))
    return (
        Fact("row", row.says if row else "The roster says nothing."),
        Fact("rule", rule.says if rule else _of_leavers(profile, course=course)),
        Fact("run", run.says if run else "No run has written it."),
    )


def _of_leavers(profile: Profile, *, course: bool) -> str:
    """The rule for what is no longer in the roster: no other was asked."""
    if course:
        gone = profile.enrolments.gone
        return f"Enrolments that are not in the roster: enrolments.gone of profile {profile.name} is “{gone}”."
    return f"People who are not in the roster: users.KIND.deactivate of profile {profile.name} says for each kind."


def _first(facts: Iterable[Fact], about: tuple[str, ...]) -> Fact | None:
    return next((fact for fact in facts if fact.about in about), None)


def _last(facts: Sequence[Fact], about: tuple[str, ...]) -> Fact | None:
    return _first(reversed(facts), about)
