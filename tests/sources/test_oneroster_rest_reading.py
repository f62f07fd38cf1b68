"""OneRoster REST: what a reading gives, by every way of signing in."""

import gzip
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oneroster_service import KEY, READ, SECRET, Service, big, raw, running, service

from matricula.errors import SettingError
from matricula.roster import Roster
from matricula.sources.oneroster_rest import rows
from matricula.sources.records import as_text


def read(served: Service, **settings) -> Roster:
    return served.source(**settings).deliver().roster()


@pytest.mark.parametrize(
    "kind",
    [
        {"method": "oauth1", "signature": "HMAC-SHA1"},
        {"method": "oauth1", "signature": "HMAC-SHA256"},
        {"method": "bearer"},
        {"method": "client-credentials"},
        {"version": "1.2", "method": "client-credentials"},
        {"version": "1.2", "method": "bearer"},
    ],
)
def test_a_school_is_read_by_every_way_of_signing_in(kind):
    with running(service(**kind)) as served:
        roster = read(served, limit=2)
    assert roster.counts() == {
        "orgs": 1,
        "academicSessions": 1,
        "courses": 1,
        "classes": 2,
        "users": 3,
        "roles": 3,
        "enrollments": 4,
    }
    assert roster.findings == ()
    assert all(roster.scope.covers(name) for name in roster.counts())


def test_pointers_lists_booleans_and_days_become_cells():
    with running(service()) as served:
        served.tables["users"][1] |= {
            "agents": [{"href": "/users/u3", "sourcedId": "u3", "type": "user"}],
            "userIds": [{"type": "LDAP", "identifier": "x7"}, {"type": "SIS", "identifier": 12}],
            "enabledUser": "false",
            "grades": ["09", "10"],
        }
        served.tables["academicSessions"][0] |= {"startDate": "2026-08-01T00:00:00.000Z", "schoolYear": 2027}
        roster = read(served)
    user = roster.users.row(1, named=True)
    assert user["agentSourcedIds"] == ["u3"]
    assert user["userIds"] == ["{LDAP:x7}", "{SIS:12}"]
    assert user["enabledUser"] is False
    assert user["grades"] == ["09", "10"]
    assert user["orgSourcedIds"] == ["o1"]
    session = roster.academicSessions.row(0, named=True)
    assert (session["startDate"], session["schoolYear"]) == (date(2026, 8, 1), "2027")
    assert roster.classes["termSourcedIds"].to_list() == [["y27"], ["y27"]]
    assert roster.findings == ()


def test_simple_values_of_metadata_are_extension_columns():
    with running(service()) as served:
        served.tables["users"][0]["metadata"] = {"house": "Red", "points": 7, "edfi": {"key": 1}, "password": "x"}
        served.tables["users"][2]["metadata"] = {"clubs": ["chess", "choir"], "house": None}
        roster = read(served, limit=1)
    assert roster.extensions("users") == ("metadata.house", "metadata.points", "metadata.clubs")
    assert roster.users["metadata.house"].to_list() == ["Red", None, None]
    assert roster.users["metadata.clubs"].to_list() == [None, None, "chess,choir"]


def test_roles_of_1_2_come_from_within_users_and_keep_their_ids():
    with running(service("1.2")) as served:
        served.tables["users"][0]["roles"] = [
            {"roleType": "primary", "role": "teacher", "org": {"sourcedId": "o1"}, "beginDate": "2026-08-01"},
            {"roleType": "secondary", "role": "parent", "org": {"sourcedId": "o1"}, "userProfile": "p7"},
            {"roleType": "secondary", "role": "teacher", "org": {"sourcedId": "o1"}},
        ]
        roster, again = read(served), read(served, limit=1)
    mine = roster.roles.filter(roster.roles["userSourcedId"] == "u1")
    assert mine["sourcedId"].to_list() == ["u1/teacher/o1", "u1/parent/o1", "u1/teacher/o1/2"]
    assert mine["userProfileSourcedId"].to_list() == [None, "p7", None]
    assert roster.users["role"].to_list() == ["teacher", "student", "student"]
    assert again.roles.equals(roster.roles)


@pytest.mark.parametrize("status", ["tobedeleted", "inactive", "ToBeDeleted"])
def test_records_that_are_no_more_are_not_there(status):
    with running(service()) as served:
        served.tables["users"][2]["status"] = status
        served.tables["enrollments"] = served.tables["enrollments"][:2]
        roster = read(served)
    assert roster.users["sourcedId"].to_list() == ["u1", "u2"]
    assert roster.scope.covers("users")
    assert roster.findings == ()


def test_a_record_without_sourced_id_takes_the_table_out_of_the_scope():
    with running(service()) as served:
        del served.tables["users"][2]["sourcedId"]
        roster = read(served)
    assert not roster.scope.covers("users")


def test_a_collection_that_is_not_there_is_not_delivered():
    with running(service()) as served:
        del served.tables["courses"]
        roster = read(served)
    assert not roster.scope.covers("courses")
    assert [each.table for each in roster.findings if each.code == "collection-missing"] == ["courses"]


@pytest.mark.parametrize(
    "tail", ["", "/", "/ims/oneroster", "/ims/oneroster/v1p1", "/ims/oneroster/v1p1/users?limit=1"]
)
def test_the_address_may_have_the_standards_path_or_not(tail):
    with running(service()) as served:
        assert read(served, url=f"{served.address}{tail}").counts()["users"] == 3


def test_only_the_schools_named_are_read():
    with running(service()) as served:
        served.tables["orgs"].append({"sourcedId": "o2", "name": "Elm School", "type": "school"})
        served.tables["users"][1]["orgs"] = [{"sourcedId": "o2"}]
        served.tables["classes"][1]["school"] = {"sourcedId": "o2"}
        served.tables["enrollments"] = [
            {**each, "school": {"sourcedId": "o2"}} if each["class"]["sourcedId"] == "c2" else each
            for each in served.tables["enrollments"]
            if each["user"]["sourcedId"] != "u2"
        ]
        roster = read(served, schools=["o1"])
    assert roster.orgs["sourcedId"].to_list() == ["o1", "o2"]
    assert roster.classes["sourcedId"].to_list() == ["c1"]
    assert roster.users["sourcedId"].to_list() == ["u1", "u3"]
    assert roster.enrollments["sourcedId"].to_list() == ["e1", "e3"]
    assert roster.findings == ()


def test_in_1_2_a_role_makes_a_person_belong_to_a_school():
    with running(service("1.2")) as served:
        served.tables["orgs"].append({"sourcedId": "o2", "name": "Elm School", "type": "school"})
        served.tables["users"][1]["roles"][0]["org"] = {"sourcedId": "o2"}
        served.tables["users"][2] |= {"roles": [], "primaryOrg": {"sourcedId": "o2"}}
        roster = read(served, schools=["o2"])
    assert roster.users["sourcedId"].to_list() == ["u2", "u3"]


def test_an_unknown_school_is_refused_with_those_there_are():
    with running(service()) as served, pytest.raises(SettingError, match=r"no school o9.*o1 \(Oak School\)"):
        read(served, schools=["o9"])


def test_a_token_is_kept_until_it_ends_and_got_again_once_when_refused():
    with running(service("1.2", expires_in=3600)) as served:
        read(served)
        assert len(served.tokens) == 1
        served.before.append(lambda it, *_: it.tokens.append("another") if len(it.asked) == 9 else None)
        served.source().deliver()
        assert served.tokens == ["token-0", "token-1", "another", "token-3"]


def test_a_token_that_ends_soon_is_got_anew_each_time():
    with running(service("1.2", expires_in=1)) as served:
        read(served)
        assert len(served.tokens) == 6


def test_client_and_secret_can_stand_in_the_body():
    with running(service("1.2", client_in="body")) as served:
        auth = {"method": "client-credentials", "client_id": KEY, "token_url": f"{served.address}/token"}
        assert read(served, auth={**auth, "client_in": "body"}).counts()["users"] == 3
        with pytest.raises(SettingError, match="client_in: body"):
            read(served, auth=auth)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_scopes_are_those_of_reading_a_roster_unless_named(version):
    asked = READ.replace("v1p2", f"v1p{version[-1]}")
    with running(service(version, method="client-credentials", scopes=(asked,))) as served:
        assert read(served).counts()["users"] == 3
        auth = served.settings()["auth"] | {"scopes": ["https://else.where/scope"]}
        with pytest.raises(SettingError, match=r"https://else\.where/scope"):
            read(served, auth=auth)


def test_the_secret_may_have_any_letters_and_stands_in_no_refusal():
    assert "/" in SECRET
    with running(service("1.2")) as served, pytest.raises(SettingError) as error:
        served.source(secret="wrong but told").deliver()
    assert error.value.code == "credentials-refused"
    assert "who is …?" in str(error.value)
    assert "wrong but told" not in str(error.value)


def test_what_came_packed_is_unpacked():
    with running(service()) as served:
        body = gzip.compress(json.dumps({"users": big(5)}).encode())
        packed = {"content_encoding": "gzip", "x_total_count": "5"}
        served.before.append(lambda _, name, __: raw(body, **packed) if name == "users" else None)
        assert served.source().deliver().drafts["users"].frame.height == 5


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda below: (
            st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["sourcedId", "a"]), below, max_size=2)
        ),
        max_leaves=8,
    ),
    st.sampled_from(rows.COLLECTIONS),
)
def test_whatever_stands_in_a_record_its_row_is_text(value, name):
    fields = ("status", "grades", "org", "orgs", "metadata", "startDate", "userIds", "roles", "enabledUser")
    record = {"sourcedId": "x", **dict.fromkeys(fields, value)}
    frame = rows.rows_of(name, "1.1", [record])
    assert frame.height == 1
    assert set(map(str, frame.dtypes)) == {"String"}
    assert rows.roles_of([record]).width > 0
    assert as_text(frame["sourcedId"][0]) == "x"
