"""Notices and messages: one for one cause, claimed by one process, purged when long over."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from matricula.store import Cause, Store
from matricula.store.sendings import LEASE

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def cause(name="held-plan:default", mark="plan 1", **more):
    told = {
        "kind": "held-plan",
        "site": "moodle",
        "profile": "default",
        "subject": "Held",
        "body": "a\nb",
        "link": "/x",
    }
    return Cause(cause=name, mark=mark, **told | more)


def test_one_notice_for_one_cause(store):
    first = store.notices.see(cause(), NOON)
    assert (first.state, first.times, first.first_at) == ("open", 1, NOON)
    assert store.notices.see(cause(), NOON + MINUTE) is None, "the same plan is the same sight"
    assert store.notices.open()[0].times == 1
    assert store.notices.see(cause(mark="plan 2", subject="Held again"), NOON + 2 * MINUTE) is None
    (known,) = store.notices.open()
    assert (known.id, known.times, known.subject, known.last_at) == (first.id, 2, "Held again", NOON + 2 * MINUTE)


def test_a_cause_that_was_over_comes_back_with_something_new_alone(store):
    store.notices.see(cause(), NOON)
    assert store.notices.over("held-plan:default", NOON + MINUTE)
    assert not store.notices.over("held-plan:default", NOON + MINUTE)
    assert store.notices.see(cause(), NOON + 2 * MINUTE) is None
    assert store.notices.open() == []
    assert store.notices.see(cause(mark="plan 9"), NOON + 2 * MINUTE).times == 1
    assert [notice.state for notice in store.notices.past()] == ["over"]


def test_lists_by_kind_profile_and_site(store):
    for number, (kind, profile, site) in enumerate(
        [("held-plan", "a", "m"), ("failed-run", "a", "m"), ("held-plan", "b", "n")]
    ):
        store.notices.see(cause(f"c{number}", kind=kind, profile=profile, site=site), NOON)
    assert [each.cause for each in store.notices.open()] == ["c2", "c1", "c0"]
    assert [each.cause for each in store.notices.open(kind="held-plan")] == ["c2", "c0"]
    assert [each.cause for each in store.notices.open(profile="a", sites=["m", "x"])] == ["c1", "c0"]
    assert store.notices.open(sites=[]) == []
    for number in range(3):
        store.notices.over(f"c{number}", NOON)
    assert [each.cause for each in store.notices.past(limit=2)] == ["c2", "c1"]
    assert [each.cause for each in store.notices.past(below=2)] == ["c0"]


def test_a_message_is_asked_for_once_and_claimed_once(store):
    assert store.sendings.add("m1", "mail", "a@x.example", "{}", NOON)
    assert not store.sendings.add("m1", "mail", "a@x.example", "{}", NOON)
    assert store.sendings.claim(NOON - MINUTE) is None, "it is not due yet"
    claimed = store.sendings.claim(NOON)
    assert (claimed.target, claimed.attempts) == ("a@x.example", 1)
    assert store.sendings.claim(NOON) is None
    assert store.sendings.claim(NOON + LEASE - MINUTE) is None
    again = store.sendings.claim(NOON + LEASE)
    assert (again.id, again.attempts) == (claimed.id, 2), "whoever claimed it died"
    store.sendings.failed(again.id, "no answer", NOON + 2 * LEASE)
    store.sendings.sent(store.sendings.claim(NOON + 2 * LEASE).id, NOON + 2 * LEASE)
    (sent,) = store.sendings.all()
    assert (sent.state, sent.attempts, sent.error) == ("sent", 3, "")


def test_messages_of_a_cause_that_has_gone_are_not_sent(store):
    notice = store.notices.see(cause(), NOON)
    store.sendings.add("m1", "mail", "a@x.example", "{}", NOON, notice=notice.id)
    store.notices.over(notice.cause, NOON)
    assert store.sendings.claim(NOON) is None
    assert [each.state for each in store.sendings.all(notice=notice.id)] == ["skipped"]


def test_many_claim_at_once_and_none_twice(address):
    with Store.open(address) as store:
        for number in range(40):
            store.sendings.add(f"m{number}", "mail", "a@x.example", "{}", NOON)
        got: list[int] = []

        def work(state: Store) -> None:
            while claimed := state.sendings.claim(NOON):
                got.append(claimed.id)

        others = [Store.open(address) for _ in range(3)]
        threads = [threading.Thread(target=work, args=(each,)) for each in (store, *others)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            other.close()
    assert sorted(got) == list(range(1, 41))


def test_many_see_the_same_at_once_and_one_tells(address):
    new = []

    def work() -> None:
        with Store.open(address) as store:
            new.append(store.notices.see(cause(), NOON))

    Store.open(address).close()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in new) == 1


def test_purging_leaves_what_is_open_and_the_newest_of_each_kind(store):
    for number in range(3):
        notice = store.notices.see(cause(f"c{number}"), NOON)
        store.sendings.add(f"m{number}", "mail", "a@x.example", "{}", NOON, notice=notice.id)
        store.notices.over(f"c{number}", NOON)
    store.notices.see(cause("open"), NOON)
    store.notices.see(cause("other", kind="failed-run"), NOON)
    store.notices.over("other", NOON)
    store.sendings.add("digest", "mail", "a@x.example", "", NOON, state="skipped")
    store.sendings.add("waits", "mail", "a@x.example", "", NOON)
    store.wishes.add("default", ["4711"], "hook", NOON)
    store.wishes.receive("sis", "msg_1", "d", NOON)
    wanted = {"sending": 4, "notice": 3, "received": 1, "wish": 1}
    assert store.notices.purge(NOON + MINUTE, dry_run=True) == wanted
    assert store.notices.purge(NOON - MINUTE) == {}
    assert store.notices.purge(NOON + MINUTE) == wanted
    assert [each.cause for each in store.notices.past()] == ["other"]
    assert [each.cause for each in store.notices.open()] == ["open"]
    assert [each.once for each in store.sendings.all()] == ["waits"]
    assert store.notices.purge(NOON + MINUTE) == {}


@pytest.mark.parametrize("tried", [1, 2])
def test_a_request_is_known_by_its_id(store, tried):
    for _ in range(tried):
        before = store.wishes.receive("sis", "msg_1", "digest", NOON)
    assert (before is None) == (tried == 1)
    store.wishes.answered("sis", "msg_1", 7)
    known = store.wishes.receive("sis", "msg_1", "other", NOON)
    assert (known.digest, known.job) == ("digest", 7)
    assert store.wishes.receive("other", "msg_1", "digest", NOON) is None
