"""Plans and applies rosters without hub, files and command line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from rosters import profile, roster

from matricula.applying import Applied, Silent, apply_plan, recover
from matricula.applying.progress import StopAsked
from matricula.moodle import Moodle
from matricula.planning import Draft, Ground, make_plan
from matricula.planning.ground import Unclear
from matricula.planning.passwords import password_of
from matricula.planning.watch import Edit, Watch
from matricula.profiles import Site, desire
from matricula.store import PlanRecord, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matricula.roster import Roster
    from matricula.sandbox import Running

WRITING = ("create", "update", "delete", "enrol_users", "assign_roles")


class Desk:
    """Everything that a plan stands on.

    Args:
        store: the state.
        moodle: a client of the site.
        sandbox: the site.
    """

    def __init__(self, store: Store, moodle: Moodle, sandbox: Running) -> None:
        self.store = store
        self.moodle = moodle
        self.sandbox = sandbox
        self.never_touch = ("admin", "guest")
        self.parts: dict[str, Any] = {}
        self.decisions: dict[str, str] = {}
        self.reaffirmed: frozenset[str] = frozenset()
        self.adopt = False
        self.unclear: list[Unclear] = []
        self.shares: frozenset[int] = frozenset()
        self.known: list[Edit] = []
        self.edits: list[Edit] = []
        self.number = 0

    @classmethod
    @contextmanager
    def open(cls, place: Path, sandbox: Running) -> Iterator[Desk]:
        with Store.open(place / "state.db") as store, Moodle(sandbox.url, sandbox.tokens["admin"], callers=2) as moodle:
            yield cls(store, moodle, sandbox)

    def ground(self, *, full: bool = False, restore: bool = False) -> Ground:
        site = Site(name="moodle", url=self.sandbox.url, never_touch=self.never_touch)
        return Ground(
            moodle=self.moodle,
            site=site,
            profile=profile(**self.parts),
            read_ledger=lambda kind: self.store.ledger.frame("default", kind),
            full=full,
            adopt=self.adopt,
            restore=restore,
            watch=Watch(self.shares, {edit.place: edit for edit in self.known}),
            decisions=self.decisions,
            reaffirmed=self.reaffirmed,
            password_of=password_of(b"secret", "moodle", "default"),
        )

    def plan(self, made: Roster | None = None, *, full: bool = False, restore: bool = False, **parts: Any) -> Draft:
        """A plan by the profile's parts, which stay in force."""
        self.parts |= parts
        ground = self.ground(full=full, restore=restore)
        draft = make_plan(ground, desire(made or roster(), ground.profile), ())
        self.unclear, self.edits = ground.unclear, ground.watch.edits
        return draft

    def apply(self, draft: Draft) -> Applied:
        """Carry a plan out whether or not it is held."""
        record = PlanRecord(
            number=None,
            profile="default",
            site="moodle",
            source="test",
            created_at=datetime.now(UTC),
            state="ready",
            checksum=draft.checksum,
            summary={},
            held=[],
        )
        self.number = self.store.plans.add(record, draft.changes, ())
        return self.go_on()

    def go_on(self) -> Applied:
        """Carry out what is left of the plan that was applied last, as after a run that was broken off."""
        recover(self.store, "moodle", lambda _: self.ground())
        run = self.store.runs.start(self.number, "default", "moodle", "test")
        return apply_plan(self.store, self.ground(), run, self.store.plans.changes(self.number), Silent(), StopAsked())

    def run(self, made: Roster | None = None, **parts: Any) -> Draft:
        """Plan and apply; everything must go through."""
        draft = self.plan(made, **parts)
        applied = self.apply(draft)
        assert applied.left == 0, applied.states
        return draft

    def refused(self, draft: Draft) -> set[tuple[str, ...]]:
        """Plan and apply; what the site refused is only what another record has, and what refers to that."""
        applied = self.apply(draft)
        outcomes = self.store.journal.outcomes(applied.run).filter(pl.col("state") != "done")
        for reason in outcomes["reason"]:
            assert "belongs to the " in reason or "could not be made" in reason, reason
        rows = draft.changes.join(outcomes, left_on="number", right_on="change")
        return set(rows.select("kind", "action", "key").rows())

    def user(self, **fields: Any) -> int:
        """Make an account by hand."""
        row = {"username": "ann", "firstname": "Ann", "lastname": "Lee", "email": "ann@school.example"}
        (made,) = self.moodle.users.create([row | {"password": "Secret-123"} | fields])
        return made.id

    def course(self, **fields: Any) -> int:
        """Make a course by hand."""
        row = {"fullname": "English", "shortname": "ENG-9 2026/27", "categoryid": 1}
        (made,) = self.moodle.courses.create([row | fields])
        return made.id

    def account(self, username: str = "ann") -> Any:
        (found,) = self.moodle.users.find("username", [username])
        return found

    def course_of(self, key: str = "c1") -> Any:
        (found,) = self.moodle.courses.find("idnumber", key)
        return found

    def members(self, key: str = "c1") -> dict[str, tuple[tuple[str, ...], bool]]:
        """Roles and suspension of who is in a course, by user name."""
        users = {user.id: user.username for user in self.moodle.users.all()}
        return {
            users[seen.user_id]: (tuple(sorted(role.shortname for role in seen.roles)), seen.suspended)
            for seen in self.moodle.enrolments.of_courses([self.course_of(key).id])
        }

    def written(self) -> list[str]:
        """The writing functions that the site has been called with."""
        return [name for name in self.sandbox.faults.seen()["calls"] if any(word in name for word in WRITING)]


def told(draft: Draft, kind: str | None = None) -> list[tuple[str, ...]]:
    """Action and key of every change, with its kind before where not one is asked for."""
    rows = draft.changes.select("kind", "action", "key").rows()
    return [row if kind is None else row[1:] for row in rows if kind in (None, row[0])]


def change(draft: Draft, kind: str, key: str | None = None) -> dict[str, Any]:
    """The one change of a kind (of a record), its JSON read."""
    rows = [row for row in draft.changes.iter_rows(named=True) if row["kind"] == kind and key in (None, row["key"])]
    assert len(rows) == 1, rows
    return rows[0] | {name: json.loads(rows[0][name] or "{}") for name in ("before", "after", "written")}


def codes(draft: Draft) -> list[str]:
    return sorted(finding.code for finding in draft.findings)
