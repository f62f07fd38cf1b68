"""The queue of identities."""

from dataclasses import replace

from matricula.store import Identity, Store

ANN = Identity("p", "user", "u1", "Ann Lee", "several-accounts", "Ann could be …", ({"id": 3, "username": "ann"},))
BOB = Identity("p", "user", "u2", "Bob Low", "email-shared", "Bob shares …")


def standing(store: Store, profile: str = "p") -> dict[str, tuple[str, str | None]]:
    return {each.key: (each.state, each.decision) for each in store.identities.all(profile)}


def test_a_plan_fills_the_queue_and_empties_it(store: Store) -> None:
    store.identities.keep("p", "user", [BOB, ANN])
    found = store.identities.all("p")
    assert [replace(each, at=None) for each in found] == [ANN, BOB]
    store.identities.keep("p", "user", [BOB])
    assert standing(store) == {"u2": ("open", None)}
    store.identities.keep("p", "user", [])
    assert standing(store) == {}


def test_what_was_said_stays_when_it_arises_no_more_and_when_it_does_again(store: Store) -> None:
    store.identities.keep("p", "user", [ANN])
    assert store.identities.say("p", "user", "u1", "account:3", "kim")
    assert standing(store) == {"u1": ("settled", "account:3")}
    store.identities.keep("p", "user", [])
    assert standing(store) == {"u1": ("settled", "account:3")}
    store.identities.keep("p", "user", [replace(ANN, code="decided-account-missing")])
    (again,) = store.identities.all("p")
    assert (again.state, again.decision, again.by, again.code) == (
        "open",
        "account:3",
        "kim",
        "decided-account-missing",
    )
    assert store.identities.decisions("p", "user") == {"u1": "account:3"}
    store.identities.keep("p", "user", [])
    assert standing(store) == {"u1": ("settled", "account:3")}


def test_what_was_said_can_be_taken_back(store: Store) -> None:
    store.identities.keep("p", "user", [ANN])
    store.identities.say("p", "user", "u1", "leave", "kim")
    store.identities.say("p", "user", "u1", None, "kim")
    assert standing(store) == {"u1": ("open", None)}
    assert store.identities.decisions("p", "user") == {}
    store.identities.keep("p", "user", [])
    assert standing(store) == {}


def test_nothing_can_be_said_of_who_is_not_in_the_queue(store: Store) -> None:
    assert not store.identities.say("p", "user", "u9", "new", "kim")


def test_profiles_have_queues_of_their_own(store: Store) -> None:
    store.identities.keep("p", "user", [ANN])
    store.identities.keep("q", "user", [replace(BOB, profile="q")])
    store.identities.keep("q", "user", [])
    assert (standing(store), standing(store, "q")) == ({"u1": ("open", None)}, {})


def test_a_secret_that_is_kept_once_stays(store: Store) -> None:
    store.secrets.put_once("passwords", b"one")
    store.secrets.put_once("passwords", b"two")
    assert store.secrets.get("passwords") == b"one"
