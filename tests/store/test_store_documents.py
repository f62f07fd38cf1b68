"""Documents, secrets, problems, readings and deliveries: what is kept comes back as it was."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from store_making import start_run

from matricula.errors import StopError
from matricula.store import LedgerRow, Outcome, Store


def test_document_text_is_kept_as_given(store):
    body = "# who looks after this\r\nname: Zoë  \n\n"
    assert store.documents.save("profile", "school", body) == 1
    found = store.documents.get("profile", "school")
    assert (found.body, found.revision) == (body, 1)
    assert abs(found.saved_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_same_text_makes_no_new_revision_but_an_older_text_does(store):
    save = store.documents.save
    assert [save("site", "m", text) for text in ("a", "a", "b", "a")] == [1, 1, 2, 3]
    assert [(d.revision, d.body) for d in store.documents.revisions("site", "m")] == [(1, "a"), (2, "b"), (3, "a")]


def test_who_saved_it_is_kept_and_a_text_made_from_an_older_one_is_refused(store):
    save = store.documents.save
    assert save("profile", "p", "a", by="ann", after=0) == 1
    assert save("profile", "p", "b", by="ben", after=1) == 2
    for after in (0, 1):
        with pytest.raises(StopError, match="in the meantime") as refused:
            save("profile", "p", "c", by="ann", after=after)
        assert refused.value.code == "document-newer"
    assert [each.saved_by for each in store.documents.revisions("profile", "p")] == ["ann", "ben"]
    assert store.documents.revision("profile", "p", 1).body == "a"
    assert store.documents.revision("profile", "p", 3) is None


def test_a_profile_goes_with_all_that_is_known_for_it_alone(store):
    for name in ("p", "q"):
        store.documents.save("profile", name, "a")
        store.documents.save("profile", name, "b")
        store.deliveries.note(name, {"users": 1}, datetime.now(UTC))
    assert store.documents.remove_profile("p") == 2
    assert store.documents.get("profile", "p") is None
    assert store.deliveries.last("p") is None
    assert store.documents.get("profile", "q").revision == 2
    assert store.deliveries.last("q") is not None


def test_all_gives_the_newest_revision_of_each(store):
    for kind, name, body in [("site", "m", "1"), ("site", "m", "2"), ("site", "a", "3"), ("source", "m", "4")]:
        store.documents.save(kind, name, body)
    assert [d.body for d in store.documents.all()] == ["3", "2", "4"]
    assert [d.body for d in store.documents.all("site")] == ["3", "2"]
    assert store.documents.get("site", "none") is None


def test_secret_is_replaced(store):
    store.secrets.put("token", b"\x00\xff1")
    store.secrets.put("token", b"2")
    assert store.secrets.get("token") == b"2"
    assert store.secrets.get("other") is None


def test_problem_keeps_the_moment_it_was_first_met(store):
    store.problems.open("school", "user", "u1", "Ann", "no e-mail", 1)
    first = store.problems.all("school")[0]
    store.problems.open("school", "user", "u1", "Anna", "e-mail taken", 2)
    [again] = store.problems.all("school")
    assert (again.name, again.reason, again.run) == ("Anna", "e-mail taken", 2)
    assert again.opened_at == first.opened_at
    assert again.seen_at > first.seen_at


def test_closing_strikes_out_only_the_problems_named(store):
    for key in ("u1", "u2"):
        store.problems.open("school", "user", key, key, "r", None)
    store.problems.open("other", "user", "u1", "x", "r", None)
    assert store.problems.close("school", "user", ["u1", "unknown"]) == 1
    assert [p.key for p in store.problems.all("school")] == ["u2"]
    assert [p.key for p in store.problems.all("other")] == ["u1"]


def test_last_reading_and_delivery_go_by_their_moment(store):
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    for at, count in ((late, 2), (early, 1)):
        store.observations.note("school", "full", at, {"user": count})
        store.deliveries.note("school", {"user": count}, at, {"users": {"rows": count}})
    store.deliveries.note("plain", {}, early)
    assert store.observations.last("school", "full").counts == {"user": 2}
    assert store.observations.last("school", "full").at == late
    assert store.deliveries.last("school").counts == {"user": 2}
    assert store.deliveries.last("school").shape == {"users": {"rows": 2}}
    assert store.deliveries.last("plain").shape == {}
    assert store.observations.last("school", "users") is None
    assert store.deliveries.last("other") is None


def test_moment_without_timezone_is_refused(store):
    with pytest.raises(Exception, match="timezone"):
        store.deliveries.note("school", {}, datetime(2026, 1, 1))  # noqa: DTZ001


def test_several_acts_are_stored_together_or_not_at_all(address):
    with Store.open(address) as store:
        with suppress(RuntimeError), store.begin():
            store.documents.save("site", "m", "x")
            store.problems.open("school", "user", "u1", "Ann", "r", None)
            assert store.documents.get("site", "m").body == "x"
            raise RuntimeError
        assert store.documents.all() == []
        assert store.problems.all("school") == []


def test_error_caught_inside_a_transaction_leaves_nothing_of_the_failed_act(store):
    run = start_run(store)
    with store.begin():
        store.documents.save("site", "m", "x")
        with suppress(StopError):
            bad = LedgerRow("user", "u1", 1, "invented", "{}")  # type: ignore[arg-type]
            store.journal.record(run, [Outcome(1, "done")], [bad])
    assert store.documents.get("site", "m").body == "x"
    assert store.journal.pending(run) == [1, 2, 3]
