"""The main job at the command line: init, check, plan, apply, a second day, and what machines read of it."""

from collections.abc import Callable
from pathlib import Path

from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.school import School


def test_the_job_from_an_empty_moodle_to_an_empty_plan(
    ready: Desk, school: School, deliver: Callable[[School], None]
) -> None:
    checked = ready("check")
    assert checked.status == 0
    assert "Ready." in checked.out
    planned = ready("plan")
    assert planned.status == 0
    people = len(school.students) + len(school.staff)
    assert f"create {people} users" in planned.out
    assert "matricula apply 1" in planned.out
    assert max(map(len, planned.out.splitlines())) <= 80
    applied = ready("apply", 1)
    assert applied.status == 0
    assert "Plan 1 is applied" in applied.out
    tomorrow, story = school.next_day()
    deliver(tomorrow)
    second = ready("plan")
    leaver = next(name for name in story if "left the school" in name).split(" (")[0]
    assert "suspend 1 user" in second.out
    assert leaver in second.out
    assert ready("apply", 2).status == 0
    assert "Nothing to do" in ready("plan").out


def test_run_plans_and_applies(ready: Desk) -> None:
    assert ready("run", "--yes").status == 0
    again = ready("run", "default", "--yes")
    assert again.status == 0
    assert "Nothing to do" in again.out


def test_run_asks_before_it_writes_and_refuses_where_nobody_can_be_asked(ready: Desk, site: Running) -> None:
    told = ready("run")
    assert told.status == 2
    assert "--yes" in told.err
    assert site.faults.calls["core_user_create_users"] == 0


def test_json_of_plan_apply_run_and_history(ready: Desk, school: School) -> None:
    plan = ready("plan", "--json").json
    people = len(school.students) + len(school.staff)
    assert plan["plan"] == 1
    assert plan["state"] == "ready"
    assert plan["counts"]["user"] == {"create": people}
    assert plan["changes"] == sum(sum(actions.values()) for actions in plan["counts"].values())
    assert plan["held"] == []
    assert plan["release"] == ""
    assert {finding["severity"] for finding in plan["findings"]} <= {"error", "warning"}
    applied = ready("apply", 1, "--json").json
    assert applied["outcomes"] == {"done": plan["changes"]}
    assert applied["left"] == []
    assert applied["started_at"] <= applied["finished_at"]
    run = ready("run", "--yes", "--json").json
    assert run["applied"] is None
    assert run["changes"] == 0
    history = ready("history", "--json").json["plans"]
    assert [each["plan"] for each in history] == [2, 1]
    assert history[1]["runs"][0]["outcomes"] == {"done": plan["changes"]}
    assert "1: " in ready("history").out


def test_run_tells_machines_what_it_applied(ready: Desk) -> None:
    told = ready("run", "--yes", "--json").json
    assert told["applied"]["outcomes"] == {"done": told["changes"]}


def test_show_filters_and_tells_before_and_after(
    ready: Desk, school: School, deliver: Callable[[School], None]
) -> None:
    ready("run", "--yes")
    tomorrow, _ = school.next_day()
    deliver(tomorrow)
    ready("plan")
    updates = ready("show", 2, "--kind", "user", "--action", "update", "--json").json["shown"]
    assert len(updates) == 1
    assert updates[0]["before"]["lastname"] != updates[0]["after"]["lastname"]
    assert updates[0]["outcome"] is None
    shown = ready("show", 2, "--action", "update")
    assert f"lastname: {updates[0]['before']['lastname']} → {updates[0]['after']['lastname']}" in shown.out
    by_name = ready("show", 2, "--person", updates[0]["name"].upper(), "--json").json["shown"]
    assert updates[0] in by_name
    assert all(change["person"] == updates[0]["name"] for change in by_name)
    ready("apply", 2)
    done = ready("show", 2, "--action", "update", "--json").json["shown"][0]["outcome"]
    assert done["state"] == "done"


def test_all_prints_every_name(ready: Desk, school: School) -> None:
    few, everything = ready("plan").out, ready("plan", "--all").out
    names = [person.name for person in school.students]
    assert not all(name in few for name in names)
    assert all(name in everything for name in names)


def test_refused_rows_are_named_and_the_status_is_four(ready: Desk, site: Running, school: School) -> None:
    unlucky = school.students[3]
    site.faults.set(refuse_users=[unlucky.username.lower()])
    ready("plan")
    applied = ready("apply", 1)
    assert applied.status == 4
    assert f"create user {unlucky.name}" in applied.out
    assert "All others went through" in applied.out
    problems = ready("problems")
    assert unlucky.name in problems.out
    assert {problem["kind"] for problem in ready("problems", "--json").json["problems"]} == {"user", "enrolment"}
    site.faults.clear()
    assert ready("run", "--yes").status == 0
    assert "No problems" in ready("problems").out


def test_a_problem_ends_when_the_record_leaves_the_roster(
    ready: Desk, site: Running, school: School, tmp_path: Path
) -> None:
    unlucky = school.students[3]
    site.faults.set(refuse_users=[unlucky.username.lower()])
    ready("run", "--yes")
    ready("plan")
    assert unlucky.name in ready("problems").out
    for name in ("users", "enrollments"):
        file = tmp_path / "roster" / f"{name}.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(line for line in lines if unlucky.sourced_id not in line) + "\n", encoding="utf-8")
    ready("plan")
    assert "No problems" in ready("problems").out


def test_run_has_status_four_where_rows_were_left_out(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "roster" / "users.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    student = next(line for line in lines if line.startswith("stu-"))
    namesake = student.replace(student.split(",")[0], "stu-namesake", 1)
    file.write_text("\n".join([*lines, namesake]), encoding="utf-8")
    told = ready("run", "--yes")
    assert told.status == 4
    assert "Left out of this plan until it is mended" in told.out


def test_a_held_plan_is_released_by_the_right_words_alone(ready: Desk, cut_users: Callable[[], None]) -> None:
    ready("run", "--yes")
    cut_users()
    planned = ready("plan")
    assert planned.status == 3
    plan = ready("plan", "--json")
    assert plan.status == 3
    words = plan.json["release"]
    assert words
    for screen in (planned, ready("show", 2)):
        assert f'matricula apply 2 --release "{words}"' in screen.words
        assert "matricula reject 2" in screen.words
    assert ready("run", "--yes").status == 3
    refused = ready("apply", 3)
    assert refused.status == 3
    assert f'matricula apply 3 --release "{words}"' in refused.words
    assert "matricula reject 3" in refused.words
    assert ready("apply", 3, "--release", "yes please").status == 3
    assert ready("apply", 3, "--release", words).status == 0
    assert ready("apply", 3).status == 1


def test_words_that_were_copied_from_a_wrapped_screen_release_a_plan(
    ready: Desk, cut_users: Callable[[], None]
) -> None:
    ready("run", "--yes")
    cut_users()
    words = ready("plan", "--json").json["release"]
    assert ready("apply", 2, "--release", words.replace(" ", "\n      ")).status == 0


def test_a_rejected_plan_is_never_applied(ready: Desk) -> None:
    ready("plan")
    rejected = ready("reject", 1, "--why", "not today", "--json")
    assert rejected.json == {"plan": 1, "state": "rejected", "why": "not today"}
    told = ready("apply", 1)
    assert told.status == 1
    assert "rejected" in told.err
    assert ready("history", "--json").json["plans"][0]["state"] == "rejected"


def test_check_tells_machines_what_is_missing(ready: Desk, site: Running, tmp_path: Path) -> None:
    good = ready("check", "moodle", "--json")
    assert good.json["ready"] is True
    few = tmp_path / "few"
    few.write_text(site.tokens["few"])
    assert ready("token", "--token-file", few).status == 0
    told = ready("check", "--json")
    assert told.status == 1
    assert told.json["ready"] is False
    missing = {check["name"] for check in told.json["checks"] if check["state"] == "fail"}
    assert "function core_user_create_users" in missing
    assert site.tokens["few"] not in told.all


def test_functions_are_printed_for_copying_without_any_home(desk: Desk) -> None:
    told = desk("check", "--functions")
    assert told.status == 0
    assert "enrol_manual_enrol_users" in told.out.splitlines()
    assert set(desk("check", "--functions", "--json").json["functions"]) == set(told.out.splitlines())
