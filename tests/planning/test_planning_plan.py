"""What holds for every plan: it writes nothing, is the same for the same roster, and empty once applied."""

import tempfile
from pathlib import Path

import polars as pl
import pytest
from desk import Desk, codes, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import Roster, people, profile, roster, rosters, shuffled

from matricula.planning import ACTIONS, KINDS, checksum, counts_of, make_plan, read_changes
from matricula.profiles import desire
from matricula.sandbox import Running

SCHOOL = roster(
    **people(*[{"givenName": name} for name in ("Cleo", "Abe", "Bea")], {"role": "teacher"}),
    classes=[{}, {"sourcedId": "c2", "classCode": "B", "schoolSourcedId": None}],
    enrollments=[
        {"sourcedId": f"e{n}", "userSourcedId": user, "classSourcedId": each, "role": role}
        for n, (user, each, role) in enumerate(
            [("u1", "c1", "student"), ("u2", "c1", "student"), ("u3", "c2", "student"), ("u4", "c1", "teacher")]
        )
    ],
)


def test_a_plan_only_reads(desk: Desk):
    desk.plan(SCHOOL)
    assert desk.written() == []
    desk.run(SCHOOL)
    desk.sandbox.faults.clear()
    desk.plan(roster(), full=True)
    assert desk.written() == []
    assert desk.sandbox.faults.seen()["total"] > 0


def test_changes_are_numbered_by_kind_action_and_name(desk: Desk):
    changes = desk.plan(SCHOOL).changes
    assert changes["number"].to_list() == list(range(1, changes.height + 1))
    assert list(changes["kind"].unique(maintain_order=True)) == [
        kind for kind in KINDS if kind in ("category", "user", "course", "enrolment")
    ]
    assert changes.filter(pl.col("kind") == "user")["name"].to_list() == ["Abe Lee", "Ann Lee", "Bea Lee", "Cleo Lee"]


def test_numbers_and_seal_do_not_depend_on_the_order_of_rows(desk: Desk):
    drafts = [desk.plan(SCHOOL), desk.plan(shuffled(SCHOOL, 1)), desk.plan(shuffled(SCHOOL, 2))]
    assert len({draft.checksum for draft in drafts}) == 1
    assert drafts[0].changes.equals(drafts[1].changes)


def test_the_seal_is_over_every_column(desk: Desk):
    changes = desk.plan(SCHOOL).changes
    for column in changes.columns:
        altered = changes.with_columns(pl.lit(None, changes.schema[column]).alias(column))
        assert altered.equals(changes) or checksum(altered) != checksum(changes), column


def test_counts_are_by_kind_and_action(desk: Desk):
    draft = desk.plan(SCHOOL)
    assert draft.counts["user"] == {"create": 4}
    assert draft.counts["enrolment"] == {"create": 4}
    assert counts_of(draft.changes.clear()) == {}


def test_a_second_plan_is_empty(desk: Desk):
    desk.run(SCHOOL)
    draft = desk.plan(shuffled(SCHOOL, 3))
    assert told(draft) == []
    assert draft.held == ()
    assert told(desk.plan(SCHOOL, full=True)) == []


def test_a_plan_in_which_nothing_changed_asks_for_the_newest_records_alone(desk: Desk):
    desk.run(SCHOOL)
    desk.sandbox.faults.clear()
    desk.plan(SCHOOL)
    assert desk.sandbox.faults.seen()["total"] == 2


def test_findings_of_roster_profile_and_site_come_together(desk: Desk):
    desk.user(username="other", email="user2@school.example")
    found = ()
    ground = desk.ground()
    draft = make_plan(ground, desire(SCHOOL, profile()), found)
    assert codes(draft) == ["course-unsorted", "email-taken"]


def test_changes_are_read_back_as_they_were_planned(desk: Desk):
    changes = read_changes(desk.plan(SCHOOL).changes)
    assert {change.action for change in changes} <= set(ACTIONS)
    (cleo,) = [change for change in changes if change.name == "Cleo Lee"]
    assert cleo.after["username"] == "user1"
    assert cleo.place == "users.csv line 2"
    assert cleo.reason == "new in the roster"


DAYS = {"start": "{enrolment.beginDate}", "end": {"value": "{enrolment.endDate}", "not_for": ["teacher"]}}


@pytest.mark.long
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=rosters(),
    second=rosters(),
    match=st.sampled_from(["username", "email", "idnumber"]),
    by_hand=st.booleans(),
    days=st.sampled_from([{}, DAYS]),
    gone=st.sampled_from(["keep", "suspend", "suspend-without-roles", "unenrol"]),
    basis=st.sampled_from(["group", "subject", "group-subject"]),
)
def test_planning_again_after_applying_gives_an_empty_plan(
    site: Running, first: Roster, second: Roster, match: str, by_hand: bool, days: dict, gone: str, basis: str
):
    site.sandbox.reset()
    with tempfile.TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        desk.parts = {"users": {"match": match}, "enrolments": {"gone": gone, **days}, "basis": basis}
        if by_hand:
            desk.user(username="a", email="a@b.ch", idnumber="a")
            desk.course(idnumber="a", shortname="A")
        for made in (first, second, first):
            draft = desk.plan(made)
            # A name or address that the plan itself sets free is given to whom it was kept from by the next one.
            freed = {each.sourced_id for each in draft.findings if each.code in ("username-taken", "email-taken")}
            refused = desk.refused(draft)
            for again in (desk.plan(shuffled(made, 5)), desk.plan(made, full=True)):
                later = {row for row in told(again) if row[2].split("\t")[0] in freed}
                assert set(told(again)) - later <= refused
