"""OneRoster REST: pages, totals and what changes while it is read."""

import pytest
from oneroster_service import Record, Service, big, raw, running, service

from matricula.errors import StopError, WaitError
from matricula.roster import Delivery


def users_of(delivery: Delivery) -> list[str]:
    return delivery.drafts["users"].frame["sourcedId"].to_list()


def ids(users: list[Record]) -> list[str]:
    return [each["sourcedId"] for each in users]


def codes(delivery: Delivery) -> list[str]:
    return [each.code for each in delivery.book]


def with_users(number: int, **changes) -> Service:
    served = service(**changes)
    served.tables["users"] = big(number)
    return served


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("cap", [10_000, 3])
@pytest.mark.parametrize("number", [0, 4, 5, 11])
def test_every_record_comes_once(totals, links, cap, number):
    with running(with_users(number, totals=totals, links=links, cap=cap)) as served:
        delivery = served.source(limit=5).deliver()
    assert users_of(delivery) == ids(big(number))
    assert delivery.drafts["users"].complete


def test_with_totals_nothing_is_asked_for_twice():
    with running(with_users(10)) as served:
        served.source(limit=5).deliver()
        assert [(query["limit"], query["offset"]) for query in served.queries("users")] == [("5", "0"), ("5", "5")]


def test_pages_are_asked_for_in_a_fixed_order():
    with running(with_users(6)) as served:
        served.tables["users"].reverse()
        assert users_of(served.source(limit=5).deliver()) == ids(big(6))


def test_a_service_that_cannot_sort_is_read_unsorted():
    with running(with_users(6, refuses=("sort",))) as served:
        assert users_of(served.source(limit=5).deliver()) == ids(big(6))
        assert [("sort" in query) for _, query in served.asked].count(True) == 1


@pytest.mark.parametrize("totals", [True, False])
def test_a_service_that_does_not_mind_offset_is_noticed(totals):
    with running(with_users(6, totals=totals, minds_offset=False)) as served:
        with pytest.raises(StopError, match=r"same page again and again.*limit: 0"):
            served.source(limit=5).deliver()
        served.cap = 10_000
        assert users_of(served.source(limit=0).deliver()) == ids(big(6))
        assert "offset" not in served.queries("users")[-1]


def removed_at(request: int, *, put_back: int = 0):
    """Takes the first user away ahead of a request for users, and adds as many as `put_back` says."""

    def change(served: Service, name: str, number: int) -> None:
        if name == "users" and number == request:
            del served.tables["users"][0]
            served.tables["users"] += [{**big(1)[0], "sourcedId": f"z{each}"} for each in range(put_back)]

    return change


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("links", [True, False])
def test_a_record_removed_while_reading_makes_no_gap(totals, links):
    with running(with_users(10, totals=totals, links=links)) as served:
        served.before.append(removed_at(2))
        assert users_of(served.source(limit=5).deliver()) == ids(big(10)[1:])


def test_a_record_added_while_reading_is_read_once():
    def add(served: Service, name: str, number: int) -> None:
        if name == "users" and number == 2:
            served.tables["users"].insert(0, {**big(1)[0], "sourcedId": "a0"})

    with running(with_users(10)) as served:
        served.before.append(add)
        assert users_of(served.source(limit=5).deliver()) == ["a0", *ids(big(10))]


def test_one_removed_and_one_added_at_once_is_seen_where_no_total_is_told():
    with running(with_users(10, totals=False)) as served:
        served.before.append(removed_at(2, put_back=1))
        assert users_of(served.source(limit=5).deliver()) == [*ids(big(10)[1:]), "z0"]


def test_a_collection_that_never_stays_the_same_is_left_for_later():
    def change(served: Service, name: str, number: int) -> None:
        if name == "users":
            served.tables["users"].append({**big(1)[0], "sourcedId": f"z{number}"})

    with running(with_users(10)) as served:
        served.before.append(change)
        with pytest.raises(WaitError, match=r"users changed each of the 4 times.*at night"):
            served.source(limit=5).deliver()


def counted(served: Service, total: int) -> None:
    """Makes the service tell a wrong total of users."""
    own = served._page

    def page(request, collection, query):
        answer = own(request, collection, query)
        if collection == "users":
            answer.headers["X-Total-Count"] = str(total)
        return answer

    served._page = page


def test_fewer_records_than_told_is_refused():
    with running(with_users(10)) as served:
        counted(served, 12)
        with pytest.raises(StopError, match="12 users and hands over 10") as error:
            served.source(limit=5).deliver()
    assert error.value.code == "pages-missing"


def test_more_records_than_told_are_read_and_told():
    with running(with_users(10, links=True)) as served:
        counted(served, 5)
        delivery = served.source(limit=5).deliver()
    assert users_of(delivery) == ids(big(10))
    assert codes(delivery) == ["pages-total"]
    assert delivery.drafts["users"].complete


def test_a_total_that_is_no_number_counts_as_none():
    with running(with_users(7)) as served:
        counted(served, "many")
        assert users_of(served.source(limit=5).deliver()) == ids(big(7))


def test_records_on_several_pages_each_time_are_not_taken_as_complete():
    with running(with_users(10)) as served:
        served.tables["users"][7] = dict(served.tables["users"][6])
        delivery = served.source(limit=5).deliver()
    assert codes(delivery) == ["pages-repeat"]
    assert not delivery.drafts["users"].complete
    assert not delivery.roster().scope.covers("users")
    assert delivery.drafts["classes"].complete


def linked_to(served: Service, address: str) -> None:
    served._own = lambda request: f"{address}{request.url.path}"


@pytest.mark.parametrize("totals", [True, False])
def test_a_next_page_on_another_host_is_never_asked_there(totals):
    with running(with_users(10, method="bearer", totals=totals, links=True)) as served, running(service()) as other:
        linked_to(served, other.address.replace("127.0.0.1", "localhost"))
        delivery = served.source(limit=5).deliver()
        assert other.asked == []
    assert users_of(delivery) == ids(big(10))
    assert codes(delivery) == ["pages-elsewhere"]


def test_a_next_page_with_another_scheme_or_port_is_asked_at_the_own_address():
    with running(with_users(10, method="bearer", totals=False, links=True)) as served, running(service()) as other:
        linked_to(served, other.address.replace("http://", "https://"))
        delivery = served.source(limit=5).deliver()
        assert other.asked == []
    assert users_of(delivery) == ids(big(10))
    assert codes(delivery) == []


def test_pages_that_lead_back_to_each_other_are_noticed():
    with running(with_users(20, method="bearer", links=True)) as served:
        own = served._page

        def circle(request, collection, query):
            answer = own(request, collection, query)
            if query.get("offset") == "10":
                answer.headers["Link"] = f'<{served.address}{request.url.path}?limit=5&offset=5>; rel="next"'
            return answer

        served._page = circle
        with pytest.raises(StopError, match="same page again"):
            served.source(limit=5).deliver()


def test_404_behind_the_last_page_is_its_end():
    def behind(served: Service, name: str, _: int):
        query = served.asked[-1][1]
        return raw("{}", 404) if int(query.get("offset", 0)) >= len(served.tables[name]) > 0 else None

    with running(with_users(10, totals=False)) as served:
        served.before.append(behind)
        assert users_of(served.source(limit=5).deliver()) == ids(big(10))
