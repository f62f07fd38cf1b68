"""Whose account it is: asked of a Moodle that looks like one, with what could make a real one take another."""

from datetime import UTC, datetime

import pytest

from matricula.moodle import Moodle, User
from matricula.sandbox import running
from matricula.service.holding import HoldingDesk, _alone
from matricula.sign_on import Person
from matricula.sign_on.account import NotSignedOnError
from matricula.store import LedgerRow

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def site():
    with running(fixture="empty") as site:
        yield site


@pytest.fixture
def moodle(site):
    with Moodle(site.url, site.tokens["admin"]) as moodle:
        yield moodle


@pytest.fixture
def holding(service, site, tmp_path):
    document = f"kind: site\nname: school\nurl: {site.url}\nsign_on: {{by: openid, match: username}}\n"
    service.home.load(document, "test", tmp_path)
    service.home.keep_token("school", site.tokens["admin"])
    return HoldingDesk(service.home, service.going)


def made(moodle, name, email, **more):
    row = {"username": name, "firstname": name.title(), "lastname": "Of Moodle", "email": email, "auth": "manual"}
    return moodle.users.create([row | {"password": "Pass-word-123"} | more])[0].id


def test_everything_is_told_as_the_moodle_has_it(holding, moodle, service, tmp_path):
    number = made(moodle, "lena", "Lena@School.example", idnumber="4711")
    service.home.load(
        f"kind: source\nname: sis\ntype: oneroster-csv\npath: {tmp_path}\n---\n"
        "kind: profile\nname: default\nsource: sis\nsite: school\n",
        "test",
        tmp_path,
    )
    service.store.ledger.upsert(None, "default", [LedgerRow("user", "u-1", number, "made", '{"username": "lena"}')])
    holder = holding.holder(Person("x 1", username="LENA", given="Magdalena", family="Else"), "school", NOW)
    assert (holder.account, holder.username, holder.email) == (number, "lena", "Lena@School.example")
    assert (holder.given, holder.family, holder.idnumber, holder.sourced_id) == ("Lena", "Of Moodle", "4711", "u-1")
    assert holder.claims("Client-A")["sub"] == f"{number}.client-a"


@pytest.mark.parametrize(
    ("found", "code"),
    [([], "sign-on-email-shared"), ([7], "sign-on-email-shared"), ([42, 7], "sign-on-email-shared")],
)
def test_moodle_must_be_sure_to_find_just_this_account(found, code):
    class Users:
        def find(self, by, values):
            assert (by, values) == ("email", {"lena@school.example"})
            return [User(each, f"user{each}", email="lena@school.example") for each in found]

    class AnyMoodle:
        users = Users()

    with pytest.raises(NotSignedOnError) as caught:
        _alone(AnyMoodle(), 42, "lena@school.example", "school")
    assert caught.value.code == code
    with pytest.raises(NotSignedOnError) as caught:
        _alone(AnyMoodle(), 42, "", "school")
    assert caught.value.code == "sign-on-no-email"


def test_who_has_no_account_or_a_closed_one_is_refused(holding, moodle):
    number = made(moodle, "lena", "lena@school.example")
    with pytest.raises(NotSignedOnError) as caught:
        holding.holder(Person("x 2", username="otto"), "school", NOW)
    assert caught.value.code == "sign-on-no-account"
    moodle.users.update([{"id": number, "suspended": True}])
    with pytest.raises(NotSignedOnError) as caught:
        holding.holder(Person("x 1", username="lena"), "school", NOW)
    assert caught.value.code == "sign-on-suspended"
