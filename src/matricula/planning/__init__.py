"""Planning: the difference between what a site should hold and what it holds, as a plan to be looked at."""

from matricula.planning.change import ACTIONS, GONE, KINDS, REPLACES, Change, holds, read_changes, to_json
from matricula.planning.ground import Ground
from matricula.planning.limits import Hold, count_of, release_words
from matricula.planning.observing import known_of, make_sure, observed
from matricula.planning.plan import ENTITIES, Draft, checksum, counts_of, make_plan

__all__ = [
    "ACTIONS",
    "ENTITIES",
    "GONE",
    "KINDS",
    "REPLACES",
    "Change",
    "Draft",
    "Ground",
    "Hold",
    "checksum",
    "count_of",
    "counts_of",
    "holds",
    "known_of",
    "make_plan",
    "make_sure",
    "observed",
    "read_changes",
    "release_words",
    "to_json",
]
