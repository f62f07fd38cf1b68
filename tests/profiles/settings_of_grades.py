"""What comes of the settings of a profile's part on grades: in the gradebook that is wanted, and in transfers of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from setting_bench import Bench, Parts
from setting_looks import LEFT_OUT, NOON, Look, Setting, read

from matricula.errors import SettingError
from matricula.grades.desired import desired_gradebook
from matricula.grades.drafting import draft_transfer
from matricula.grades.matching import bind
from matricula.grades.reading import _is_due
from matricula.grades.wanted import Learnt, Wanted
from matricula.hub.grades import sink_for
from matricula.store import Marks

sys.path.insert(0, str(Path(__file__).parents[1] / "grades"))

from grade_frames import BEN, CLEO, TODAY, known, learnt, rows, school, standing, total
from transfer_book import ABLE, CATEGORY, ITEM, School, book, result

#: One item of each kind, and one that is hidden.
KINDS = learnt(
    items=[
        {"idnumber": "A1"},
        {"item": 2, "name": "Test", "module": "quiz"},
        {"item": 3, "name": "Reading", "module": "lesson"},
        {"item": 4, "name": "Oral", "kind": "manual", "module": "", "instance": None},
        {"item": 5, "name": "Forum", "module": "forum"},
        {"item": 6, "name": "Secret", "hidden": 1},
    ]
)
#: An essay that is half of the homework, which counts two fifths; two thirds of its points were given.
WEIGHED = learnt(
    items=[{"category": 51, "weight": 50.0, "maximum": 30.0}, total()],
    categories=[{"category": 51, "parent": 50, "item": 510, "name": "Homework", "weight": 40.0}],
    grades=[{"raw": 20.0, "letter": "D", "feedback": "<p>Good</p>"}, {"item": 500, "raw": 66.66667, "letter": "D"}],
)
#: Somebody is excused, and somebody has left.
OTHERS = learnt(grades=[{}, {"user": BEN, "state": "excused", "raw": None}, {"user": CLEO, "former": 1}])
IN_WORDS = learnt(items=[{"scale": 3, "minimum": 1.0, "maximum": 2.0}], grades=[{"raw": 2.0, "shown": "Good"}])
THIRDS = {"grades": {"scale": "percent", "decimals": 1}}


def wanted(data: Learnt, tell: Callable[[Wanted], Any]) -> Look:
    """Looks at the gradebook that is wanted for learning data."""
    return lambda _, parts: tell(desired_gradebook(data, read(parts).grades, known(), school(), TODAY))


def of(data: Learnt, kind: str, *names: str) -> Look:
    """Looks at fields of the records of a kind."""

    def tell(found: Wanted) -> Any:
        told = [tuple(row[name] for name in names) for row in rows(found, kind)]
        return [each[0] for each in told] if len(names) == 1 else told

    return wanted(data, tell)


def matched(bench: Bench, parts: Parts) -> Any:
    """Looks at which item of the school's system an essay out of 100 is taken for."""
    theirs = standing({"maximum": 5.0}, {"minimum": 1.0}, {}, {"description": "Essay", "maximum": 7.0})
    rules = read(parts).grades
    return list(bind(desired_gradebook(learnt(), rules, known(), school(), TODAY), theirs, {}, rules).ids.values())


def sent_before(tell: Callable[[Any], Any], *, changed: int = 0, gone: int = 0) -> Look:
    """Looks at a transfer after one of a hundred results, of which some have changed and some are gone since."""

    def look(_: Bench, parts: Parts) -> Any:
        before = [result(f"s{number}", 50.0) for number in range(100)]
        desk = School(book([CATEGORY], [ITEM], before))
        desk.write(desk.differ())
        for row in before[:changed]:
            row["score"] = 60.0
        desk.wanted = book([CATEGORY], [ITEM], before[: 100 - gone])
        desk.gone = [("result", row["key"]) for row in before[100 - gone :]]
        draft, _ = draft_transfer(desk.gradebook(), desk.standing, desk.kept(), ABLE, read(parts).grades)
        return tell(draft)

    return look


def words_of(draft: Any) -> list[str]:
    return [hold.words for hold in draft.held]


def sink(_: Bench, parts: Parts) -> str | None:
    """Looks at where grades go."""
    try:
        return sink_for(read(parts))
    except SettingError as error:
        return error.code


def read_the_next_day(_: Bench, parts: Parts) -> bool:
    """Looks at whether every gradebook is read again the next day."""
    marks, days = Marks(grades_at=NOON), read(parts).grades.within
    return all(_is_due(course, marks, NOON + timedelta(days=1), days) for course in range(50))


SCORE = of(WEIGHED, "result", "score")
FINAL = of(WEIGHED, "final-grade", "percent", "letter")
TITLES = of(KINDS, "line-item", "title")
EVERY = ["Essay", "Test", "Reading", "Oral", "Forum"]
ROUNDED = [("none", [66.66667]), ("up", [66.7]), ("down", [66.6])]


def limits(act: str, said: str, look: Look, base: Parts) -> list[Setting]:
    """Settings of the limits of one act, which was done to ten of a hundred results."""
    at = f"grades.limits.{act}"
    return [
        Setting(f"{at}.share", look, [(0.05, [said]), (0.5, [])], base),
        Setting(
            f"{at}.floor",
            look,
            [(1, [said]), (101, [])],
            {"grades": {**base["grades"], "limits": {act: {"share": 0.05}}}},
        ),
        Setting(f"{at}.absolute", look, [(LEFT_OUT, []), (9, [said])], base),
    ]


OF_GRADES = [
    Setting("grades.sink", sink, [(LEFT_OUT, "grades-no-sink"), ("sis", "sis")]),
    Setting(
        "grades.items.kinds",
        TITLES,
        [
            (LEFT_OUT, EVERY),
            *(
                ([kind], [name])
                for kind, name in zip(("assign", "quiz", "lesson", "manual", "other"), EVERY, strict=True)
            ),
        ],
    ),
    Setting("grades.items.names", TITLES, [(LEFT_OUT, EVERY), (["t*"], ["Test"])]),
    Setting("grades.items.without", TITLES, [(LEFT_OUT, EVERY), (["t*", "Oral"], ["Essay", "Reading", "Forum"])]),
    Setting("grades.items.numbered", TITLES, [(LEFT_OUT, EVERY), (True, ["Essay"])]),
    Setting("grades.items.hidden", TITLES, [(LEFT_OUT, EVERY), (True, [*EVERY, "Secret"])]),
    Setting("grades.weighting", SCORE, [("sis", [20.0]), ("moodle", [13.33333])]),
    Setting(
        "grades.categories",
        of(WEIGHED, "grade-category", "title", "weight"),
        [("moodle", [("Homework", 40.0)]), ("kind", [("Assignments", 20.0)]), ("one", [("Moodle", 100.0)])],
    ),
    Setting("grades.category", of(KINDS, "grade-category", "title"), [(LEFT_OUT, ["Moodle"]), ("Online", ["Online"])]),
    Setting(
        "grades.category_titles",
        of(WEIGHED, "grade-category", "title"),
        [(LEFT_OUT, ["Homework"]), ({"Homework": "HW"}, ["HW"])],
    ),
    Setting("grades.weights", of(WEIGHED, "grade-category", "weight"), [(LEFT_OUT, [40.0]), (False, [None])]),
    Setting(
        "grades.marking_period",
        of(learnt(activities=[{"due": 1_800_000_000}]), "line-item", "session"),
        [("by-date", ["t2"]), ("current", ["t1"]), ("2026/27", ["y27"])],
    ),
    Setting(
        "grades.match",
        matched,
        [
            (LEFT_OUT, []),
            (["description"], ["s4"]),
            (["range-exact"], ["s3"]),
            (["range-maximum"], ["s2"]),
            (["range-first", "description"], ["s1"]),
        ],
    ),
    Setting(
        "grades.scale",
        of(WEIGHED, "result", "score", "text"),
        [("points", [(20.0, None)]), ("percent", [(66.66667, None)]), ("letters", [(20.0, "D")])],
    ),
    Setting(
        "grades.letters.0.letter",
        of(WEIGHED, "result", "text"),
        [("Pass", ["Pass"]), ("OK", ["OK"])],
        {"grades": {"scale": "letters", "letters": [{"from_percent": 50}]}},
    ),
    Setting(
        "grades.letters.0.from_percent",
        of(WEIGHED, "result", "text"),
        [(66.6, ["Pass"]), (66.7, [None])],
        {"grades": {"scale": "letters", "letters": [{"letter": "Pass"}]}},
    ),
    Setting("grades.scales", of(IN_WORDS, "result", "score"), [(LEFT_OUT, []), ({"good": 7}, [7.0])]),
    Setting("grades.rounding", SCORE, [*ROUNDED, ("half-up", [66.7])], THIRDS, ("half-up",)),
    Setting(
        "grades.rounding",
        of(learnt(grades=[{"raw": 66.64}]), "result", "score"),
        [("up", [66.7]), ("half-up", [66.6])],
        THIRDS,
    ),
    Setting(
        "grades.decimals", SCORE, [(LEFT_OUT, [66.67]), (0, [67.0])], {"grades": {"scale": "percent", "rounding": "up"}}
    ),
    Setting(
        "grades.excused",
        of(OTHERS, "result", "student"),
        [(LEFT_OUT, ["ann", "ben", "cleo"]), (False, ["ann", "cleo"])],
    ),
    Setting("grades.comments", of(WEIGHED, "result", "comment"), [(LEFT_OUT, [None]), (True, ["Good"])]),
    Setting(
        "grades.former", of(OTHERS, "result", "student"), [(LEFT_OUT, ["ann", "ben", "cleo"]), (False, ["ann", "ben"])]
    ),
    Setting(
        "grades.gone",
        sent_before(lambda draft: draft.changes["action"].to_list(), gone=1),
        [("leave", []), ("remove", ["remove"])],
    ),
    Setting("grades.final", FINAL, [(LEFT_OUT, []), ({}, [(66.66667, None)])]),
    Setting("grades.final.scale", FINAL, [("percent", [(66.66667, None)]), ("letters", [(66.66667, "D")])]),
    Setting(
        "grades.final.rounding",
        of(WEIGHED, "final-grade", "percent"),
        [*ROUNDED, ("half-up", [66.7])],
        {"grades": {"final": {"decimals": 1}}},
        ("half-up",),
    ),
    Setting(
        "grades.final.decimals",
        of(WEIGHED, "final-grade", "percent"),
        [(LEFT_OUT, [66.67]), (0, [67.0])],
        {"grades": {"final": {"rounding": "up"}}},
    ),
    Setting(
        "grades.final.marking_period",
        of(WEIGHED, "final-grade", "session"),
        [("current", ["t1"]), ("Spring", ["t2"])],
    ),
    Setting("grades.within", read_the_next_day, [(LEFT_OUT, False), (1, True)]),
    *limits(
        "changed",
        "change 10 grades",
        sent_before(words_of, changed=10),
        {"grades": {"limits": {"changed": {"floor": 1}}}},
    ),
    *limits(
        "removed",
        "remove 10 grades",
        sent_before(words_of, gone=10),
        {"grades": {"gone": "remove", "limits": {"removed": {"share": 0.5}}}},
    ),
]
