"""Whether this process can serve: the state answers, its tables are current, and somebody works on jobs."""

from datetime import timedelta
from typing import Final

from matricula.errors import MatriculaError
from matricula.store import Store

UNTOUCHED: Final = timedelta(minutes=2)
"""Jobs that could begin and have waited for so long with no worker at all mean that one is missing."""


def readiness(store: Store) -> dict[str, str]:
    """What was looked at, each with `ok` or the reason why it is not; no reason names an address or a secret."""
    try:
        if not store.measuring.is_current():
            return {"state": "ok", "tables": "of another version of matricula"}
        return {"state": "ok", "tables": "ok", "worker": _worker(store)}
    except MatriculaError as error:
        return {"state": f"does not answer ({error.code})"}


def _worker(store: Store) -> str:
    known, dead = store.workers.all(), store.workers.dead()
    if any(each not in dead for each in known):
        return "ok"
    if known:
        return "none has been heard of lately"
    return "jobs wait, and there is none" if store.measuring.waited() > UNTOUCHED else "ok"
