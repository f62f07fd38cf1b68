"""Second factors, tokens, what is good once, sessions: what only one of two may get, only one gets."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from matricula.store.accounts import Granted, Session

NOW = datetime(2026, 9, 1, 7, tzinfo=UTC)


@pytest.fixture
def anna(store):
    values = {"name": "anna", "display": "Anna", "email": "Anna@School.example", "password": "x"}
    return store.accounts.add(values | {"state": "active", "created_at": NOW}, [Granted("owner", "*")])


def at_once(act, times=4):
    """What several threads get that do the same at once."""
    barrier, got = threading.Barrier(times), []

    def run():
        barrier.wait()
        got.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return got


def test_a_code_is_used_by_one_of_several_at_once(store, anna):
    store.factors.begin(anna, b"secret")
    assert sorted(at_once(lambda: store.factors.confirm(anna, 5))) == [False, False, False, True]
    assert sorted(at_once(lambda: store.factors.use(anna, 6))) == [False, False, False, True]
    assert not store.factors.use(anna, 5)


def test_a_recovery_code_is_used_by_one_of_several_at_once(store, anna):
    store.factors.keep_codes(anna, ["a", "b"])
    assert sorted(at_once(lambda: store.factors.take_code(anna, "a"))) == [False, False, False, True]
    assert store.factors.codes_left(anna) == 1


def test_what_is_good_once_is_got_by_one_of_several_at_once(store, anna):
    store.one_times.keep("d", "password", NOW, account=anna, words="w")
    assert store.one_times.look("d", "sign-on") is None
    got = at_once(lambda: store.one_times.take("d", "password"))
    assert [each.words for each in got if each] == ["w"]


def test_of_each_purpose_an_account_has_one_and_others_are_left(store, anna):
    store.one_times.keep("s1", "sign-on", NOW, account=None)
    store.one_times.keep("s2", "sign-on", NOW, account=None)
    store.one_times.keep("p1", "password", NOW, account=anna)
    store.one_times.keep("p2", "password", NOW, account=anna)
    there = [store.one_times.look(*each) is not None for each in (("s1", "sign-on"), ("s2", "sign-on"))]
    assert there == [True, True]
    assert store.one_times.look("p1", "password") is None
    assert store.one_times.look("p2", "password") is not None
    store.one_times.clear(NOW + timedelta(seconds=1))
    assert store.one_times.look("s1", "sign-on") is None


def test_tokens_come_back_as_they_were_kept(store, anna):
    roles = (Granted("viewer", "north"), Granted("approver", "*"))
    number = store.tokens.add(anna, "nightly", "digest", roles, NOW, NOW + timedelta(days=1))
    token = store.tokens.by_digest("digest")
    assert (token.id, token.roles, token.used_at) == (number, roles, None)
    assert token.good(NOW)
    assert not token.good(NOW + timedelta(days=1))
    store.tokens.used(number, NOW)
    assert store.tokens.get(number).used_at == NOW
    assert store.tokens.revoke(number, NOW)
    assert not store.tokens.revoke(number, NOW)
    assert not store.tokens.get(number).good(NOW)


def test_a_session_ends_soon_and_no_later_than_before(store, anna):
    end = NOW + timedelta(hours=1)
    store.sessions.begin(Session("d", anna, NOW, NOW, end, "", "", complete=True))
    store.sessions.renew_of(anna)
    assert store.sessions.get("d").renew
    store.sessions.end_soon("d", NOW + timedelta(minutes=1))
    assert store.sessions.get("d").ends_at == NOW + timedelta(minutes=1)
    assert not store.sessions.get("d").renew
    store.sessions.end_soon("d", end)
    assert store.sessions.get("d").ends_at == NOW + timedelta(minutes=1)


def test_owners_are_those_who_can_sign_in(store, anna):
    assert store.accounts.owners() == 1
    store.accounts.change(anna, password=None)
    assert store.accounts.owners() == 0
    store.accounts.change(anna, subject="issuer s-1")
    assert store.accounts.owners() == 1
    store.accounts.change(anna, state="closed")
    assert store.accounts.owners() == 0


def test_addresses_are_found_in_whatever_case(store, anna):
    assert [each.id for each in store.accounts.by_email("anna@school.EXAMPLE")] == [anna]
    assert store.accounts.by_email("") == []


def test_attempts_are_counted_one_after_the_other(store):
    def attempt():
        with store.attempts.counting(("a", "b")):
            number, _ = store.attempts.moments("a", NOW)
            if number < 2:
                store.attempts.add(("a", "b"), NOW)
            return number < 2

    assert sum(at_once(attempt, 6)) == 2


def test_secrets_of_factors_are_rewritten_with_the_others(store, anna):
    store.secrets.put("token:moodle", b"one")
    store.factors.begin(anna, b"two")
    assert store.secrets.all() == {"token:moodle": b"one", "second factor of anna": b"two"}
    assert store.secrets.rewrite(lambda old: old + b"!") == 2
    assert store.accounts.get(anna).secret == b"two!"
    assert store.secrets.get("token:moodle") == b"one!"
