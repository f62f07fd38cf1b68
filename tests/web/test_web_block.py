"""What the block inside a Moodle asks: proved, its own site's courses alone, and exactly what was shown is written."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from block_client import BlockClient, done
from web_browser import words

from matricula.hub import blocks
from matricula.hub.blocks import block_standing, make_block_secret
from matricula.hub.documents import save
from matricula.hub.forgetting import forget, remembered
from matricula.hub.retention import purge
from matricula.store import Identity
from matricula.web import block_hooks, hooks


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    for name in ("_REFUSED", "_TAKEN"):
        monkeypatch.setattr(block_hooks, name, hooks.Rate(100_000))


@pytest.fixture
def north(desk):
    """The northern site, in step; two students are not in the first course."""
    place = desk.north
    key = min(each.sourced_id for each in place.school.classes)
    for student in place.school.students[:2]:
        leave(place, student.sourced_id, key)
    desk.run(place)
    return place


@pytest.fixture
def block(desk, north, app):
    return BlockClient.of(desk.service, app, "north")


def course_of(service, place, number=0):
    """Key and Moodle id of a course."""
    frame = service.store.ledger.frame(place.profile, "course").sort("key")
    return frame["key"][number], frame["moodle_id"][number]


def of_course(place, service, key, role="student"):
    """SourcedIds of those whom the roster puts into a course."""
    rows = service.store.ledger.ending(place.profile, "enrolment", key)
    return [each.key.split("\t")[0] for each in rows if json.loads(each.written)["role"] == role]


def leave(place, key, course):
    """Somebody leaves a class."""
    place.edit(
        "enrollments", lambda row: None if (row["userSourcedId"], row["classSourcedId"]) == (key, course) else row
    )


def join(place, key, course):
    """Somebody joins a class."""

    file = place.folder / "enrollments.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    row = dict.fromkeys(names, "") | {"sourcedId": f"new-{key}-{course}", "classSourcedId": course}
    like = dict(zip(names, lines[1].split(","), strict=False))
    row |= {"userSourcedId": key, "role": "student", "schoolSourcedId": like["schoolSourcedId"]}
    file.write_text("\n".join([*lines, ",".join(row[name] for name in names)]) + "\n", encoding="utf-8")


def enrolled(place, course):
    with place.moodle() as moodle:
        names = {user.id: user.username for user in moodle.users.all()}
        return {names[each.user_id]: each.suspended for each in moodle.enrolments.of_courses([course])}


def refusals(service):
    return [(each.by, each.site, each.words) for each in service.store.audit.find(act="block.refused")]


def test_who_is_not_proved_learns_nothing(desk, north, block, app):
    body = b'{"courseid": 2, "by": "t"}'
    stranger = BlockClient(app, "nowhere", "x")
    unset = BlockClient(app, "south", "x")
    answers = [
        block.post("course", body, {}),
        block.post("course", body, block.signed("course", body, secret="other")),
        block.post("course", body + b" ", block.signed("course", body)),
        block.post("continue", body, block.signed("course", body)),
        stranger.post("course", body, stranger.signed("course", body)),
        unset.post("course", body, unset.signed("course", body)),
        unset.post("course", body, unset.signed("course", body, secret="")),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "block-refused"
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert refusals(desk.service) == [("unknown", "", "block-refused")] * len(answers)


def test_another_sites_secret_opens_nothing_here(desk, north, block, app):
    other = BlockClient.of(desk.service, app, "south")
    body = b'{"courseid": 2}'
    sent = other.signed("course", body)
    assert block.post("course", body, sent, site="north").status_code == 401
    # Not even where it signs for the other's address.
    sent = other.signed("course", body, path="/hooks/moodle/north/course")
    assert block.post("course", body, sent, site="north").status_code == 401


def test_a_request_is_good_once_and_not_for_long(desk, block):
    _, course = course_of(desk.service, desk.north)
    body = json.dumps({"courseid": course}).encode()
    sent = block.signed("course", body)
    assert block.post("course", body, sent).status_code == 200
    again = block.post("course", body, sent)
    assert (again.status_code, again.json()["code"]) == (401, "block-replayed")
    for late in (301, -301):
        answer = block.post("course", body, block.signed("course", body, late=late))
        assert (answer.status_code, answer.json()["code"]) == (401, "block-clock")
        assert "5 minutes" in answer.json()["title"]
    assert {words for _, _, words in refusals(desk.service)} == {"block-replayed", "block-clock"}


def test_what_was_seen_is_purged_when_it_is_too_old_to_be_taken(desk, block):
    block("course", 2)
    seen = desk.service.store.seen_requests
    assert purge(desk.service.home, dry_run=True).notices == {}
    assert seen.purge(datetime.now(UTC) + timedelta(seconds=301), dry_run=True) == 1
    later = purge(desk.service.home, at=datetime.now(UTC) + timedelta(seconds=301))
    assert later.notices["seen_request"] == 1
    assert seen.purge(datetime.now(UTC) + timedelta(days=9)) == 0


def test_while_a_secret_is_replaced_the_one_before_is_good_for_a_day(desk, block, monkeypatch):
    home = desk.service.home
    new = make_block_secret(home, "north")
    assert block("course", 2).status_code == 200, "the old one"
    assert BlockClient(block.client.app, "north", new)("course", 2).status_code == 200
    assert block_standing(home, "north").before_until is not None
    monkeypatch.setattr(blocks, "BEFORE_GOOD", timedelta(seconds=-1))
    newest = make_block_secret(home, "north")
    assert block("course", 2).status_code == 401, "two secrets ago"
    assert BlockClient(block.client.app, "north", new)("course", 2).status_code == 401, "a day ago"
    assert BlockClient(block.client.app, "north", newest)("course", 2).status_code == 200
    assert block_standing(home, "north").before_until is None
    at_once = make_block_secret(home, "north", at_once=True)
    assert BlockClient(block.client.app, "north", newest)("course", 2).status_code == 401
    assert BlockClient(block.client.app, "north", at_once)("course", 2).status_code == 200


def test_the_secrets_are_kept_encrypted(desk, block):
    make_block_secret(desk.service.home, "north")
    for name, kept in desk.service.store.secrets.all().items():
        assert block.secret.encode() not in kept, name
    assert set(desk.service.store.secrets.saved("block")) == {"block:north", "block-before:north"}


def test_a_course_in_step_says_when_and_from_where(desk, block):
    _, course = course_of(desk.service, desk.north)
    told = block("course", course).json()
    now = datetime.now(UTC).timestamp()
    assert now - 300 < told["synced"]["at"] <= now
    assert told["synced"]["read_at"] <= told["synced"]["changed_at"] <= told["synced"]["at"]
    assert (told["synced"]["profile"], told["synced"]["source"]) == ("north-profile", "north-school")
    assert told["synced"]["run"] == 1
    assert (told["missing"], told["more"], told["tools"]) == ([], 0, [])
    assert told["may"] == {"enrolments": True, "why": "", "grades": []}


def test_a_course_that_nobody_keeps_in_step_says_so(desk, block):
    told = block("course", 1).json()
    assert (told["synced"], told["may"]["enrolments"]) == (None, False)
    answer = block("preview-enrolments", 1)
    assert (answer.status_code, answer.json()["code"]) == (404, "block-course-unknown")


def test_who_is_missing_is_told_with_the_reason(desk, block):
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    inside = of_course(place, service, key)
    first, second = [s for s in place.school.students if s.sourced_id not in inside][:2]
    join(place, first.sourced_id, key)
    service.hub.plan(place.profile)
    (missing,) = block("course", course).json()["missing"]
    assert missing["name"] == f"{first.name}"
    assert missing["why"] == "The plan that makes it is not applied yet."
    place.edit("users", lambda row: row | {"givenName": ""} if row["sourcedId"] == second.sourced_id else row)
    join(place, second.sourced_id, key)
    service.hub.plan(place.profile)
    told = {each["name"]: each["why"] for each in block("course", course).json()["missing"]}
    assert len(told) == 2
    (why,) = [why for name, why in told.items() if first.family not in name]
    assert why == "The plan that makes it is not applied yet.", "not the finding, which keeps nobody out"


def test_a_problem_and_an_unclear_account_are_told_as_such(desk, block):
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    first, second = of_course(place, service, key)[:2]
    ledger = service.store.ledger
    for each in (first, second):
        ledger.forget(place.profile, "enrolment", [f"{each}\t{key}"])
    service.store.problems.open(place.profile, "enrolment", f"{first}\t{key}", "Somebody", "The role is locked.", 1)
    unclear = Identity(place.profile, "user", second, "Somebody", "username-shared", "It is shared.")
    service.store.identities.keep(place.profile, "user", [unclear])
    whys = sorted(each["why"] for each in block("course", course).json()["missing"])
    assert whys[0].startswith("It is not clear which account is theirs.")
    assert whys[1] == "Run 1 could not write it: The role is locked."


def test_a_held_plan_is_told_as_what_stands_between(desk, block):
    service, place = desk.service, desk.north
    _, course = course_of(service, place)
    place.edit("enrollments", lambda row: None)
    number = desk.plan(place)
    told = block("course", course).json()
    assert told["synced"]["waits"].startswith(f"Plan {number} waits for a person: ")


def test_the_whole_way_preview_continue_job(desk, block):
    """One leaves, one joins, another course changes too and stays as it is: exactly what was shown is written."""
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    other, elsewhere = course_of(service, place, 1)
    inside = of_course(place, service, key)
    leaver = next(s for s in place.school.students if s.sourced_id == inside[0])
    joiner = next(s for s in place.school.students if s.sourced_id not in inside)
    leave(place, leaver.sourced_id, key)
    join(place, joiner.sourced_id, key)
    leave(place, of_course(place, service, other)[0], other)
    before = enrolled(place, elsewhere)

    job = block("preview-enrolments", course).json()["job"]
    waiting = block("job", course, job=job).json()
    assert (waiting["state"], waiting["words"], waiting["preview"]) == ("waiting", "It waits for its turn.", None)
    told = done(service, block, course, job)
    preview = told["preview"]
    assert (told["state"], told["words"]) == ("done", "2 changes.")
    assert [(each["action"], each["name"]) for each in preview["lines"]] == [
        ("suspend", f"{leaver.name}"),
        ("add", f"{joiner.name}"),
    ]
    assert (preview["held"], preview["obstacle"], preview["agree"]) == ([], "", "suspend 1 enrolment")
    assert "as student" in preview["lines"][1]["what"]

    unagreed = block("continue", course, plan=preview["plan"])
    assert (unagreed.status_code, unagreed.json()["code"]) == (400, "approval-words")
    answer = block("continue", course, plan=preview["plan"], words=preview["agree"])
    told = done(service, block, course, answer.json()["job"])
    assert (told["state"], told["words"]) == ("done", "2 done.")
    assert told["outcome"] == {"counts": {"done": 2}, "left": []}
    now = enrolled(place, course)
    assert now[leaver.username.lower()] is True
    assert now[joiner.username.lower()] is False
    assert enrolled(place, elsewhere) == before

    again = block("continue", course, plan=preview["plan"], words=preview["agree"])
    assert (again.status_code, again.json()["code"]) == (409, "plan-state")
    asked = service.store.audit.find(by="block north: t.eacher")
    assert {each.act for each in asked} == {"job.asked", "plan.approved"}
    run = service.store.runs.all(plan=preview["plan"])[0]
    assert run.owner == "block north: t.eacher"
    assert block("course", course).json()["synced"]["run"] == run.id


def test_where_nothing_has_changed_there_is_nothing_to_do(desk, block):
    _, course = course_of(desk.service, desk.north)
    told = done(desk.service, block, course, block("preview-enrolments", course).json()["job"])
    assert told["words"] == "Everything is in step; there is nothing to do."
    assert told["preview"]["lines"] == []


def test_a_held_plan_is_not_released_from_the_block(desk, block):
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    inside = of_course(place, service, key)
    place.edit(
        "enrollments",
        lambda row: None if row["classSourcedId"] == key and row["userSourcedId"] in inside else row,
    )
    preview = done(service, block, course, block("preview-enrolments", course).json()["job"])["preview"]
    assert preview["state"] == "held"
    assert preview["held"]
    words = service.hub.store.plans.get(preview["plan"]).held[0]["words"]
    for said in ("", words):
        answer = block("continue", course, plan=preview["plan"], words=said)
        assert (answer.status_code, answer.json()["code"]) == (409, "block-held")
        assert "An approver or owner of Matricula for north" in answer.json()["detail"]
    assert service.store.plans.get(preview["plan"]).state == "held"


def test_only_what_concerns_this_course_can_be_reached(desk, block, app):
    """Not a plan for all, not another course's plan or job, not another site's anything."""
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    other, elsewhere = course_of(service, place, 1)
    leave(place, of_course(place, service, other)[0], other)
    whole = desk.plan(place)
    job = block("preview-enrolments", elsewhere).json()["job"]
    plan = done(service, block, elsewhere, job)["preview"]["plan"]
    part = service.hub.plan(place.profile, only=[f"course:{key}", f"course:{other}"]).number
    for number in (whole, plan, part, 4242):
        answer = block("continue", course, plan=number, words="suspend 1 enrolment")
        assert (answer.status_code, answer.json()["code"]) == (404, "plan-unknown"), number
    assert block("continue", elsewhere, plan=part, words="suspend 1 enrolment").status_code == 404
    check = service.jobs.ask("check", site="north", by="x").id
    for_all = service.jobs.ask("plan", profile=place.profile, by="x").id
    for_two = service.jobs.ask("plan", profile=place.profile, arguments={"only": [f"course:{key}", "x"]}, by="x").id
    apply_all = service.jobs.ask("apply", arguments={"plan": whole}, by="x").id
    for number in (job, check, for_all, for_two, apply_all, 4242):
        answer = block("job", course, job=number)
        assert (answer.status_code, answer.json()["code"]) == (404, "job-unknown"), number
    south = BlockClient.of(service, app, "south")
    assert south("job", elsewhere, job=job).status_code == 404
    assert south("continue", elsewhere, plan=plan, words="suspend 1 enrolment").status_code == 404
    assert south("course", course).json()["synced"] is None, "its own course of this id is another one"


@pytest.mark.parametrize(
    ("act", "body", "status", "code"),
    [
        ("course", b"no json", 400, "request-malformed"),
        ("course", b"{}", 400, "request-malformed"),
        ("course", b'{"courseid": "2"}', 400, "request-malformed"),
        ("course", b'{"courseid": 0}', 400, "request-malformed"),
        ("course", b'{"courseid": 2, "by": "a\\u0000b"}', 400, "request-malformed"),
        ("course", json.dumps({"courseid": 2, "by": "x" * 101}).encode(), 400, "request-malformed"),
        ("preview-enrolments", b'{"courseid": 2}', 400, "request-malformed"),
        ("continue", b'{"courseid": 2, "by": "t"}', 400, "request-malformed"),
        ("continue-grades", b'{"courseid": 2, "by": "t"}', 400, "request-malformed"),
        ("job", b'{"courseid": 2}', 400, "request-malformed"),
        ("preview-grades", b'{"courseid": 2, "by": "t"}', 404, "block-tool-unknown"),
        ("approve", b'{"courseid": 2, "by": "t"}', 404, "block-act-unknown"),
        ("apply", b'{"courseid": 2, "by": "t"}', 404, "block-act-unknown"),
    ],
)
def test_what_is_asked_wrongly_is_told_in_words(desk, block, act, body, status, code):
    _, course = course_of(desk.service, desk.north)
    body = body.replace(b'"courseid": 2', f'"courseid": {course}'.encode())
    answer = block.post(act, body, block.signed(act, body))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


def test_a_profile_that_may_not_write_now_says_so_before_and_after(desk, block):
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    leave(place, of_course(place, service, key)[0], key)
    text = service.home.dump("profile", place.profile)
    service.home.load(f"{text}enabled: false\n", "test", place.folder.parent)
    assert block("course", course).json()["may"] == {
        "enrolments": False, "why": "The profile is disabled.", "grades": []
    }  # fmt: skip
    preview = done(service, block, course, block("preview-enrolments", course).json()["job"])["preview"]
    assert preview["obstacle"] == "The profile is disabled."
    answer = block("continue", course, plan=preview["plan"], words=preview["agree"])
    assert (answer.status_code, answer.json()["code"]) == (422, "profile-disabled")


def test_a_site_that_is_down_is_told_in_words(desk, block):
    service, place = desk.service, desk.north
    _, course = course_of(service, place)
    service.home.keep_token("north", "wrong")
    job = block("preview-enrolments", course).json()["job"]
    told = done(service, block, course, job)
    assert told["state"] == "failed"
    assert "token" in told["words"]


def test_a_row_that_moodle_refuses_is_told_by_name(desk, block):
    service, place = desk.service, desk.north
    key, course = course_of(service, place)
    joiner = next(s for s in place.school.students if s.sourced_id not in of_course(place, service, key))
    join(place, joiner.sourced_id, key)
    preview = done(service, block, course, block("preview-enrolments", course).json()["job"])["preview"]
    with place.moodle() as moodle:
        moodle.users.delete([service.store.ledger.get(place.profile, "user", joiner.sourced_id).moodle_id])
    job = block("continue", course, plan=preview["plan"]).json()["job"]
    told = done(service, block, course, job)
    assert sum(told["outcome"]["counts"].values()) == 1
    assert told["outcome"]["counts"].get("done") is None
    (left,) = told["outcome"]["left"]
    assert joiner.family in left["name"]
    assert left["why"]


def test_requests_are_counted(desk, block, monkeypatch):
    monkeypatch.setattr(block_hooks, "_TAKEN", hooks.Rate(2))
    assert [block("course", 2).status_code for _ in range(3)] == [200, 200, 429]
    monkeypatch.setattr(block_hooks, "_TAKEN", hooks.Rate(1000))
    monkeypatch.setattr(block_hooks, "_REFUSED", hooks.Rate(2))
    assert [block.post("course", b"{}", {}).status_code for _ in range(3)] == [401, 401, 429]
    assert block("course", 2).headers["retry-after"] == "60"


def test_what_is_too_large_is_not_read_to_its_end(block):
    body = b"x" * (hooks.LARGEST + 1)
    assert block.post("course", body, block.signed("course", body)).status_code == 413


def test_the_secret_is_made_in_the_console_shown_once_and_taken_away(desk, owner, app):
    north = "/sites/north"
    assert "It has no secret yet" in words(owner.get(north))
    page = owner.fill_in(north, f"{north}/block/secret")
    secret = page.text.partition("Secret</dt>")[2].partition('class="key">')[2].partition("<")[0]
    assert BlockClient(app, "north", secret)("course", 2).status_code == 200
    shown = owner.get(north)
    assert secret not in shown.text
    assert "Its secret is kept since" in words(shown)
    owner.fill_in(north, f"{north}/block/secret")
    assert "The one before it is good until" in words(owner.get(north))
    owner.fill_in(north, f"{north}/block/secret", at_once="yes")
    assert BlockClient(app, "north", secret)("course", 2).status_code == 401
    owner.fill_in(north, f"{north}/block/remove")
    assert "It has no secret yet" in words(owner.get(north))
    acts = [each.act for each in desk.service.store.audit.find(act="block.")]
    assert [act for act in acts if act != "block.refused"] == ["block.removed", *["block.secret"] * 3]


def test_the_secret_ends_with_the_site_and_with_its_address(desk, block):
    home = desk.service.home
    text = home.dump("site", "north").replace(desk.north.site.url, "http://other.example")
    save(home, "site", "north", text)
    assert block_standing(home, "north").since is None
    assert block("course", 2).status_code == 401


def test_somebody_who_asked_through_the_block_is_forgotten(desk, block):
    service, place = desk.service, desk.north
    _, course = course_of(service, place)
    teacher = place.school.staff[0]
    name = teacher.username.lower()
    job = block("preview-enrolments", course, by=name).json()["job"]
    done(service, block, course, job)
    assert service.store.audit.find(by=f"block north: {name}")
    forget(service.home, remembered(service.home, teacher.sourced_id))
    assert service.store.audit.find(by=f"block north: {name}") == []
    told = [service.jobs.get(job).asked_by, *(each.by for each in service.store.plans.audit(2))]
    assert not [each for each in told if name in each]
