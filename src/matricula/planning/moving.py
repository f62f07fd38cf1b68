"""Moving enrolments that Matricula made by hand's method over to its own, as a plan like any other.

Each stays the same enrolment to Moodle, with its status, dates, grades and groups; only its method changes, and the
ledger learns its id. Nothing is written here: the plugin is asked what it would do.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from matricula.errors import SettingError
from matricula.moodle import CoursePerson, Moved
from matricula.moodle.plugin_calls import MOVE_ENROLMENTS
from matricula.planning.change import GONE, changes_frame, to_json
from matricula.planning.enrolments import MOVE
from matricula.planning.ground import Ground
from matricula.planning.own_method import METHOD, OWN, makes_own
from matricula.planning.plan import ENTITIES, Draft, checksum, numbered
from matricula.planning.rules import RULES
from matricula.profiles.enrolment_frame import SEPARATOR

_KIND: Final = "enrolment"
_LEFT: Final = {
    "nouser": "the account is no longer there",
    "nocourse": "the course is no longer there",
    "notmanual": "not enrolled by hand any more",
}


def plan_moves(ground: Ground) -> Draft:
    """Every enrolment that the ledger knows as made by hand's method and that can be moved.

    Args:
        ground: profile, ledger and site.

    Raises:
        SettingError: the site does not have the plugins.
    """
    if not (ground.moodle.plugin.offers(MOVE_ENROLMENTS) and makes_own(ground.moodle)):
        raise SettingError(
            f"{ground.site.name} has no enrolment method of Matricula's own.",
            where=f"site {ground.site.name}",
            remedy="Install the plugins local_matricula and enrol_matricula there, switch Matricula on under Site "
            "administration > Plugins > Enrolments > Manage enrol plugins, and see `matricula check`.",
            code="no-own-method",
        )
    ledger = ground.ledger(_KIND)
    ended = (pl.col("written").str.json_path_match(f"$.{GONE}") == "true").fill_null(value=False)
    mine = ledger.filter(pl.col("origin") == "made", pl.col("moodle_id").is_null(), ~ended).sort("key")
    named = ENTITIES[_KIND].names(ground, mine).sort("key") if mine.height else mine
    rows = list(_placed(ground, named.iter_rows(named=True)))
    ground.say(f"asking about {len(rows)} enrolments")
    answers = _asked(ground, [place for _, place in rows])
    left = Counter(answer.code for answer in answers if not answer.done)
    ground.findings.extend(
        RULES["enrolments-not-moved"].finding(
            sourced_id="", line=None, value=count, told={"number": count, "why": _LEFT.get(code, code)}
        )
        for code, count in sorted(left.items())
    )
    moves = [_change(row, answer) for (row, _), answer in zip(rows, answers, strict=True) if answer.done]
    changes = numbered(changes_frame(moves, kind=_KIND))
    return Draft(changes, tuple(ground.findings), (), checksum(changes))


def _placed(ground: Ground, rows: Iterator[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], CoursePerson]]:
    """Enrolments of people and courses of which the ids are known."""
    held = list(rows)
    pairs = [row["key"].split(SEPARATOR, 1) for row in held]
    users = ground.ids("user", {user for user, _ in pairs})
    courses = ground.ids("course", {course for _, course in pairs})
    for row, (user, course) in zip(held, pairs, strict=True):
        if user in users and course in courses:
            yield row, {"courseid": courses[course], "userid": users[user]}


def _asked(ground: Ground, places: Sequence[CoursePerson]) -> list[Moved]:
    parts = [places[start : start + MOVE.most_packed] for start in range(0, len(places), MOVE.most_packed)]
    return [answer for part in parts for answer in ground.moodle.plugin.move_enrolments(part, preview=True)]


def _change(row: dict[str, Any], answer: Moved) -> dict[str, Any]:
    kept = f"; {answer.grades} grades stay" if answer.grades > 1 else "; 1 grade stays" if answer.grades else ""
    moved = answer.method == OWN
    return {
        **row,
        "action": "move",
        "moodle_id": None,
        "before": "{}",
        "after": to_json({METHOD: OWN}),
        "origin": "made",
        "reason": "is of Matricula's own method already" if moved else f"moves to Matricula's own method{kept}",
        "place": "",
        "removes": False,
    }
