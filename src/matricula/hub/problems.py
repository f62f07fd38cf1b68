"""Problems: which are no more, which have the same reason, and by whom a run that tries again is asked for."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from matricula.hub.chosen import COURSE, PERSON
from matricula.planning import Draft
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import Problem, Store


def close_vanished(store: Store, profile: str, draft: Draft) -> int:
    """Strike out the problems of records that left the roster, or that are on the site by now.

    A new plan neither tries such a record again nor says what is wrong with it. Those that the plan tries again stay,
    and those of which a finding says why it does not.

    Args:
        store: the state.
        profile: the profile.
        draft: a plan for all, not for chosen people and courses.

    Returns:
        how many were struck out.
    """
    known = store.problems.all(profile)
    if not known:
        return 0
    tried = set(draft.changes.select("kind", "key").iter_rows())
    told = {finding.sourced_id for finding in draft.findings}
    gone = [problem for problem in known if (problem.kind, problem.key) not in tried and problem.key not in told]
    with store.begin():
        return sum(store.problems.close(profile, problem.kind, [problem.key]) for problem in gone)


@dataclass(frozen=True)
class Alike:
    """Problems of one kind of record with the same reason but for names and values.

    Args:
        mark: names the reason in addresses and forms.
        kind: kind of record.
        reason: the reason, with “…” in the place of what differs.
        problems: the problems, by name.
    """

    mark: str
    kind: str
    reason: str
    problems: tuple[Problem, ...]


def alike(problems: Iterable[Problem]) -> list[Alike]:
    """Problems by what is to be done about them, the most frequent first."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for each in problems:
        groups.setdefault((each.kind, _plain(each)), []).append(each)
    found = [Alike(_mark(kind, plain), kind, plain, tuple(each)) for (kind, plain), each in groups.items()]
    return sorted(found, key=lambda each: (-len(each.problems), each.kind, each.reason))


def target_of(kind: str, key: str) -> str | None:
    """Whom or what a run for just one record is asked for by (`hub.chosen`); None where only a whole run brings it."""
    part, place = _TARGETS.get(kind, ("", 0))
    parts = key.split(SEPARATOR)
    return f"{part}{parts[place]}" if part and place < len(parts) else None


_TARGETS = {
    "user": (PERSON, 0),
    "enrolment": (PERSON, 0),
    "group-member": (PERSON, 0),
    "cohort-member": (PERSON, 0),
    "course": (COURSE, 0),
    "group": (COURSE, 0),
    "grouping": (COURSE, 0),
    "grouping-member": (COURSE, 1),
    "meta-link": (COURSE, 1),
}
_VALUES = re.compile(r"“[^”]*”|\([^()]*\)|\d+")


def _plain(problem: Problem) -> str:
    """The reason without what differs from one record to the next."""
    plain = problem.reason
    for name in sorted({problem.name, *problem.name.split(" in ")}, key=len, reverse=True):
        plain = plain.replace(name, "…") if len(name) > 1 else plain
    return _VALUES.sub(lambda found: {"“": "“…”", "(": "(…)"}.get(found[0][0], "…"), plain)


def _mark(kind: str, plain: str) -> str:
    return hashlib.sha256(f"{kind} {plain}".encode()).hexdigest()[:16]
