"""Problems that are no more: a new plan neither tries the record again nor says what is wrong with it."""

from matricula.planning import Draft
from matricula.store import Store


def close_vanished(store: Store, profile: str, draft: Draft) -> int:
    """Strike out the problems of records that left the roster, or that are on the site by now.

    Those that the plan tries again stay, and those of which a finding says why it does not.

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
