"""OneRoster REST: changes since the reading before, and when everything is read again."""

from datetime import UTC, datetime, timedelta

import pytest
from oneroster_service import SECRET, Service, raw, running, service

from matricula.roster import Delivery, lay_over
from matricula.sources import Surroundings
from matricula.sources.oneroster_rest import OneRosterRest, OneRosterRestSettings, changes

LATER = "2026-08-02T07:00:00.000Z"
COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")


def read_on(served: Service, before: Delivery, **settings) -> tuple[Delivery, Delivery]:
    """What came after a delivery, and the whole that stands then."""
    came = served.source(**settings).deliver(before.marker)
    return came, lay_over(before, came)


def heights(delivery: Delivery) -> dict[str, int]:
    return {name: draft.frame.height for name, draft in delivery.drafts.items()}


def old_rest(served: Service) -> None:
    """Leaves one record of each collection at its date and makes the others old, so that an hour more shows little."""
    for records in served.tables.values():
        for record in records[1:]:
            record["dateLastModified"] = "2026-07-01T00:00:00.000Z"


def test_what_changed_is_laid_over_what_was_there():
    with running(service()) as served:
        old_rest(served)
        first = served.source().deliver()
        served.tables["users"][1] |= {"familyName": "Wed", "dateLastModified": LATER}
        served.tables["users"].append({**served.tables["users"][1], "sourcedId": "u9", "status": "active"})
        served.tables["enrollments"][2] |= {"status": "tobedeleted", "dateLastModified": LATER}
        came, whole = read_on(served, first)
    assert set(came.changed_tables) == set(COLLECTIONS)
    assert heights(came) == {**dict.fromkeys(COLLECTIONS, 1), "users": 3, "enrollments": 2}
    roster = whole.roster()
    assert sorted(roster.users["familyName"]) == ["Family1", "Family3", "Wed", "Wed"]
    assert sorted(roster.enrollments["sourcedId"]) == ["e1", "e2", "e4"]
    assert all(roster.scope.covers(name) for name in COLLECTIONS)
    assert roster.findings == ()


def test_where_nothing_changed_everything_stays():
    with running(service()) as served:
        first = served.source().deliver()
        for records in served.tables.values():
            records.clear()
        came, whole = read_on(served, first)
    assert heights(came) == dict.fromkeys(COLLECTIONS, 0)
    assert whole.roster().counts() == first.roster().counts()
    assert came.marker == first.marker
    assert list(came.book) == []


def test_roles_that_a_changed_user_no_longer_has_are_gone():
    with running(service("1.2")) as served:
        served.tables["orgs"].append({**served.tables["orgs"][0], "sourcedId": "o2"})
        users = served.tables["users"]
        users[0]["roles"].append({"roleType": "secondary", "role": "parent", "org": {"sourcedId": "o2"}})
        old_rest(served)
        first = served.source().deliver()
        users[0] |= {"roles": [{"roleType": "primary", "role": "aide", "org": {"sourcedId": "o2"}}]}
        users[0]["dateLastModified"] = LATER
        users[2] |= {"status": "tobedeleted", "dateLastModified": LATER}
        served.tables["enrollments"] = []
        came, whole = read_on(served, first)
    assert came.drafts["roles"].frame["sourcedId"].to_list() == ["u1/aide/o2"]
    roles = whole.roster().roles
    assert sorted(roles.select("userSourcedId", "role", "orgSourcedId").rows()) == [
        ("u1", "aide", "o2"),
        ("u2", "student", "o1"),
    ]


def test_two_deltas_together_renew_what_either_renewed():
    with running(service("1.2")) as served:
        old_rest(served)
        first = served.source().deliver()
        served.tables["users"][0] |= {"roles": [], "dateLastModified": LATER}
        one = served.source().deliver(first.marker)
        served.tables["users"] = [{**served.tables["users"][1], "roles": [], "dateLastModified": LATER}]
        two = served.source().deliver(first.marker)
    both = lay_over(first, lay_over(one, two))
    assert both.drafts["roles"].frame["userSourcedId"].to_list() == ["u3"]
    assert both.drafts["roles"].frame.equals(lay_over(lay_over(first, one), two).drafts["roles"].frame)


def test_the_filter_asks_from_an_hour_before_the_latest_change():
    with running(service()) as served:
        served.tables["users"][1]["dateLastModified"] = LATER
        first = served.source().deliver()
        assert first.marker["users"] == LATER
        served.source(limit=2).deliver(first.marker)
        asked = [query.get("filter") for query in served.queries("users")]
    assert asked[0] is None
    assert set(asked[1:]) == {"dateLastModified>'2026-08-02T06:00:00.000Z'"}


def test_a_date_in_the_future_hides_nothing():
    with running(service()) as served:
        served.tables["users"][1]["dateLastModified"] = "2126-08-01T06:00:00.000Z"
        started = datetime.now(UTC) - timedelta(seconds=2)
        marker = served.source().deliver().marker
    assert started <= datetime.fromisoformat(marker["users"]) <= datetime.now(UTC)


def test_a_reading_never_asks_from_earlier_than_the_one_before():
    with running(service()) as served:
        first = served.source().deliver()
        for records in served.tables.values():
            for record in records:
                record["dateLastModified"] = "2026-08-01T05:30:00.000Z"
        came, _ = read_on(served, first)
    assert came.drafts["users"].frame.height == 3
    assert came.marker == first.marker


@pytest.mark.parametrize("fault", ["refuses", "ignores"])
def test_a_service_without_filters_is_read_in_full(fault):
    kind = {"refuses": {"refuses": ("filter",)}, "ignores": {"minds_filter": False}}[fault]
    with running(service(**kind)) as served:
        for records in served.tables.values():
            records[0]["dateLastModified"] = "2025-01-01T00:00:00Z"
        served.tables["users"][1]["dateLastModified"] = LATER
        first = served.source().deliver()
        del served.tables["users"][2]
        served.tables["enrollments"] = served.tables["enrollments"][:2]
        came, whole = read_on(served, first)
    assert "users" not in came.changed_tables
    assert whole.roster().users["sourcedId"].to_list() == ["u1", "u2"]
    assert any(note.startswith("users: the service") for note in came.notes)


def test_a_service_that_answers_404_where_nothing_changed_is_read_in_full():
    with running(service()) as served:
        first = served.source().deliver()
        served.before.append(lambda it, *_: raw("{}", 404) if "filter" in it.asked[-1][1] else None)
        came, whole = read_on(served, first)
    assert came.changed_tables == ()
    assert whole.roster().counts() == first.roster().counts()


def test_records_without_dates_are_read_in_full_each_time():
    with running(service()) as served:
        for record in served.tables["classes"]:
            del record["dateLastModified"]
        first = served.source().deliver()
        came, _ = read_on(served, first)
    assert "classes" not in first.marker
    assert set(came.changed_tables) == set(COLLECTIONS) - {"classes"}
    assert came.drafts["classes"].complete


def test_changes_on_several_pages_each_time_make_a_full_reading():
    with running(service()) as served:
        first = served.source().deliver()
        served.tables["users"][1]["sourcedId"] = "u1"
        came, _ = read_on(served, first)
    assert "users" not in came.changed_tables
    assert not came.drafts["users"].complete


def test_people_who_left_the_chosen_schools_are_gone():
    with running(service()) as served:
        served.tables["orgs"].append({**served.tables["orgs"][0], "sourcedId": "o2"})
        first = served.source(schools=["o1"]).deliver()
        served.tables["users"][2] |= {"orgs": [{"sourcedId": "o2"}], "dateLastModified": LATER}
        _, whole = read_on(served, first, schools=["o1"])
    assert sorted(whole.drafts["users"].frame["sourcedId"]) == ["u1", "u2"]


@pytest.mark.parametrize(
    ("days", "full_every", "changed"), [(6.9, 7, True), (7.1, 7, False), (0, 0, False), (0.9, 1, True), (1.1, 1, False)]
)
def test_everything_is_read_again_after_so_many_days(days, full_every, changed):
    with running(service()) as served:
        first = served.source().deliver()
        later = datetime.fromisoformat(first.marker[changes.FULL]) + timedelta(days=days)
        settings = OneRosterRestSettings(**served.settings(full_every=full_every))
        source = OneRosterRest(settings, Surroundings(secret=lambda _: SECRET), now=lambda: later)
        came = source.deliver(first.marker)
    assert bool(came.changed_tables) == changed
    assert datetime.fromisoformat(came.marker[changes.FULL]) == (
        datetime.fromisoformat(first.marker[changes.FULL]) if changed else later
    )


@pytest.mark.parametrize("marker", [{}, {"full": "long ago"}, {"users": LATER}])
def test_a_marker_that_says_nothing_makes_a_full_reading(marker):
    with running(service()) as served:
        assert served.source().deliver(marker).changed_tables == ()


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-08-01T06:00:00.000Z", datetime(2026, 8, 1, 6, tzinfo=UTC)),
        ("2026-08-01T06:00:00", datetime(2026, 8, 1, 6, tzinfo=UTC)),
        ("2026-08-01T08:00:00+02:00", datetime(2026, 8, 1, 6, tzinfo=UTC)),
        ("2026-08-01", datetime(2026, 8, 1, tzinfo=UTC)),
        ("1.8.2026", None),
        (None, None),
    ],
)
def test_dates_are_understood_as_services_write_them(told, meant):
    assert changes.moment(told) == meant
