"""Previews of rosters carried out on a tool that is served."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tool_roster_desk import PEOPLE, Desk

from matricula.errors import SettingError, UsageError, WaitError
from matricula.sandbox.tools import ToolFaults, running_tool
from matricula.store import Store
from matricula.tools import ToolSettings, ToolSurroundings, applying, open_tool
from matricula.tools.inviting import Invitations
from matricula.tools.people import LocalPerson
from matricula.tools.roster import RosterRules

ANN = LocalPerson(11, "ann@school.example", "Ann", "Lee", "A1", "7a")
_COURSES = count()
BO = LocalPerson(12, "bo@school.example", "Bo", "Ray")
CY = LocalPerson(13, "cy@school.example", "Cy", "Dee")


@pytest.fixture(scope="module")
def served():
    with running_tool(faults=ToolFaults(retry_after=0)) as running:
        tool_settings = ToolSettings("kura", "kuracloud", running.url, timeout=5)
        with open_tool(tool_settings, ToolSurroundings(lambda: running.token)) as tool:
            yield running, tool


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("state") / "matricula.db") as store:
        yield store


@pytest.fixture
def made(served, state):
    running, tool = served
    for name, value in ToolFaults(retry_after=0).as_json().items():
        running.faults.set(**{name: value})

    def desk(rules=None, invitations=None):
        course = running.state.add_course("Biology", enabled=True)
        mapping = state.tools.map("kura", str(course), "Biology", "moodle", course, "Biology 7a", "me")
        return Desk(state, running, tool, mapping, rules or RosterRules(tool.abilities), invitations)

    return desk


def states(applied):
    return [state for state, _ in applied.outcomes.values()]


def test_a_preview_writes_nothing_and_is_carried_out_as_shown(made):
    desk = made()
    preview = desk.preview([ANN, BO])
    assert (desk.emails(), desk.store.tools.students("kura", desk.mapping.remote)) == ([], {})
    assert states(desk.apply(preview)) == ["done", "done"]
    assert desk.emails() == [ANN.email, BO.email]
    known = desk.store.tools.students("kura", desk.mapping.remote)
    assert sorted(each.user for each in known.values()) == [11, 12]
    assert desk.preview([ANN, BO]).changes == ()


def test_an_applied_or_superseded_preview_is_not_applied(made):
    desk = made()
    older, newer = desk.preview([ANN]), desk.preview([ANN])
    with pytest.raises(UsageError) as met:
        desk.apply(older)
    assert met.value.code == "preview-superseded"
    desk.apply(newer)
    with pytest.raises(UsageError) as met:
        desk.apply(newer)
    assert (met.value.code, desk.invited()) == ("preview-applied", [ANN.email])


def test_what_changed_in_the_tool_meanwhile_is_left(made):
    desk = made()
    desk.apply(desk.preview([ANN, BO]))
    preview = desk.preview([replace(ANN, family="Li"), CY])
    ann, bo = (each for each in desk.running.state.students(desk.course))
    desk.running.state.edit(desk.course, [ann | {"section": "9z"}])
    desk.running.state.delete(desk.course, [{"studentId": bo["studentId"]}])
    desk.running.state.add(desk.course, [{"email": CY.email}])
    applied = desk.apply(preview)
    assert states(applied) == ["stale", "stale", "stale"]
    assert desk.running.state.students(desk.course)[0]["familyName"] == "Lee"


def test_nobody_is_deleted_who_could_not_be_invited_again(made):
    desk = made(RosterRules(made().tool.abilities, changed_email="invite-again"))
    desk.apply(desk.preview([ANN]))
    moved = replace(ANN, email="refused@school.example")
    desk.running.faults.set(refuse_emails=[moved.email])
    assert states(desk.apply(desk.preview([moved]))) == ["refused", "skipped"]
    assert desk.emails() == [ANN.email]
    desk.running.faults.set(refuse_emails=[])
    assert states(desk.apply(desk.preview([moved]))) == ["done", "done"]
    assert (desk.emails(), desk.emails(deleted=True)) == ([moved.email], [ANN.email])
    assert desk.preview([moved]).changes == ()


@pytest.mark.parametrize("fault", ["drop_after", "half_answer", "null_answer"])
def test_an_add_without_an_answer_is_settled_by_reading(made, fault):
    desk = made()
    desk.running.faults.set(**{fault: {"times": 1, "function": "student.add"}})
    assert states(desk.apply(desk.preview([ANN, BO]))) == ["done", "done"]
    assert desk.invited() == [ANN.email, BO.email]
    assert desk.preview([ANN, BO]).changes == ()


def test_an_add_that_never_arrived_is_told_and_not_sent_again(made):
    desk = made()
    desk.running.faults.set(drop_before={"times": 1, "function": "student.add"})
    assert states(desk.apply(desk.preview([ANN]))) == ["refused"]
    assert desk.invited() == []
    assert states(desk.apply(desk.preview([ANN]))) == ["done"]


def test_an_application_that_broke_off_is_gone_on_with(made):
    desk = made()
    desk.running.faults.set(html={"times": 1, "function": "student.add"})
    preview = desk.preview([ANN, BO])
    with pytest.raises(SettingError):
        desk.apply(preview)
    assert [each.state for each in desk.store.tool_previews.outcomes(preview.id).values()] == ["sent", "sent"]
    assert states(desk.apply(preview)) == ["done", "done"]
    assert desk.invited() == [ANN.email, BO.email]


class KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["add", "restore", "edit", "delete"])
def test_killed_anywhere_nobody_is_invited_twice_and_all_is_done(made, monkeypatch, call, moment):
    desk = made()
    desk.apply(desk.preview([ANN, BO, CY]))
    desk.apply(desk.preview([ANN, CY]))
    wanted = [replace(ANN, family="Li"), BO, replace(ANN, user=21, email="dan@school.example")]
    preview = desk.preview(wanted)
    real = getattr(type(desk.tool), call)

    def killed(self, course, rows):
        if moment == "after":
            real(self, course, rows)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.tool), call, killed)
        with pytest.raises(KilledError):
            desk.apply(preview)
    assert set(states(desk.apply(preview))) == {"done"}
    assert desk.emails() == [ANN.email, BO.email, "dan@school.example"]
    assert desk.invited() == sorted([ANN.email, BO.email, CY.email, "dan@school.example"])
    assert desk.preview(wanted).changes == ()


@pytest.fixture
def mailing(made, served):
    """A desk of which Matricula sends the invitations, because the tool sends none."""
    running, tool = served
    running.state.invites = False
    course = f"Biology {next(_COURSES)}"
    yield made(RosterRules(tool.abilities, mails=True), Invitations("Brook School", course, "https://app.example/in"))
    running.state.invites = True


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_anywhere_everybody_is_invited_by_mail_just_once(mailing, monkeypatch, moment):
    desk = mailing
    first = desk.preview([ANN, BO])
    assert [(each["mailed"], each["invites"]) for each in first.changes] == [(True, False)] * 2
    desk.running.faults.set(refuse_emails=[BO.email])
    desk.apply(first)
    assert desk.mailed() == [ANN.email], "whom the tool refuses is not invited"
    desk.running.faults.set(refuse_emails=[])
    second = desk.preview([ANN, BO, CY])
    real = type(desk.tool).add

    def killed(self, course, rows):
        if moment == "after":
            real(self, course, rows)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.tool), "add", killed)
        with pytest.raises(KilledError):
            desk.apply(second)
    assert desk.mailed() == [ANN.email]
    assert states(desk.apply(second)) == ["done", "done"]
    assert desk.mailed() == [ANN.email, BO.email, CY.email]
    assert desk.invited() == []


def test_whoever_is_brought_back_is_invited_by_mail_again(mailing):
    desk = mailing
    desk.apply(desk.preview([ANN]))
    desk.apply(desk.preview([]))
    desk.apply(desk.preview([ANN]))
    assert desk.mailed() == [ANN.email] * 2
    desk.apply(desk.preview([replace(ANN, family="Li")]))
    assert desk.mailed() == [ANN.email] * 2, "a changed name is no invitation"


def test_an_outcome_and_its_invitation_are_kept_together_or_not_at_all(mailing, monkeypatch):
    desk = mailing
    preview = desk.preview([ANN])
    with monkeypatch.context() as patched:
        patched.setattr(type(desk.store.sendings), "add", lambda *_, **__: (_ for _ in ()).throw(KilledError))
        with pytest.raises(KilledError):
            desk.apply(preview)
    assert [each.state for each in desk.store.tool_previews.outcomes(preview.id).values()] == ["sent"]
    assert states(desk.apply(preview)) == ["done"]
    assert desk.mailed() == [ANN.email]


def test_after_a_process_was_killed_another_waits_and_then_settles(made, monkeypatch):
    desk = made()
    preview = desk.preview([ANN, BO])
    real = type(desk.tool).add

    def killed(self, course, rows):
        real(self, course, rows[:1])
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.tool), "add", killed)
        patched.setattr(type(desk.store.tool_previews), "rest", lambda *_: None)  # nothing is tidied up
        with pytest.raises(KilledError):
            desk.apply(preview)
    with pytest.raises(WaitError):
        desk.apply(preview)
    monkeypatch.setattr(applying, "SILENT", timedelta(0))
    assert states(desk.apply(preview)) == ["done", "done"]
    assert desk.invited() == [ANN.email, BO.email]
    assert desk.preview([ANN, BO]).changes == ()


def test_a_preview_at_work_is_not_applied_a_second_time(made):
    desk = made()
    preview = desk.preview([ANN])
    assert desk.store.tool_previews.begin(preview.id, "somebody", before=datetime.now(UTC) - timedelta(minutes=15))
    with pytest.raises(WaitError) as met:
        desk.apply(preview)
    assert (met.value.code, desk.invited()) == ("preview-busy", [])


def test_many_students_go_in_parts(made, monkeypatch):
    desk = made()
    monkeypatch.setattr(type(desk.tool), "abilities", replace(desk.tool.abilities, at_once=3))
    before = desk.running.faults.calls["student.add"]
    people = [replace(ANN, user=each, email=f"p{each}@school.example") for each in range(1, 9)]
    assert states(desk.apply(desk.preview(people))) == ["done"] * 8
    assert desk.running.faults.calls["student.add"] - before == 3


@given(
    courses=st.lists(PEOPLE, min_size=1, max_size=3),
    shuffle=st.randoms(use_true_random=False),
    suspended=st.sampled_from(["send", "leave", "delete"]),
    changed=st.sampled_from(["change", "invite-again"]),
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_a_preview_is_applied_the_next_one_is_empty(made, courses, shuffle, suspended, changed):
    desk = made(RosterRules(made().tool.abilities, suspended, changed))
    for people in courses:
        preview = desk.preview(people)
        applied = desk.apply(preview)
        again = desk.preview(shuffle.sample(people, len(people)))
        named = {each["code"] for each in preview.findings}
        if (
            "tool-email-of-another" not in named
            and "tool-two-students" not in named
            and set(states(applied)) <= {"done"}
        ):
            assert again.changes == ()
            assert [each["code"] for each in again.findings if each["code"] != "tool-nobody"] == [
                each["code"] for each in preview.findings if each["code"] != "tool-nobody"
            ]
        assert len(set(desk.invited())) == len(desk.invited())
