"""Whatever a roster, people in Moodle, the network and the power do in whatever order: what always holds, holds.

The invariants are those of docs/architecture.md, "What always holds".
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bystanders import accounts_and_places, touched
from consistency import doubled, faults
from corridor import DOCUMENTS
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from killing import KilledError, Killer
from tiny_school import ACTS, CHANGES, ByHand, TinySchool

from matricula.applying import Applied, sending
from matricula.errors import MatriculaError, StopError, WaitError
from matricula.hub import Home, Hub, Planned
from matricula.moodle import Moodle, transport
from matricula.sandbox import Running, running

PARTS = {
    "groups": 'groups: [{name: "{group.title}", idnumber: "{group.id}", grouping: "{enrolment.role}"}]\n',
    "cohorts": 'cohorts: [{name: "Year {person.grade}", idnumber: "year-{person.grade}"}]\n',
    "links": 'meta_links: [{shortname: EVER, fullname: For ever, classes: {value: "{group.title}", like: "*s*"}}]\n',
    "limits": "limits: {share: 0.3, floor: 3}\n",
    "drift": "drift: {default: put-back}\n",
}
FAULTS = ("drop_before", "drop_after", "bad_gateway", "deadlock")
#: Of what table's absence which kinds must lose nothing.
RESTS_ON = {
    "users": {"user", "enrolment", "group-member", "cohort-member", "group"},
    "classes": {"course", "enrolment", "group-member", "group", "meta-link"},
    "enrollments": {"enrolment", "group-member", "group"},
}
NEVER_CALLED = {
    "core_user_delete_users",
    "core_course_delete_courses",
    "core_course_delete_categories",
    "core_role_unassign_roles",
    "enrol_manual_unenrol_users",
}
PICK = st.integers(0, 10_000)
ROUNDS = 6
#: Schools that the long test has.
DAYS = int(os.environ.get("MATRICULA_DAYS", "10"))


@st.composite
def profiles(draw: st.DrawFn) -> tuple[str, str, str]:
    """A profile's text, what becomes a course, and what becomes of enrolments that left the roster."""
    basis = draw(st.sampled_from(["group", "group", "subject"]))
    gone = draw(st.sampled_from(["suspend", "suspend", "unenrol", "suspend-without-roles", "keep"]))
    course = draw(st.sampled_from(["hide", "hide", "archive", "leave"]))
    number = draw(st.sampled_from(["ask", "number"]))
    parts = draw(st.sets(st.sampled_from(sorted(PARTS))))
    text = f"basis: {basis}\nusers: {{taken_username: {number}}}\n"
    text += f"courses: {{gone: {course}}}\nenrolments: {{gone: {gone}}}\n"
    return text + "".join(PARTS[part] for part in sorted(parts)), basis, gone


class AnyDay(RuleBasedStateMachine):
    """One school, one Moodle, and days on which anything happens.

    Args:
        site: the sandbox.
        killer: who kills processes.
    """

    def __init__(self, site: Running, killer: Killer) -> None:
        super().__init__()
        self.site = site
        self.killer = killer
        self.stack = ExitStack()
        self.by_hand: set[str] = set()
        self.planned: Planned | None = None
        self.gone = self.basis = ""
        self.touched = self.unseen = False
        self.said: list[MatriculaError] = []

    @initialize(profile=profiles())
    def open(self, profile: tuple[str, str, str]) -> None:
        self.site.sandbox.reset()
        place = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        text, self.basis, self.gone = profile
        self.school = TinySchool(place / "csv")
        self.school.write()
        self.home = Home.make(place / "home")
        self.home.load(DOCUMENTS.format(url=self.site.url, folder=place / "csv", patience=60) + text, "test", place)
        self.home.keep_token("moodle", self.site.tokens["admin"])
        self.hub = Hub(self.home)
        self.people = Moodle(self.site.url, self.site.tokens["admin"], callers=1)
        self.hands = ByHand(self.people, self._key_of)
        self.hands.do("make-account", lambda found: found[0])
        self.calls = self._writes()

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.home.store.close()
            self.people.close()
        self.stack.close()

    # --- what happens --------------------------------------------------------------------------------------------

    @rule(acts=st.lists(st.tuples(st.sampled_from(CHANGES), PICK), min_size=1, max_size=4))
    def the_roster_changes(self, acts: list[tuple[str, int]]) -> None:
        for act, pick in acts:
            self.school.change(act, pick)

    @rule(acts=st.lists(st.tuples(st.sampled_from(ACTS), PICK), min_size=1, max_size=2))
    def somebody_works_in_moodle(self, acts: list[tuple[str, int]]) -> None:
        before = self._writes()
        for act, pick in acts:
            self.by_hand |= self.hands.do(act, lambda found, pick=pick: found[pick % len(found)])
        self.touched = self.unseen = True
        self.calls = {name: self.calls.get(name, 0) + n - before.get(name, 0) for name, n in self._writes().items()}

    @rule(full=st.booleans(), kill=st.none() | st.none() | st.integers(0, 60))
    def plan(self, full: bool, kill: int | None) -> None:
        self._plan(full, kill)

    @precondition(lambda self: self.planned is not None)
    @rule(
        struck=st.sets(st.sampled_from(FAULTS), max_size=2),
        kill=st.none() | st.integers(0, 80),
        known=st.sampled_from([True, True, True, False]),
    )
    def apply(self, struck: set[str], kill: int | None, known: bool) -> None:
        self._apply(struck, kill, self.planned.words if known else "")

    @precondition(lambda self: self.planned is not None and self._state() in ("ready", "held"))
    @rule()
    def reject(self) -> None:
        self.hub.reject(self.planned.number, "not today")
        with pytest.raises(StopError):
            self.hub.apply(self.planned.number)
        self.planned = None

    @rule(full=st.booleans())
    def settle(self, full: bool) -> None:
        """Plan and apply until nothing is left to do, or only what the site will not take."""
        left: set[tuple[str, ...]] | None = None
        clean = False
        for _ in range(ROUNDS):
            planned = self._plan(full, None)
            changes = set(planned.changes.select("kind", "action", "key").rows())
            # What hands did may meet the eye later: an ordinary plan looks at a share of the site, and an edit of a
            # record that has just come back is put back by the plan after.
            told = planned.changes.filter(~pl.col("reason").str.contains("put back"))["key"]
            assert not (clean and told.len() and (full or not self.unseen)), f"nothing was left, and now {changes}"
            if not changes:
                self._all_is_settled(full)
                return
            applied = self._apply(set(), None, planned.words)
            assert applied is not None
            clean = applied.left == 0
            if left is not None and changes == left and not clean:
                self._problems_are_told()
                return
            left = changes
        raise AssertionError(f"after {ROUNDS} rounds there is still left: {left}")

    def _all_is_settled(self, full: bool) -> None:
        unsure = self.planned.findings or self.school.missing or self.school.unreadable() or self.school.empty
        if full and not unsure:
            # Who is disabled and has no account any more gets none: the ledger keeps what it knew of them.
            self.by_hand = {key for key in self.by_hand if self._is_disabled(key.split("\t")[0])}
            self.unseen = False
        self._nothing_disagrees()
        if not self.touched and not unsure:
            self._site_is_as_the_roster()

    def _site_is_as_the_roster(self) -> None:
        """Whatever the days before were like, of a site that nobody touched by hand."""
        state = self.site.state
        active = "SELECT idnumber FROM user WHERE suspended = 0 AND deleted = 0 AND idnumber <> ''"
        enabled = {key for key, user in self.school.users.items() if user["enabledUser"] == "true"}
        with state.lock:
            seen = {row["idnumber"] for row in state.all(active)}
            places = state.all(
                "SELECT p.idnumber AS user, c.idnumber AS course, r.shortname AS role FROM user_enrolments u "
                "JOIN enrol e ON e.id = u.enrolid JOIN course c ON c.id = e.courseid JOIN user p ON p.id = u.userid "
                "JOIN context x ON x.level = 50 AND x.instanceid = c.id "
                "JOIN role_assignments a ON a.contextid = x.id AND a.userid = p.id AND a.component = '' "
                "JOIN role r ON r.id = a.roleid WHERE e.enrol = 'manual' AND u.status = 0"
            )
        assert seen == enabled
        if self.gone == "keep" or self.basis != "group":
            return
        roles = {"student": "student", "teacher": "editingteacher"}
        # Who was disabled from the first has no account, and who was disabled later keeps their places.
        wanted = {(*place, roles[self.school.places[place]]) for place in self.school.standing() if place[0] in enabled}
        assert {(row["user"], row["course"], row["role"]) for row in places if row["user"] in enabled} == wanted

    def _problems_are_told(self) -> None:
        problems = self.home.store.problems.all("default")
        assert problems
        assert all(problem.reason for problem in problems)

    # --- doing it ------------------------------------------------------------------------------------------------

    def _plan(self, full: bool, kill: int | None) -> Planned | None:
        self.school.write()
        before = self._writes()
        planned = self._alive(lambda: self.hub.plan("default", full=full), kill)
        assert self._writes() == before, "planning wrote to the site"
        if planned is None:
            return None
        self.planned = planned
        self._absence_is_no_order(planned)
        assert all(finding.remedy for finding in planned.findings), planned.findings
        return planned

    def _apply(self, struck: set[str], kill: int | None, words: str) -> Applied | None:
        number, before, calls = self.planned.number, accounts_and_places(self.site.state), self._writes()
        chances = {name: {"chance": 0.15 if name in struck else 0} for name in FAULTS}
        self.site.faults.set(**chances)
        held = self._state() == "held" and words != self.planned.words
        try:
            applied = self._alive(lambda: self.hub.apply(number, words), kill)
        finally:
            self.site.faults.set(**{name: {"chance": 0} for name in FAULTS})
        assert not (held and applied)
        assert not (held and self._writes() != calls), "a held plan was written"
        found = touched(self.home.store, before, accounts_and_places(self.site.state))
        assert not found, found
        self._only_gentle_calls(calls)
        self.calls = self._writes()
        if applied is not None:
            self._nothing_disagrees()
        return applied

    def _alive(self, act: Callable[[], Any], kill: int | None) -> Any:
        """What an act gives; None where it was killed or broke off and said what to do."""
        try:
            with self.killer.after(kill):
                return act()
        except KilledError:
            self._start_anew()
        except MatriculaError as error:
            self.said.append(error)
        return None

    def _start_anew(self) -> None:
        self.killer.reborn()
        folder = self.home.folder
        self.home.store.close()
        self.home = Home(folder)
        self.hub = Hub(self.home)
        latest = self.home.store.plans.latest("default")
        if latest is not None and (self.planned is None or latest.number != self.planned.number):
            self.planned = None

    # --- what always holds -----------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_written_unseen(self) -> None:
        if hasattr(self, "home"):
            assert self._writes() == self.calls

    @invariant()
    def every_refusal_says_what_to_do(self) -> None:
        assert all(isinstance(error, WaitError | StopError) and error.remedy for error in self.said), self.said

    @invariant()
    def nothing_is_there_twice(self) -> None:
        if hasattr(self, "home"):
            assert list(doubled(self.site.state)) == []

    def _nothing_disagrees(self) -> None:
        found = faults(self.home.store, self.site.state, by_hand=self.by_hand)
        assert not found, found

    def _absence_is_no_order(self, planned: Planned) -> None:
        removed = planned.changes.filter("removes")
        untouchable = set().union(*(RESTS_ON.get(table, set()) for table in self.school.missing))
        taken = removed.filter(pl.col("kind").is_in(untouchable), pl.col("reason").str.contains("no longer"))
        assert not taken.height, f"{self.school.missing} missing, and yet {taken.rows()}"
        unreadable = [set(key.split("-")) for key in self.school.unreadable()]
        for row in removed.filter(pl.col("reason").str.contains("no longer")).iter_rows(named=True):
            parts = set(row["key"].split("\t"))
            assert not any(key <= parts for key in unreadable), f"{row['key']} was unreadable, and is to be removed"
        if self.school.empty and removed.height:
            assert planned.record.state == "held", removed.rows()

    def _only_gentle_calls(self, before: dict[str, int]) -> None:
        called = {name for name, n in self._writes().items() if n > before.get(name, 0)}
        allowed = {"core_role_unassign_roles"} | ({"enrol_manual_unenrol_users"} if self.gone == "unenrol" else set())
        assert not called & (NEVER_CALLED - allowed)

    # --- looking -------------------------------------------------------------------------------------------------

    def _state(self) -> str:
        return self.home.store.plans.get(self.planned.number).state

    def _writes(self) -> dict[str, int]:
        """Calls by function that write."""
        return {name: n for name, n in self.site.faults.seen()["calls"].items() if "_get_" not in name}

    def _is_disabled(self, key: str) -> bool:
        return self.school.users.get(key, {}).get("enabledUser") == "false"

    def _key_of(self, kind: str, number: int) -> str | None:
        row = self.home.store.ledger.by_moodle_id("default", kind, number)
        return None if row is None else row.key


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    with running(fixture="empty") as site:
        yield site


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.0)
    pause = transport._pause_before_repeating
    monkeypatch.setattr(transport, "_pause_before_repeating", lambda error: 0.001 if pause(error) else False)
    return Killer(monkeypatch)


def run_days(site: Running, killer: Killer, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        lambda: AnyDay(site, killer),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


@pytest.mark.long
def test_whatever_happens_what_always_holds_holds(site: Running, killer: Killer) -> None:
    run_days(site, killer, examples=3, steps=10)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_whatever_happens_for_long_what_always_holds_holds(site: Running, killer: Killer) -> None:
    run_days(site, killer, examples=DAYS, steps=30)
