"""The same school with the plugins and without them: the same plans by name, and the same site after each."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from corridor import Corridor, picture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_school import ACTS, CHANGES, ByHand, TinySchool

from matricula.moodle import Moodle
from matricula.planning import drift, read_changes
from matricula.planning.entity import AsWritten
from matricula.sandbox import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG = int(os.environ.get("MATRICULA_DAYS", "25"))
RULES = """
enrolments: {{gone: {gone}}}
groups: [{{name: "{{group.title}}", idnumber: "{{group.id}}"}}]
drift: {{default: {drift}}}
"""
#: What somebody does in Moodle that is the same whatever method enrolments are of, with records that have a name.
BY_HAND = (
    "delete-course",
    "delete-user",
    "hide-course",
    "make-account",
    "move-course",
    "rename-course",
    "suspend-user",
)
PICKS = st.integers(0, 97)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("school"), st.sampled_from(CHANGES), PICKS),
        st.tuples(st.just("hand"), st.sampled_from((*BY_HAND, "enrol-new")), PICKS),
    ),
    min_size=1,
    max_size=4,
)
#: Plans say these of every change; ids are the site's own, and a plan with the plugins may see more of what was before.
TOLD = ("kind", "action", "key", "name", "person", "course", "after", "removes")


class Side:
    """One of the two: a home, and a site.

    Args:
        corridor: the home.
    """

    def __init__(self, corridor: Corridor) -> None:
        self.corridor = corridor

    def picture(self) -> Any:
        site = self.corridor
        seen = picture(site.url, site.token)
        with Moodle(site.url, site.token, callers=1) as moodle:
            users = {user.id: user.username for user in moodle.users.all()}
            courses = {course.id: course.shortname for course in moodle.courses.all()}
        state = self.corridor.sandbox.sandbox.state
        sql = (
            "SELECT ue.userid, e.courseid, ue.status, ue.timestart, ue.timeend FROM user_enrolments ue"
            " JOIN enrol e ON e.id = ue.enrolid"
        )
        told = [
            (users[row["userid"]], courses[row["courseid"]], row["status"], row["timestart"], row["timeend"])
            for row in state.all(sql)
            if row["userid"] in users and row["courseid"] in courses
        ]
        return seen | {"told": sorted(told)}

    def by_hand(self, act: str, pick: int) -> None:
        """What somebody does in Moodle; records are picked by name, so that both sites have the same ones."""
        with self.corridor.moodle() as moodle:
            if act == "enrol-new":
                _enrol_somebody_new(moodle, pick)
                return
            ByHand(moodle, lambda *_: None).do(act, lambda records: sorted(records, key=_name)[pick % len(records)])


def _enrol_somebody_new(moodle: Moodle, pick: int) -> None:
    """A teacher lets somebody in who is not in the course."""
    users = sorted((user for user in moodle.users.all() if user.username.startswith("name.")), key=_name)
    courses = sorted((course for course in moodle.courses.all() if course.id != 1), key=_name)
    if not users or not courses:
        return
    user, course = users[pick % len(users)], courses[pick // 7 % len(courses)]
    if user.id not in {seen.user_id for seen in moodle.enrolments.of_courses([course.id])}:
        moodle.enrolments.enrol([{"userid": user.id, "courseid": course.id, "roleid": 5}])


def _name(record: Any) -> str:
    return str(getattr(record, "username", "") or record.shortname)


@contextmanager
def both(place: Path, extra: str) -> Iterator[tuple[Side, Side]]:
    with ExitStack() as stack:
        sides = []
        for name, plugins in (("plain", False), ("plugged", True)):
            (place / name).mkdir(parents=True, exist_ok=True)
            site = stack.enter_context(running(fixture="empty", plugins=plugins))
            opened = Corridor.open(place / name, site.url, site.tokens["admin"], site, extra=extra)
            sides.append(Side(stack.enter_context(opened)))
        yield sides[0], sides[1]


def told(planned: Any) -> list[tuple[Any, ...]]:
    return sorted(
        (*(getattr(change, name) for name in TOLD if name != "after"), dict(change.after))
        for change in read_changes(planned.changes)
    )


def play(place: Path, steps: list[list[tuple[str, str, int]]], gone: str, policy: str) -> None:
    with both(place, RULES.format(gone=gone, drift=policy)) as (plain, plugged):
        schools = [TinySchool(side.corridor.folder) for side in (plain, plugged)]
        for day in [[], *steps]:
            for what, act, pick in day:
                for side, school in zip((plain, plugged), schools, strict=True):
                    school.change(act, pick) if what == "school" else side.by_hand(act, pick)
            plans = []
            for side, school in zip((plain, plugged), schools, strict=True):
                school.write()
                plans.append(side.corridor.hub.plan("default", full=True))
            assert told(plans[0]) == told(plans[1])
            assert [each.code for each in plans[0].findings] == [each.code for each in plans[1].findings]
            assert plans[0].words == plans[1].words
            for side, planned in zip((plain, plugged), plans, strict=True):
                side.corridor.hub.apply(planned.number, planned.words)
            assert plain.picture() == plugged.picture()
            edits = [
                sorted(
                    (each.kind, each.key, each.field, str(each.seen))
                    for each in side.corridor.home.store.drift.all("default")
                )
                for side in (plain, plugged)
            ]
            assert edits[0] == edits[1]


POLICIES = st.sampled_from(["leave", "put-back", "accept"])
GONE = st.sampled_from(["suspend", "suspend-without-roles", "unenrol", "keep"])
ANY: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=2, **ANY)
@given(steps=st.lists(STEPS, min_size=1, max_size=2), gone=GONE, policy=POLICIES)
def test_the_plans_and_the_sites_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: Any, gone: str, policy: str
) -> None:
    play(tmp_path_factory.mktemp("both"), steps, gone, policy)


@pytest.mark.long
@settings(max_examples=LONG, **ANY)
@given(steps=st.lists(STEPS, min_size=2, max_size=5), gone=GONE, policy=POLICIES)
def test_the_plans_and_the_sites_are_the_same_for_long(
    tmp_path_factory: pytest.TempPathFactory, steps: Any, gone: str, policy: str
) -> None:
    play(tmp_path_factory.mktemp("both"), steps, gone, policy)


@settings(max_examples=4, **ANY)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), PICKS), min_size=1, max_size=4), policy=POLICIES)
def test_comparing_at_once_finds_what_comparing_one_by_one_does(
    tmp_path_factory: pytest.TempPathFactory, acts: Any, policy: str
) -> None:
    place = tmp_path_factory.mktemp("once")
    with both(place, RULES.format(gone="suspend", drift=policy)) as (_, side):
        TinySchool(side.corridor.folder).write()
        side.corridor.hub.apply(side.corridor.plan().number)
        for act, pick in acts:
            side.by_hand(act, pick)
        found = [_found(side.corridor, drift._as_written), _found(side.corridor, lambda *_: AsWritten())]
        assert found[0] == found[1]


def _found(corridor: Corridor, as_written: Callable[..., AsWritten]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drift, "_as_written", as_written)
        planned = corridor.hub.plan("default", full=True)
    edits = corridor.home.store.drift.all("default")
    return told(planned), sorted((each.kind, each.key, each.field, str(each.seen), each.state) for each in edits)
