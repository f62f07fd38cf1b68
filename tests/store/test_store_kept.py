"""The last delivery of each source comes back as it was kept, on every backend."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import select

from matricula.roster import TABLES, Delivery, Draft, FindingBook
from matricula.store import Store, schema

AT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def users(*ids: str) -> Draft:
    frame = pl.DataFrame(
        {
            "sourcedId": list(ids),
            "username": [None, *(f"name {each}" for each in ids[1:])],
            "line": range(2, len(ids) + 2),
        },
        schema={"sourcedId": pl.String, "username": pl.String, "line": pl.Int64},
    )
    return Draft(
        TABLES["users"],
        frame,
        "users.csv",
        complete=True,
        lost={"u9", "ü8"},
        lost_unknown=2,
        damaged=True,
        lost_owners={"u7"},
        lost_pairs={("u7", ""), ("", "c1")},
        numbered=False,
    )


def delivery(*ids: str) -> Delivery:
    book = FindingBook()
    book.add("row-short", "Too short.", file="users.csv", line=4, table="users", count=2, lines=[4, 5])
    return Delivery({"users": users(*ids)}, "1.2", "/srv/roster.zip", book, {"since": "2026-11-24"}, ("A note.",))


def test_a_kept_delivery_comes_back_whole(store: Store) -> None:
    given = delivery("u1", "u2")
    store.kept.keep("sis", given, "settings", AT)
    back = store.kept.delivery("sis")
    assert back is not None
    assert_frame_equal(back.drafts["users"].frame, given.drafts["users"].frame)
    empty = TABLES["users"].text()
    assert replace(back.drafts["users"], frame=empty) == replace(given.drafts["users"], frame=empty)
    assert (back.version, back.origin, back.marker) == (given.version, given.origin, given.marker)
    assert tuple(back.book) == tuple(given.book)


def test_what_is_known_without_opening_it(store: Store) -> None:
    store.kept.keep("sis", delivery("u1", "u2", "u3"), "settings", AT)
    kept = store.kept.last("sis")
    assert kept is not None
    assert (kept.at, kept.settings, kept.marker, kept.counts) == (AT, "settings", {"since": "2026-11-24"}, {"users": 3})


def test_a_later_delivery_takes_the_place_of_the_earlier_one_and_of_no_others(store: Store) -> None:
    store.kept.keep("sis", delivery("u1"), "one", AT)
    store.kept.keep("other", delivery("u5"), "one", AT)
    later = delivery("u2", "u3")
    store.kept.keep(
        "sis", replace(later, drafts={"orgs": Draft(TABLES["orgs"], TABLES["orgs"].text(), "orgs.csv")}), "two", AT
    )
    assert list(store.kept.delivery("sis").drafts) == ["orgs"]
    assert store.kept.last("sis").settings == "two"
    assert store.kept.delivery("other").drafts["users"].frame["sourcedId"].to_list() == ["u5"]


def _body(store: Store) -> bytes:
    with store.begin() as connection:
        return connection.execute(select(schema.kept_table.c.body)).scalar_one()


def test_a_table_that_is_the_same_is_not_written_again(store: Store) -> None:
    store.kept.keep("sis", delivery("u1", "u2"), "settings", AT)
    with store.begin() as connection:
        connection.execute(schema.kept_table.update().values(body=b"as it was"))
    store.kept.keep("sis", delivery("u1", "u2"), "settings", AT)
    assert _body(store) == b"as it was"


@pytest.mark.parametrize(
    "changed",
    [
        delivery("u1", "u3"),
        delivery("u1"),
        replace(delivery("u1", "u2"), drafts={"users": replace(users("u1", "u2"), lost=set())}),
    ],
)
def test_a_table_that_differs_in_anything_is_written(store: Store, changed: Delivery) -> None:
    store.kept.keep("sis", delivery("u1", "u2"), "settings", AT)
    store.kept.keep("sis", changed, "settings", AT)
    draft = store.kept.delivery("sis").drafts["users"]
    assert_frame_equal(draft.frame, changed.drafts["users"].frame)
    assert draft.lost == changed.drafts["users"].lost


def test_forgotten_is_gone(store: Store) -> None:
    store.kept.keep("sis", delivery("u1"), "settings", AT)
    store.kept.keep("other", delivery("u1"), "settings", AT)
    store.kept.forget("sis")
    assert (store.kept.last("sis"), store.kept.delivery("sis")) == (None, None)
    assert store.kept.last("other") is not None
