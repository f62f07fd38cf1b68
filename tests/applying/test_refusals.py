"""One bad row costs one row; a moved ground costs one change; everything else goes through."""

import pytest
from corridor import Corridor, picture

from matricula.errors import HeldError, MatriculaError, SettingError, StopError, WaitError
from matricula.moodle import TokenRefused


def states(corridor: Corridor, run: int) -> dict[str, list[str]]:
    plan = corridor.hub.store.runs.get(run).plan
    names = dict(corridor.hub.store.plans.changes(plan).select("number", "name").iter_rows())
    found: dict[str, list[str]] = {}
    for row in corridor.hub.store.journal.outcomes(run).iter_rows(named=True):
        found.setdefault(row["state"], []).append(names[row["change"]])
    return found


def test_one_user_whom_the_site_refuses_costs_one_user_and_few_calls(corridor: Corridor) -> None:
    corridor.school(students=120)
    planned = corridor.plan()
    users = planned.changes.filter(planned.changes["kind"] == "user")
    guilty = users["name"][40]
    corridor.sandbox.faults.set(refuse_users=[users["key"][40]])
    before = corridor.sandbox.faults.seen()["calls"].get("core_user_create_users", 0)
    applied = corridor.hub.apply(planned.number)
    calls = corridor.sandbox.faults.seen()["calls"]["core_user_create_users"] - before
    found = states(corridor, applied.run)
    assert found["refused"] == [guilty]
    assert all(guilty in name for name in found["skipped"])
    assert calls <= 4 + 2 * 8 * 4
    assert len(picture(corridor.url, corridor.token)["users"]) == users.height - 1 + 2
    problems = corridor.hub.store.problems.all("default")
    assert guilty in {problem.name for problem in problems}
    assert all(problem.reason for problem in problems)


def test_a_problem_is_closed_when_the_row_goes_through(corridor: Corridor) -> None:
    corridor.school()
    planned = corridor.plan()
    key = planned.changes.filter(planned.changes["kind"] == "user")["key"][3]
    corridor.sandbox.faults.set(refuse_users=[key])
    corridor.hub.apply(planned.number)
    assert corridor.hub.store.problems.all("default")
    corridor.sandbox.faults.set(refuse_users=[])
    planned = corridor.plan()
    assert planned.changes.height > 0
    corridor.hub.apply(planned.number)
    assert corridor.hub.store.problems.all("default") == []
    assert corridor.plan().changes.height == 0


def test_an_account_made_meanwhile_with_the_same_email_is_named(corridor: Corridor) -> None:
    corridor.school()
    planned = corridor.plan()
    users = planned.changes.filter(planned.changes["kind"] == "user")
    wanted = users.filter(users["name"] == users["name"][5])
    email = wanted["after"].str.json_path_match("$.email")[0]
    with corridor.moodle() as moodle:
        moodle.users.create(
            [{"username": "early", "firstname": "Early", "lastname": "Bird", "email": email, "password": "Pass.12345"}]
        )
    applied = corridor.hub.apply(planned.number)
    assert states(corridor, applied.run)["refused"] == [wanted["name"][0]]
    reasons = [problem.reason for problem in corridor.hub.store.problems.all("default") if problem.kind == "user"]
    assert "early" in reasons[0]
    assert email in reasons[0]


def test_a_record_edited_since_the_plan_is_left_and_named(corridor: Corridor) -> None:
    school = corridor.school()
    corridor.hub.apply(corridor.plan().number)
    tomorrow, _ = school.next_day()
    tomorrow.write(corridor.folder)
    planned = corridor.plan()
    renamed = planned.changes.filter((planned.changes["kind"] == "user") & (planned.changes["action"] == "update"))
    with corridor.moodle() as moodle:
        moodle.users.update([{"id": renamed["moodle_id"][0], "lastname": "Somebody-Else"}])
    applied = corridor.hub.apply(planned.number)
    assert states(corridor, applied.run)["stale"] == [renamed["name"][0]]
    assert any("Somebody-Else" in str(row) for row in picture(corridor.url, corridor.token)["users"])
    again = corridor.plan()
    assert again.changes["name"].to_list() == [renamed["name"][0]]
    assert "Somebody-Else" in again.changes["before"][0]


def test_an_enrolment_made_by_hand_since_the_plan_is_not_doubled_or_claimed(corridor: Corridor) -> None:
    school = corridor.school()
    corridor.hub.apply(corridor.plan().number)
    tomorrow, _ = school.next_day()
    tomorrow.write(corridor.folder)
    planned = corridor.plan()
    old = set(corridor.hub.store.ledger.frame("default", "user")["key"])
    new = planned.changes.filter((planned.changes["kind"] == "enrolment") & (planned.changes["action"] == "create"))
    row = next(row for row in new.iter_rows(named=True) if row["key"].split("\t")[0] in old)
    user, course = row["key"].split("\t")
    ledger = corridor.hub.store.ledger
    with corridor.moodle() as moodle:
        moodle.enrolments.enrol(
            [
                {
                    "roleid": 4,
                    "userid": ledger.get("default", "user", user).moodle_id,
                    "courseid": ledger.get("default", "course", course).moodle_id,
                }
            ]
        )
    applied = corridor.hub.apply(planned.number)
    assert states(corridor, applied.run)["stale"] == [row["name"]]


def test_a_held_plan_waits_for_its_very_words(corridor: Corridor) -> None:
    school = corridor.school()
    corridor.hub.apply(corridor.plan().number)
    for name in ("users", "enrollments"):
        file = corridor.folder / f"{name}.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    planned = corridor.plan()
    assert planned.record.state == "held"
    before = picture(corridor.url, corridor.token)
    with pytest.raises(HeldError, match=f"matricula apply {planned.number} --release") as held:
        corridor.hub.apply(planned.number)
    assert planned.words in str(held.value)
    with pytest.raises(HeldError):
        corridor.hub.apply(planned.number, "yes")
    assert picture(corridor.url, corridor.token) == before
    assert corridor.hub.apply(planned.number, planned.words).left == 0
    school.write(corridor.folder)
    corridor.hub.apply(corridor.plan().number)
    assert picture(corridor.url, corridor.token)["users"] != []


def test_an_empty_delivery_is_held(corridor: Corridor) -> None:
    corridor.school()
    corridor.hub.apply(corridor.plan().number)
    for file in corridor.folder.glob("*.csv"):
        if file.name != "manifest.csv":
            file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    planned = corridor.plan()
    assert planned.record.state == "held"
    assert "empty delivery" in planned.words


def test_an_altered_plan_is_refused(corridor: Corridor) -> None:
    corridor.school()
    planned = corridor.plan()
    with corridor.hub.store.begin() as connection:
        connection.exec_driver_sql("UPDATE change SET name = 'Another' WHERE number = 1")
    with pytest.raises(StopError, match="not as it was stored"):
        corridor.hub.apply(planned.number)


def test_a_plan_is_applied_once_and_outdates_older_ones(corridor: Corridor) -> None:
    corridor.school()
    older, newer = corridor.plan(), corridor.plan()
    corridor.hub.apply(newer.number)
    with pytest.raises(StopError, match="applied already"):
        corridor.hub.apply(newer.number)
    with pytest.raises(StopError, match="superseded"):
        corridor.hub.apply(older.number)


def test_maintenance_stops_a_run_which_goes_on_when_it_is_over(tmp_path, corridor: Corridor) -> None:
    with Corridor.open(tmp_path / "hasty", corridor.url, corridor.token, corridor.sandbox, patience=0) as hasty:
        hasty.school()
        planned = hasty.plan()
        hasty.sandbox.faults.set(maintenance=True)
        with pytest.raises(WaitError):
            hasty.hub.apply(planned.number)
        hasty.sandbox.faults.set(maintenance=False)
        assert hasty.hub.apply(planned.number).left == 0
        assert hasty.plan().changes.height == 0


def test_a_token_that_expires_in_mid_run_stops_it_and_a_new_one_goes_on(corridor: Corridor) -> None:
    corridor.school(students=240)
    planned = corridor.plan()
    corridor.sandbox.faults.set(token_calls=6)
    with pytest.raises(SettingError) as stopped:
        corridor.hub.apply(planned.number)
    assert isinstance(stopped.value, TokenRefused) or "token" in str(stopped.value)
    corridor.sandbox.faults.set(token_calls=-1)
    corridor.hub.apply(planned.number)
    assert corridor.plan().changes.height == 0


@pytest.mark.parametrize(
    "function",
    [
        "core_user_create_users",
        pytest.param("core_course_create_courses", marks=pytest.mark.long),
        pytest.param("enrol_manual_enrol_users", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "bad_gateway", "deadlock"])
def test_a_lost_answer_neither_loses_nor_doubles(corridor: Corridor, function: str, fault: str) -> None:
    corridor.school()
    planned = corridor.plan()
    corridor.sandbox.faults.set(**{fault: {"times": 2, "function": function}})
    applied = corridor.hub.apply(planned.number)
    assert applied.states == {"done": planned.changes.height}
    assert corridor.sandbox.faults.seen()["struck"][fault] >= 1
    seen = picture(corridor.url, corridor.token)
    made = planned.record.summary["counts"]
    assert len(seen["users"]) == made["user"]["create"] + 2
    assert len(seen["courses"]) == made["course"]["create"]
    assert len(seen["enrolments"]) == made["enrolment"]["create"]
    assert corridor.plan().changes.height == 0


def test_batches_stay_inside_a_small_form_and_parallel_calls_share_no_user(corridor: Corridor) -> None:
    corridor.sandbox.faults.set(max_input_vars=300, share_deadlock=True, latency_ms=5)
    corridor.school(students=120)
    planned = corridor.plan()
    assert corridor.hub.apply(planned.number).left == 0
    seen = corridor.sandbox.faults.seen()
    assert seen["deadlocks"] == 0
    assert (
        len(picture(corridor.url, corridor.token)["enrolments"])
        == planned.record.summary["counts"]["enrolment"]["create"]
    )


def test_two_runs_never_meet(corridor: Corridor) -> None:
    corridor.school()
    planned, second = corridor.plan(), corridor.plan()
    corridor.hub.store.runs.start(planned.number, "default", "moodle", "somebody")
    with pytest.raises(MatriculaError, match="Another run is writing"):
        corridor.hub.apply(second.number)
