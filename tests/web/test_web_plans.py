"""Plans: looked at, searched, approved, rejected, downloaded."""

import csv
import io
import json

import pytest
from web_browser import words

from matricula.service import Service


@pytest.fixture
def service(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


@pytest.fixture
def plan(corridor):
    corridor.school(20)
    return corridor.plan()


@pytest.fixture
def held(corridor, plan):
    """A plan that waits: half of the people are missing in the delivery."""
    corridor.hub.apply(plan.number)
    cut_in_half(corridor.folder / "users.csv")
    planned = corridor.plan()
    assert planned.record.state == "held"
    return planned


def cut_in_half(file):
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")


def test_a_plan_is_shown_by_name_with_what_is_set_and_why(owner, plan):
    page = owner.get(f"/plans/{plan.number}")
    assert page.status_code == 200
    told = words(page)
    assert f"Plan {plan.number}: {plan.changes.height:,} changes" in told
    first = plan.changes.row(0, named=True)
    assert first["name"] in told
    assert first["reason"] in told
    users = plan.changes.filter(kind="user", action="create")
    assert f"create {users.height} users" in told


def test_changes_are_searched_and_filtered(owner, plan):
    user = plan.changes.filter(kind="user").row(3, named=True)
    other = plan.changes.filter(kind="user").row(4, named=True)
    told = words(owner.get(f"/plans/{plan.number}", params={"kind": "user", "q": user["name"].upper()}))
    assert user["name"] in told
    assert other["name"] not in told
    assert "No change is like that" in words(owner.get(f"/plans/{plan.number}", params={"q": "nobody at all"}))


def test_a_hundred_changes_stand_on_a_page(owner, corridor):
    corridor.school(60)
    plan = corridor.plan()
    assert plan.changes.height > 200
    names = plan.changes["name"]
    second = words(owner.get(f"/plans/{plan.number}", params={"page": 2}))
    assert "Page 2 of" in second
    assert f"101 to 200 of {plan.changes.height:,}" in second
    assert names[150] in second
    assert words(owner.get(f"/plans/{plan.number}", params={"page": "999"})).count("Next") == 0


def test_a_ready_plan_is_approved_by_a_button_and_goes_on_to_its_job(owner, service, plan):
    page = owner.fill_in(f"/plans/{plan.number}", f"/plans/{plan.number}/approve")
    assert page.url.path.startswith("/jobs/")
    job = service.jobs.get(int(page.url.path.rpartition("/")[2]))
    assert (job.kind, job.arguments, job.asked_by) == ("apply", {"plan": plan.number}, "owner-0")
    noted = service.store.audit.find(act="plan.")
    assert [(each.act, each.by, each.site) for each in noted] == [("plan.approved", "owner-0", "moodle")]


def test_a_held_plan_is_released_by_its_words_alone(sign_in_as, service, held):
    approver, number = sign_in_as("approver"), held.number
    told = words(approver.get(f"/plans/{number}"))
    assert held.record.held[0]["message"] in told
    assert held.words in told
    for wrong in ("", "yes", held.words + " more"):
        refused = approver.fill_in(f"/plans/{number}", f"/plans/{number}/approve", words=wrong)
        assert refused.status_code == 400
        assert "These are not the words" in words(refused)
    assert service.jobs.all() == []
    page = approver.fill_in(f"/plans/{number}", f"/plans/{number}/approve", words=f" {held.words}\n")
    assert page.url.path.startswith("/jobs/")


def test_what_takes_something_away_needs_words_within_the_limits_too(owner, corridor, service, plan):
    corridor.hub.apply(plan.number)
    drop_one_student(corridor.folder)
    number = corridor.plan().number
    assert service.store.plans.get(number).state == "ready"
    page = owner.fill_in(f"/plans/{number}", f"/plans/{number}/approve")
    assert page.status_code == 400
    assert "suspend 1 user" in words(page)


def drop_one_student(folder):
    users = folder / "users.csv"
    rows = list(csv.reader(io.StringIO(users.read_text(encoding="utf-8-sig"))))
    role, key = rows[0].index("role"), rows[0].index("sourcedId")
    gone = next(row for row in rows[1:] if row[role] == "student")
    enrolments = folder / "enrollments.csv"
    places = list(csv.reader(io.StringIO(enrolments.read_text(encoding="utf-8-sig"))))
    whose = places[0].index("userSourcedId")
    write_rows(users, [row for row in rows if row is not gone])
    write_rows(enrolments, [row for row in places if row[whose] != gone[key]])


def write_rows(file, rows):
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)


def test_an_operator_cannot_release_what_is_held(sign_in_as, service, held):
    operator = sign_in_as("operator")
    page = operator.get(f"/plans/{held.number}")
    assert "An approver has to decide" in words(page)
    assert f"/plans/{held.number}/approve" not in page.text
    page = operator.fill_in(f"/plans/{held.number}", f"/plans/{held.number}/approve", words=held.words)
    assert page.status_code == 403
    assert service.jobs.all() == []


def test_a_plan_is_rejected_with_a_reason(sign_in_as, service, held):
    approver, number = sign_in_as("approver"), held.number
    page = approver.fill_in(f"/plans/{number}", f"/plans/{number}/reject", words="the export was cut off")
    assert "Nothing of it will be written" in words(page)
    assert service.store.plans.get(number).state == "rejected"
    assert service.store.plans.audit(number)[-1].words == "the export was cut off"
    assert service.store.plans.audit(number)[-1].by == "approver-0"
    again = approver.fill_in(f"/plans/{number}", f"/plans/{number}/approve", words=held.words)
    assert "cannot be approved any more" in words(again)


@pytest.mark.parametrize("form", ["html", "csv", "json"])
def test_a_plan_is_downloaded_as_the_search_shows_it(owner, plan, form):
    name = plan.changes.filter(kind="user").row(0, named=True)["name"]
    page = owner.get(f"/plans/{plan.number}/file.{form}", params={"kind": "user", "action": "create"})
    assert page.status_code == 200
    assert f'filename="plan-{plan.number}.{form}"' in page.headers["content-disposition"]
    assert name in page.text
    users = plan.changes.filter(kind="user", action="create").height
    if form == "json":
        assert len(json.loads(page.text)["shown"]) == users
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(page.text.removeprefix("\ufeff"))))
        assert {row["number"] for row in rows} == {str(n) for n in plan.changes.filter(kind="user")["number"]}


def test_plans_are_listed_and_filtered(owner, service, held):
    told = words(owner.get("/plans"))
    assert "Plan 1" in told
    assert "Plan 2" in told
    assert "Plan 1 " not in words(owner.get("/plans", params={"state": "held"}))
    assert "No plan is like that" in words(owner.get("/plans", params={"state": "rejected"}))


def test_who_may_see_another_site_alone_sees_no_plan_of_this(sign_in_as, corridor, plan):
    corridor.home.load("kind: site\nname: other\nurl: https://other.example\n", "test", corridor.folder)
    stranger = sign_in_as("owner", "other")
    assert stranger.get(f"/plans/{plan.number}").status_code in (403, 404)
    assert "Plan 1" not in words(stranger.get("/plans"))


def test_ticked_changes_become_a_plan_of_their_own_with_what_they_need(sign_in_as, service, plan):
    enrolment = plan.changes.filter(kind="enrolment").row(0, named=True)
    approver = sign_in_as("approver")
    page = approver.fill_in(f"/plans/{plan.number}", f"/plans/{plan.number}/part", change=[str(enrolment["number"])])
    assert page.url.path == f"/plans/{plan.number + 1}"
    part = service.store.plans.changes(plan.number + 1)
    assert enrolment["key"] in set(part["key"])
    told = words(page)
    assert f"This is a part of plan {plan.number}" in told
    assert f"1 change that was chosen, and {part.height - 1} change" in told
    assert service.store.plans.get(plan.number).state == "ready"
    assert f"A part of this plan is plan {plan.number + 1}" in words(approver.get(f"/plans/{plan.number}"))


def test_whole_kinds_and_what_the_search_shows_become_a_part(sign_in_as, service, plan):
    approver, number = sign_in_as("approver"), plan.number
    approver.fill_in(f"/plans/{number}", f"/plans/{number}/part", group=["user create"])
    users = plan.changes.filter(kind="user", action="create")
    assert service.store.plans.changes(number + 1)["key"].to_list() == users["key"].to_list()
    name = users["name"][0]
    approver.fill_in(f"/plans/{number}", f"/plans/{number}/part", shown="1", kind="user", action="", q=name)
    assert service.store.plans.changes(number + 2)["name"].to_list() == [name]
    for ticked in ({}, {"group": ["user dance"]}, {"change": ["x"]}):
        page = approver.fill_in(f"/plans/{number}", f"/plans/{number}/part", **ticked)
        assert page.status_code == 400
        assert "No change is chosen." in words(page)


def test_an_operator_makes_no_parts(sign_in_as, plan):
    operator = sign_in_as("operator")
    assert "Write only a part" not in words(operator.get(f"/plans/{plan.number}"))
    assert operator.fill_in("/plans", f"/plans/{plan.number}/part", group=["user create"]).status_code == 403
