"""Near real time: who was said to have changed is brought to the site by a run that begins afterwards."""

from __future__ import annotations

import csv
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from matricula.errors import UsageError
from matricula.service import changing, wishes
from matricula.store import Store

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def ended(service, job, seconds=60):
    over = threading.Event()
    service.jobs.on_end(lambda each: over.set() if each.id == job.id else None)
    while not service.jobs.get(job.id).ended:
        assert over.wait(seconds), service.jobs.get(job.id)
    return service.jobs.get(job.id)


@pytest.fixture
def begun(corridor):
    """A school of which everything is on the site."""
    school = corridor.school(20)
    corridor.hub.apply(corridor.plan().number)
    return school


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(wishes, "PAUSE", timedelta(0))


def rename(corridor, keys):
    """Give people another first name in the roster."""
    file = corridor.folder / "users.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        row["givenName"] = "Renamed" if row["sourcedId"] in keys else row["givenName"]
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def renamed(corridor):
    with corridor.moodle() as moodle:
        return {user.idnumber for user in moodle.users.all() if user.firstname == "Renamed"}


def students(school, number):
    return [each.sourced_id for each in school.people() if each.role == "student"][:number]


def test_just_those_who_were_named_are_brought_to_the_site(corridor, service, begun):
    one, two, three = students(begun, 3)
    rename(corridor, {one, two, three})
    first = service.wishes.changed("default", [one], "hook sis")
    second = service.wishes.changed("default", [two, "nobody at all", one], "hook sis")
    assert first.id == second.id, "what follows at once is joined"
    service.queue.start(1)
    job = ended(service, first)
    assert job.state == "done", (job.error, service.jobs.lines(job.id))
    assert job.result["changed"] == 3
    assert len(renamed(corridor)) == 2
    said = [line.text for line in service.jobs.lines(job.id)]
    assert any("“nobody at all”" in line for line in said)
    assert service.store.wishes.waiting() == {}
    again = ended(service, service.wishes.changed("default", [three], "hook sis"))
    assert again.id != job.id
    assert len(renamed(corridor)) == 3


@pytest.mark.long
def test_wishes_that_come_while_runs_are_at_work_are_all_served_by_few_runs(corridor, service, begun):
    named = students(begun, 18)
    rename(corridor, set(named))
    service.queue.start(2)

    def wish(whom):
        for each in whom:
            service.wishes.changed("default", [each], "hook sis")

    threads = [threading.Thread(target=wish, args=(named[start::3],)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while unended := service.jobs.all(states=("waiting", "working")):
        ended(service, unended[-1])
    jobs = service.jobs.all()
    assert {job.state for job in jobs} == {"done"}, [job.error for job in jobs]
    assert len(renamed(corridor)) == len(named)
    assert len(jobs) < len(named)
    assert service.store.wishes.waiting() == {}


def test_nobody_who_is_known_is_a_run_for_nobody_and_not_for_all(corridor, service, begun):
    rename(corridor, set(students(begun, 3)))
    service.queue.start(1)
    job = ended(service, service.wishes.changed("default", ["stranger"], "hook sis"))
    assert (job.state, job.result) == ("done", {"changed": 1, "changes": 0})
    assert renamed(corridor) == set()


def test_of_very_many_the_whole_profile_is_run(corridor, service, begun, monkeypatch):
    monkeypatch.setattr(changing, "MOST", 2)
    rename(corridor, set(students(begun, 5)))
    service.queue.start(1)
    job = ended(service, service.wishes.changed("default", students(begun, 3), "hook sis"))
    assert job.state == "done", job.error
    assert len(renamed(corridor)) == 5


def test_what_is_held_waits_and_its_wishes_are_served(corridor, service, begun):
    file = corridor.folder / "enrollments.csv"
    header, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    service.queue.start(1)
    named = list(csv.DictReader([header, *rows]))
    whole = named[0]["classSourcedId"]
    kept = [row for row, told in zip(rows, named, strict=True) if told["classSourcedId"] != whole]
    file.write_text(header + "".join(kept), encoding="utf-8")
    job = ended(service, service.wishes.changed("default", [whole], "hook sis"))
    assert job.state == "done", job.error
    assert job.result["held"]
    assert service.store.wishes.take("default", 99) == []


def test_a_profile_that_may_not_write_now_is_told_and_is_no_failure(corridor, service, begun):
    body = service.store.documents.get("profile", "default").body
    service.store.documents.save("profile", "default", body + "enabled: false\n")
    service.queue.start(1)
    job = ended(service, service.wishes.changed("default", students(begun, 1), "hook sis"))
    assert (job.state, job.result) == ("done", {"changed": 1, "left": "profile-disabled"})


def test_wishes_that_name_nobody_or_no_profile_are_refused(service):
    for profile, whom in [("default", []), ("default", [" "]), ("default", ["x" * 256]), ("other", ["a"])]:
        with pytest.raises(UsageError):
            service.wishes.changed(profile, whom, "hook sis")
    assert service.store.wishes.waiting() == {}


def test_a_job_that_waits_for_a_site_is_not_hurried(service):
    job = service.wishes.changed("default", ["a"], "hook sis")
    claimed = service.store.jobs.claim("w", job.id)
    service.store.wishes.take("default", claimed.id)
    later = service.store.jobs.now() + timedelta(hours=1)
    service.store.jobs.put_back(job.id, "w", not_before=later, error={"code": "busy"})
    assert service.wishes.changed("default", ["b"], "hook sis").id == job.id
    assert service.jobs.get(job.id).not_before == later


def test_a_wish_whose_process_ended_before_it_asked_for_a_job_is_found(service):
    service.store.wishes.add("default", ["a"], "hook sis", NOON)
    service.store.wishes.add("gone", ["b"], "hook sis", NOON)
    (job,) = service.wishes.sweep()
    assert (job.kind, job.profile) == ("changed", "default")
    assert [each.id for each in service.wishes.sweep()] == [job.id]


class Interleaving(RuleBasedStateMachine):
    """Wishes and jobs of one profile in any order: jobs begin, end, fail, are cut off and are cancelled."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.profile = f"p{next(_COUNTER)}"
        self.asked: dict[str, int] = {}
        self.served: dict[str, int] = {}
        self.clock = 0
        self.working: dict[int, tuple[int, list[str]]] = {}

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    @rule()
    def wish(self) -> None:
        name = f"w{len(self.asked)}"
        self.asked[name] = self.tick()
        self.store.wishes.add(self.profile, [name], "hook", NOON)
        waiting = self.store.jobs.all(profile=self.profile, states=("waiting",), limit=1)
        if not waiting:
            self.store.jobs.add("changed", site="", profile=self.profile, arguments={}, same=self.profile, by="hook")

    def waiting(self) -> list[int]:
        return [job.id for job in self.store.jobs.all(profile=self.profile, states=("waiting",))]

    @precondition(lambda self: not self.working and self.waiting())
    @rule()
    def begin(self) -> None:
        job = self.store.jobs.claim("w", self.waiting()[-1])
        assert job is not None
        self.working[job.id] = (self.tick(), self.store.wishes.take(self.profile, job.id))

    @precondition(lambda self: self.working)
    @rule(how=st.sampled_from(["done", "failed", "cancelled", "put back"]))
    def end(self, how: str) -> None:
        number, (began, whom) = self.working.popitem()
        if how == "done":
            self.served |= {name: began for name in whom if name not in self.served}
            self.store.wishes.served(number)
            self.store.jobs.end(number, "w", "done")
        elif how == "put back":
            self.store.jobs.put_back(number, "w")
        else:
            self.store.jobs.end(number, "w", how)

    @invariant()
    def each_is_served_by_a_run_that_began_after_it(self) -> None:
        assert all(self.served[name] > self.asked[name] for name in self.served)

    def teardown(self) -> None:
        """However it went, one more wish and the jobs that follow serve everything."""
        if self.working:
            self.end("failed")
        self.wish()
        while self.waiting():
            self.begin()
            self.end("done")
        assert set(self.served) == set(self.asked)
        self.each_is_served_by_a_run_that_began_after_it()
        assert self.profile not in self.store.wishes.waiting()


_COUNTER = iter(range(10**9))


@pytest.mark.long
def test_each_wish_is_served_whatever_the_order(address_of_machine):
    with Store.open(address_of_machine) as store:
        Interleaving.store = store
        run_state_machine_as_test(
            Interleaving, settings=settings(max_examples=15, stateful_step_count=15, deadline=None)
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def address_of_machine(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_address")
    return str(tmp_path / "state.db")
