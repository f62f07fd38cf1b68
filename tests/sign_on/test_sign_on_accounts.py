"""Whose account it is: compared byte for byte, and refused wherever it is not sure."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.errors import StopError
from matricula.moodle import Moodle
from matricula.profiles import Site
from matricula.sandbox import running
from matricula.sign_on import Person
from matricula.sign_on.account import Known, NotSignedOnError, account_of, same
from matricula.sign_on.userkey import address_by_key, refuse_foreign_address


@pytest.fixture(scope="module")
def moodle():
    with running(fixture="empty") as sandbox, Moodle(sandbox.url, sandbox.tokens["admin"], callers=1) as moodle:
        moodle.sandbox = sandbox
        yield moodle


@pytest.fixture(autouse=True)
def people(moodle):
    """Accounts by their names; taken out afterwards."""
    rows = [
        {"username": name, "firstname": name, "lastname": "X", "password": "Sign-12345",
         "email": f"{name}@school.example", "idnumber": number}
        for name, number in (("kate", "N-1"), ("lena", "N-2"), ("otto", "N-3"), ("olga", "N-3"))
    ]  # fmt: skip
    made = {each.username: each.id for each in moodle.users.create(rows)}
    yield made
    moodle.users.delete(list(made.values()))


@pytest.fixture
def site(moodle):
    return Site(name="moodle", url=moodle.url)


@pytest.fixture
def account(moodle, site):
    def find(match="username", known=(), *, administrators=False, **person):
        return account_of(Person("test", **person), site, moodle, known, match=match, administrators=administrators)

    return find


def code_of(call, *arguments, **more):
    with pytest.raises(NotSignedOnError) as refused:
        call(*arguments, **more)
    return refused.value.code


@pytest.mark.parametrize(
    ("match", "person"),
    [
        ("username", {"username": "lena"}),
        ("username", {"username": "Lena"}),
        ("email", {"email": "lena@school.example"}),
        ("email", {"email": "LENA@School.example"}),
        ("idnumber", {"idnumber": "N-2"}),
    ],
)
def test_an_account_is_found_by_the_sites_field(account, people, match, person):
    assert account(match, **person).id == people["lena"]


@pytest.mark.parametrize(
    ("match", "person"),
    [
        ("username", {"username": "\u212aate"}),
        ("username", {"username": "ｋate"}),
        ("username", {"username": "kate\u0301"}),
        ("username", {"username": "káte"}),
        ("username", {"username": " kate"}),
        ("username", {"username": "kate\u200b"}),
        ("email", {"email": "\u212aate@school.example"}),
        ("email", {"email": "káte@school.example"}),
        ("email", {"email": "ｋate@school.example"}),
        ("email", {"email": "kate@school.example "}),
        ("idnumber", {"idnumber": "n-1"}),
        ("idnumber", {"idnumber": "Ñ-1"}),
        ("idnumber", {"idnumber": "N-1 "}),
        ("idnumber", {"idnumber": "Ｎ-1"}),
    ],
    ids=ascii,
)
def test_a_user_swapped_by_case_or_unicode_is_refused(account, match, person):
    assert code_of(account, match, **person) in ("sign-on-no-account", "sign-on-account-other")


def test_the_site_does_answer_with_another_account(account, moodle):
    """So the refusals above are ours, and not the site's."""
    assert moodle.users.find("email", ["káte@school.example"]) != []
    assert code_of(account, "email", email="káte@school.example") == "sign-on-account-other"
    assert code_of(account, "idnumber", idnumber="n-1") == "sign-on-account-other"


@given(st.text(max_size=6), st.text("kKaA\u212a\u0130ıſsßSéÉ", max_size=6))
def test_no_two_texts_are_the_same_but_by_plain_case(said, account):
    if same("idnumber", said, account):
        assert said == account
    if same("username", said, account):
        assert account == said.lower()
        assert unicodedata.normalize("NFKC", said) == said
    if same("email", said, account):
        assert [each.isascii() for each in said] == [each.isascii() for each in account]


def test_several_with_the_same_are_nobody(account):
    assert code_of(account, "idnumber", idnumber="N-3") == "sign-on-ambiguous"


@pytest.mark.parametrize("match", ["username", "email", "idnumber"])
def test_who_is_not_named_is_nobody(account, match):
    assert code_of(account, match) == "sign-on-unnamed"


def test_suspended_people_are_refused(account, moodle, people):
    moodle.users.update([{"id": people["lena"], "suspended": True}])
    assert code_of(account, username="lena") == "sign-on-suspended"
    known = [Known(people["lena"], {"username": "lena"})]
    assert code_of(account, known=known, username="x") == "sign-on-suspended"


@pytest.mark.parametrize(("column", "value", "code"), [("confirmed", 0, "unconfirmed"), ("auth", "nologin", "nologin")])
def test_accounts_that_may_not_sign_in_are_refused(account, moodle, people, column, value, code):
    moodle.sandbox.state.run(f"UPDATE user SET {column} = ? WHERE id = ?", value, people["lena"])
    assert code_of(account, username="lena") == f"sign-on-{code}"


def test_deleted_accounts_are_refused(account, moodle):
    row = {
        "username": "gone",
        "firstname": "G",
        "lastname": "X",
        "password": "Sign-12345",
        "email": "gone@school.example",
    }
    (made,) = moodle.users.create([row])
    moodle.users.delete([made.id])
    assert code_of(account, username="gone") == "sign-on-no-account"
    assert code_of(account, known=[Known(made.id, {"username": "gone"})]) == "sign-on-account-gone"


def test_administrators_are_refused_unless_allowed(account):
    assert code_of(account, username="admin") == "sign-on-administrator"
    assert account(username="admin", administrators=True).username == "admin"
    assert code_of(account, username="guest", administrators=True) == "sign-on-guest"


def test_the_ledger_counts_first(account, people):
    known = [Known(people["lena"], {"username": "lena", "email": "old@school.example"})]
    assert account(known=known, username="kate").id == people["lena"]


def test_an_id_of_the_ledger_is_trusted_only_while_the_account_is_the_same(account, people):
    known = [Known(people["lena"], {"username": "otto", "idnumber": "N-3"})]
    assert code_of(account, known=known) == "sign-on-account-other"
    assert code_of(account, known=[Known(people["lena"], {})]) == "sign-on-account-other"
    assert code_of(account, known=[Known(people["lena"], {"idnumber": ""})]) == "sign-on-account-other"


def test_profiles_that_know_different_accounts_are_believed_neither(account, people):
    known = [Known(people[name], {"username": name}) for name in ("lena", "kate")]
    assert code_of(account, known=known) == "sign-on-ambiguous"
    assert account(known=known[:1] * 2).id == people["lena"]


def test_where_the_ledger_alone_counts_no_field_does(account):
    assert code_of(account, None, username="lena", email="lena@school.example") == "sign-on-no-account"


def test_a_key_is_asked_for_only_where_nobody_else_has_the_value(account, moodle, site):
    found = account("username", username="otto")
    assert code_of(address_by_key, moodle, site, found, "idnumber", "/my/") == "sign-on-ambiguous"
    assert (
        code_of(address_by_key, moodle, site, account(username="lena"), "email", "//evil.example") == "sign-on-landing"
    )
    address = address_by_key(moodle, site, found, "email", "/course/view.php?id=2")
    assert address.startswith(f"{moodle.url}/auth/userkey/login.php?key=")
    assert address.endswith("%2Fcourse%2Fview.php%3Fid%3D2")


PAGE = "/auth/userkey/login.php?key=1"


@pytest.mark.parametrize(
    ("site_url", "address"),
    [
        ("https://m.example", f"http://m.example{PAGE}"),
        ("https://m.example", f"https://m.example:8443{PAGE}"),
        ("https://m.example", f"https://m.example.evil.example{PAGE}"),
        ("https://m.example", f"https://m.example@evil.example{PAGE}"),
        ("https://m.example", f"https://me@m.example{PAGE}"),
        ("https://m.example/a", f"https://m.example{PAGE}"),
        ("https://m.example/a", f"https://m.example/b{PAGE}"),
        ("https://m.example", f"https://m.example/a{PAGE}"),
        ("https://m.example", "https://m.example/auth/userkey/login.php"),
        ("https://m.example", f"https://m.example{PAGE}&wantsurl=https://evil.example"),
        ("https://m.example", f"https://m.example{PAGE}#x"),
        ("https://m.example", "javascript:alert(1)"),
        ("https://m.example", f"//m.example{PAGE}"),
        ("https://m.example", "https://m.example:x/"),
    ],
)
def test_an_address_that_is_not_the_sites_own_is_refused(site_url, address):
    with pytest.raises(StopError):
        refuse_foreign_address(address, site_url, "moodle")


@pytest.mark.parametrize(
    ("site_url", "address"),
    [
        ("https://m.example", f"https://m.example{PAGE}"),
        ("https://m.example", f"https://M.example:443{PAGE}"),
        ("https://m.example/a", f"https://m.example/a{PAGE}"),
    ],
)
def test_an_address_of_the_site_is_fine(site_url, address):
    refuse_foreign_address(address, site_url, "moodle")
