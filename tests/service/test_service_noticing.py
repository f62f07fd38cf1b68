"""What is noticed in the state, told once, and over when its cause has gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from post_office import mail_server

from matricula.hub import Home
from matricula.sandbox import running
from matricula.service import Service
from matricula.service.notices import Notices
from matricula.service.noticing import Noticing
from matricula.store import CHANGES_SCHEMA, PlanRecord

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOCUMENTS = """
kind: site
name: moodle
url: http://127.0.0.1:9
{site}
---
kind: source
name: school
type: oneroster-csv
path: csv
---
kind: profile
name: default
source: school
site: moodle
---
kind: service
name: service
timezone: Europe/Berlin
mail: {{host: localhost, port: 9, sender: m@school.example}}
told: [{{to: [head@school.example]}}]
"""


class Watched:
    """A home of which only the state counts."""

    def __init__(self, home: Home) -> None:
        self.home, self.store = home, home.store
        self.notices = Notices(home)
        self.noticing = Noticing(home, self.notices)

    def look(self, now: datetime = NOON) -> list[str]:
        """The causes that are open after a look."""
        self.noticing.look(now)
        return [notice.cause for notice in self.notices.open()]

    def plan(self, state: str = "held", removed: int = 62, code: str = "too-many-removals") -> int:
        hold = {"code": code, "message": f"It would remove {removed}.", "words": "yes"}
        summary = {"counts": {"user": {"suspend": removed, "create": 3}}}
        record = PlanRecord(None, "default", "moodle", "csv", NOON, state, "x", summary, [hold])
        return self.store.plans.add(record, pl.DataFrame(schema=CHANGES_SCHEMA), [])

    def job(self, kind: str = "run", code: str = "", what: str = "The site is away.", profile: str = "default") -> int:
        """A job that ended: failed where it has a code."""
        job, _ = self.store.jobs.add(
            kind, site="moodle", profile=profile, arguments={}, same=f"{kind} {profile}", by="schedule"
        )
        assert self.store.jobs.claim("w", job.id)
        error = {"code": code, "what": what, "where": "", "remedy": "Wait."} if code else None
        self.store.jobs.end(job.id, "w", "failed" if code else "done", error=error)
        return job.id

    def run(self, state: str) -> int:
        run = self.store.runs.start(self.plan("ready"), "default", "moodle", "ann")
        self.store.runs.finish(run, state, {})
        return run


def watched_home(tmp_path, site=""):
    home = Home.make(tmp_path / "home")
    home.load(DOCUMENTS.format(site=site), "test", tmp_path)
    return Watched(home)


@pytest.fixture
def watched(engine, tmp_path):
    made = watched_home(tmp_path)
    with made.home:
        yield made


def test_a_held_plan_is_told_once_and_over_when_somebody_decides(watched):
    assert watched.look() == []
    number = watched.plan()
    cause = "held-plan:default:moodle:too-many-removals"
    assert watched.look() == [cause]
    assert watched.look(NOON + MINUTE) == [cause]
    (notice,) = watched.notices.open()
    assert notice.subject == "Held: 62 removals for moodle wait for you"
    assert notice.link == f"/plans/{number}"
    assert notice.times == 1
    later = watched.plan(removed=63)
    watched.look(NOON + MINUTE)
    (notice,) = watched.notices.open()
    assert (notice.times, notice.link) == (2, f"/plans/{later}")
    assert len(watched.notices.messages(notice.id)) == 1
    watched.store.plans.set_state(later, "rejected", "ann", "no")
    watched.store.plans.set_state(number, "rejected", "ann", "no")
    assert watched.look(NOON + 2 * MINUTE) == []


def test_another_reason_to_hold_is_told_anew(watched):
    watched.plan()
    watched.look()
    watched.plan(code="empty-delivery", removed=0)
    assert watched.look() == ["held-plan:default:moodle:empty-delivery"]
    assert watched.notices.open()[0].subject == "Held: plan 2 for moodle waits for you"


def test_a_tool_that_is_not_well_is_told_until_it_is(watched, tmp_path):
    url = "https://tool.example"
    watched.home.load(f"kind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: {url}\n", "test", tmp_path)
    tools = watched.store.tools
    tools.stand("kura", "wrong", "The token is refused (it says: Ann Lee).")
    mapping = tools.map("kura", "101", "Biology", "moodle", 7, "Biology of Ann Lee", "me")
    assert watched.look() == ["tool-wrong:kura"]
    (notice,) = watched.notices.open()
    assert (notice.site, "Ann Lee" in notice.body) == ("moodle", False)
    tools.stand("kura", "ok")
    tools.saw(mapping.id, "disabled", "It is not enabled.")
    assert watched.look(NOON + MINUTE) == [f"tool-wrong:kura:{mapping.id}"]
    assert "Ann Lee" not in watched.notices.open()[0].body
    tools.saw(mapping.id, "ok")
    assert watched.look(NOON + 2 * MINUTE) == []


def test_a_failure_is_told_once_for_each_code_and_over_after_the_next_success(watched):
    watched.job(code="busy")
    assert watched.look() == ["failed-run:run:default:busy"]
    watched.job(code="busy")
    watched.job(code="certificate")
    assert watched.look() == ["failed-run:run:default:certificate", "failed-run:run:default:busy"]
    assert [notice.times for notice in watched.notices.open()] == [1, 1], "only the newest of a kind is looked at"
    watched.job(kind="verify")
    assert len(watched.look()) == 2, "another kind of job shows nothing"
    watched.job()
    assert watched.look() == []
    assert watched.look() == [], "what failed before is not told again"


def test_a_run_that_breaks_off_at_the_command_line_is_told_and_over_after_the_next(watched):
    watched.run("interrupted")
    assert watched.look() == ["failed-run:run:default:broken-off"]
    watched.run("done")
    assert watched.look() == []


def test_a_run_of_a_job_is_told_as_the_job(watched):
    run = watched.run("interrupted")
    job, _ = watched.store.jobs.add("run", site="moodle", profile="default", arguments={}, same="r", by="schedule")
    watched.store.jobs.knows(job.id, run=run)
    assert watched.look() == [], "it waits for another attempt"
    watched.store.jobs.claim("w", job.id)
    watched.store.jobs.end(job.id, "w", "failed", error={"code": "busy", "what": "Away.", "where": "", "remedy": ""})
    assert watched.look() == ["failed-run:run:default:busy"]


def test_new_problems_are_told_and_old_ones_not_again(watched):
    open_problem = watched.store.problems.open
    open_problem("default", "user", "u1", "Ada Poe", "Her name is Ada Poe.", None)
    open_problem("default", "enrolment", "u1\tc1", "Ada Poe in Maths", "No.", None)
    assert len(watched.look()) == 1
    (notice,) = watched.notices.open()
    assert notice.subject == "Refused: 2 records of profile default"
    assert "1 enrolment and 1 user" in notice.body
    open_problem("default", "user", "u1", "Ada Poe", "Still.", None)
    watched.look()
    assert watched.notices.open() == [notice]
    open_problem("default", "user", "u2", "Bea Poe", "No.", None)
    watched.look()
    (notice,) = watched.notices.open()
    assert notice.subject == "Refused: 1 record of profile default"
    assert "2 earlier ones are open, too" in notice.body
    watched.store.problems.close("default", "user", ["u1", "u2"])
    watched.store.problems.close("default", "enrolment", ["u1\tc1"])
    assert watched.look() == []


def test_a_token_is_told_of_30_days_7_days_and_1_day_before(tmp_path):
    watched = watched_home(tmp_path, "token_expires: 2026-10-01")
    with watched.home:
        for back in range(40, -4, -1):
            now = datetime(2026, 10, 1, 10, tzinfo=UTC) - timedelta(days=back)
            watched.look(now)
        subjects = [notice.subject for notice in reversed([*watched.notices.open(), *watched.notices.past()])]
        assert subjects == [
            "The token of moodle expires in 30 days",
            "The token of moodle expires in 7 days",
            "The token of moodle expires in 1 day",
            "The token of moodle has expired",
        ]
        assert len(watched.notices.open()) == 1
        watched.home.load(DOCUMENTS.format(site="token_expires: 2027-10-01"), "test", tmp_path)
        assert watched.look(now) == []


def test_the_day_of_a_token_is_one_of_the_service_s_time_zone(tmp_path):
    watched = watched_home(tmp_path, "token_expires: 2026-10-01")
    with watched.home:
        assert watched.look(datetime(2026, 8, 31, 21, 59, tzinfo=UTC)) == []
        assert watched.look(datetime(2026, 8, 31, 22, 0, tzinfo=UTC)) == ["token-expires:moodle:2026-10-01:30"]


def test_a_refused_token_is_one_cause_for_all_profiles_and_over_with_a_new_one(watched):
    watched.home.keep_token("moodle", "0123456789abcdef0123456789abcdef")
    watched.job(code="token-refused")
    watched.job(code="token-refused", kind="verify")
    assert watched.look() == ["token-refused:moodle"]
    assert watched.notices.open()[0].times == 2
    watched.home.keep_token("moodle", "fedcba9876543210fedcba9876543210")
    assert watched.look() == []


def test_a_profile_that_is_no_more_has_no_failures(watched, tmp_path):
    watched.job(code="busy", profile="gone")
    assert watched.look() == []


@pytest.mark.parametrize("code", ["only-ambiguous", "person-ambiguous", "moodle", "document-refused", "anything-new"])
def test_an_error_that_could_quote_a_record_is_not_told_in_a_message(watched, code):
    watched.job(code=code, what="It means Ada Poe (4711).")
    watched.look()
    (notice,) = watched.notices.open()
    assert "Poe" not in notice.body
    assert code in notice.body


def test_what_a_hold_names_after_a_colon_is_not_told(watched):
    hold = {"code": "course-emptied", "message": "It would empty 1 course: Ada Poe's own; so many wait.", "words": "x"}
    record = PlanRecord(None, "default", "moodle", "csv", NOON, "held", "x", {"counts": {}}, [hold])
    watched.store.plans.add(record, pl.DataFrame(schema=CHANGES_SCHEMA), [])
    watched.look()
    (notice,) = watched.notices.open()
    assert "It would empty 1 course." in notice.body
    assert "Poe" not in notice.body


def test_one_document_that_cannot_be_read_hides_nothing_else(watched, monkeypatch):
    watched.plan()
    watched.job(code="busy")
    body = watched.store.documents.get("site", "moodle").body
    watched.store.documents.save("site", "moodle", body + "token_expires: nonsense\n")
    assert len(watched.look()) == 2


def test_no_name_of_a_person_is_in_what_is_told(tmp_path):
    """A real school, a plan that is held, refused records: notices, mails and requests have counts alone."""
    from corridor import Corridor

    with (
        mail_server() as box,
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.home.load(
            "kind: service\nname: service\n"
            f"mail: {{host: localhost, port: {box.port}, security: none, sender: m@school.example}}\n"
            "told: [{to: [head@school.example], digest: '07:00'}]\n",
            "test",
            tmp_path,
        )
        school = corridor.school(40)
        corridor.hub.apply(corridor.plan().number)
        file = corridor.folder / "users.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[: len(lines) // 3]), encoding="utf-8")
        assert corridor.plan().record.state == "held"
        person = next(iter(school.people()))
        corridor.home.store.problems.open(
            "default", "user", person.sourced_id, f"{person.given} {person.family}", f"{person.family} is taken", None
        )
        service = Service(corridor.home)
        service.noticing.look()
        service.digest.look(datetime.now(UTC).replace(hour=7, minute=1))
        service.notices.outbox.send_due(datetime.now(UTC) + timedelta(days=1))
        assert len(box.mails) >= 2
        said = "\n".join(
            str(part.get_content()) for mail in box.mails for part in mail.walk() if not part.is_multipart()
        ) + "\n".join(f"{each.subject} {each.body}" for each in service.notices.open())
        names = {name for each in school.people() for name in (f"{each.given} {each.family}", each.sourced_id)}
        assert [name for name in names if name in said] == []
