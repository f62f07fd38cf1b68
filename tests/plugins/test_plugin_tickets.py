"""The plugin's ticket checker, in PHP, on tickets made by Matricula and by forgers."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ticket_bench import (
    FORMER,
    KEY,
    LENA,
    NOW,
    PARTIES,
    PLUGIN,
    SECRET,
    altered,
    claims_of,
    made,
    signed,
    verdict,
    verdicts,
)

from matricula.profiles.landing import stays_inside
from matricula.sign_on.account import Account
from matricula.sign_on.ticket import Parties, TicketKey


def test_a_ticket_says_who_and_where_to():
    back = f"{PARTIES.issuer}/portal/end?key=1"
    told = verdict(made(to="/course/view.php?id=3", back=back, admin=True))
    assert {name: told[name] for name in ("userid", "username", "to", "back", "admin")} == {
        "userid": 17, "username": "lena", "to": "/course/view.php?id=3", "back": back, "admin": True,
    }  # fmt: skip
    assert len(told["digest"]) == 64
    assert told["until"] == int(NOW.timestamp()) + 90


def test_each_ticket_is_another_one():
    first, second = verdicts([(made(), {}, 0), (made(), {}, 0)])
    assert first["digest"] != second["digest"]


def test_administrators_are_not_meant_unless_it_says_so():
    assert verdict(made())["admin"] is False
    assert verdict(altered(admin="true"))["admin"] is False
    assert verdict(altered(admin=1))["admin"] is False


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "a.b", "a.b.c", "a.b.c.d", "..", "é.b.c", made() + "\n", "x" * 5000,
        made().rpartition(".")[0] + ".",
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_ticket_is_refused(text):
    assert verdict(text)["refused"] in ("malformed", "algorithm")


@pytest.mark.parametrize(
    "header", [*({"alg": each} for each in ("none", "HS512", "hs256", None, "RS256")), {"crit": ["exp"]}], ids=str
)
def test_forged_the_algorithm_is_not_the_tickets_to_choose(header):
    assert verdict(signed(claims_of(made()), header=header)) == {"refused": "algorithm"}


def test_forged_another_secret_does_not_sign():
    assert verdict(signed(claims_of(made()), secret="x" * 40)) == {"refused": "signature"}
    assert verdict(signed(claims_of(made()), secret="")) == {"refused": "signature"}


def test_forged_claims_cannot_be_put_under_another_signature():
    header, _, signature = made().split(".")
    _, claims, _ = made(account=Account(2, "admin")).split(".")
    assert verdict(f"{header}.{claims}.{signature}") == {"refused": "signature"}


@pytest.mark.parametrize("kid", ["another", "", None, 7])
def test_a_ticket_of_another_application_is_refused(kid):
    assert verdict(signed(claims_of(made()), header={"kid": kid})) == {"refused": "application"}
    assert verdict(altered(app="another")) == {"refused": "application"}


@pytest.mark.parametrize("url", ["https://other.example", "https://moodle.school.example", "https://moodle.school.example/m/",
                                 "https://MOODLE.school.example/m"])  # fmt: skip
def test_a_ticket_for_another_site_is_refused(url):
    assert verdict(made(parties=Parties(PARTIES.issuer, "moodle", url))) == {"refused": "site"}


@pytest.mark.parametrize("aud", [None, [PARTIES.url], {"0": PARTIES.url}, True])
def test_a_site_must_be_named_plainly(aud):
    assert verdict(altered(aud=aud)) == {"refused": "site"}


def test_a_ticket_of_another_matricula_is_refused():
    assert verdict(made(parties=Parties("https://evil.example", "moodle", PARTIES.url))) == {"refused": "issuer"}


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (89, True), (90, False), (3600, False)])
def test_a_ticket_ends(seconds, good):
    told = verdict(made(), seconds=seconds)
    assert ("userid" in told) is good
    assert good or told == {"refused": "expired"}


@pytest.mark.parametrize(("seconds", "good"), [(-30, True), (-31, False), (-3600, False)])
def test_a_clock_may_be_skewed_a_little(seconds, good):
    told = verdict(made(), seconds=seconds)
    assert ("userid" in told) is good
    assert good or told == {"refused": "early"}


def test_leeway_is_what_is_set_and_never_much():
    assert verdict(made(), seconds=-5, leeway=0) == {"refused": "early"}
    assert verdict(made(), seconds=100000, leeway=10**6) == {"refused": "expired"}


def test_a_ticket_may_not_be_good_for_long():
    moment = int(NOW.timestamp())
    assert verdict(altered(exp=moment + 121)) == {"refused": "toolong"}
    assert verdict(altered(iat=moment - 3600, nbf=moment - 3600)) == {"refused": "toolong"}


@pytest.mark.parametrize("name", ["iat", "nbf", "exp", "sub", "username", "jti"])
@pytest.mark.parametrize("value", [None, "", [], {}, True, "soon", 1.5])
def test_what_must_be_there_must_be_right(name, value):
    if (name, value) == ("username", "soon"):
        pytest.skip("a user name like any other")
    assert verdict(altered(**{name: value}))["refused"] in ("malformed", "expired", "early")


@pytest.mark.parametrize("sub", ["0", "-1", "01", "1 ", "1e3", "0x1", 17, "9" * 19])
def test_accounts_are_named_by_whole_numbers(sub):
    assert verdict(altered(sub=sub)) == {"refused": "malformed"}


WAYS_OUT = [
    "", "my/", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)",
    "/my//", "/my\n", "/my\0", "/ä", "/a b", "/my/../../x", "/..", "/./", "/%2e%2e/x", "/%2E./x", "/%5Cevil",
    "/%2f%2fevil", "/%0d%0aLocation:x", "/a?to=https://evil.example", " /my/", "/" + "x" * 1000,
]  # fmt: skip


@pytest.mark.parametrize("to", WAYS_OUT, ids=range(len(WAYS_OUT)))
def test_a_tampered_landing_address_is_refused(to):
    assert verdict(altered(to=to)) == {"refused": "landing"}
    assert not stays_inside(to)


@pytest.mark.parametrize("to", ["/", "/my/", "/course/view.php?id=3&x=%2F..%2F", "/a.b/..c", "/x?y=.."])
def test_addresses_on_the_site_are_fine(to):
    assert verdict(altered(to=to)).get("to") == to
    assert stays_inside(to)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.sampled_from("/\\.%25eEfFcC?#:ax \t\né@"), max_size=12), min_size=20, max_size=60))
def test_both_sides_say_the_same_of_any_landing_address(paths):
    told = verdicts([(altered(to=f"/{each}"), {}, 0) for each in paths])
    assert ["to" in each for each in told] == [stays_inside(f"/{each}") for each in paths]


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        *(f"{PARTIES.issuer}{each}" for each in (".evil.example/", "@evil.example/", "", "/\n")),
        7,
    ],
)
def test_one_is_sent_back_to_matricula_alone(back):
    assert verdict(altered(back=back)) == {"refused": "back"}


def test_a_ticket_is_for_one_act():
    assert verdict(made(act="logout")) == {"refused": "act"}
    assert verdict(made(act="login"), act="logout") == {"refused": "act"}
    assert verdict(made(act="logout"), act="logout")["userid"] == LENA.id


def test_the_former_secret_is_good_until_its_day():
    until = int(NOW.timestamp()) + 10
    former = made(key=TicketKey(KEY.application, FORMER))
    assert verdict(former) == {"refused": "signature"}
    assert verdict(former, previous=FORMER, previousuntil=until)["userid"] == LENA.id
    assert verdict(made(), previous=FORMER, previousuntil=until)["userid"] == LENA.id
    assert verdict(former, previous=FORMER, previousuntil=until, seconds=10) == {"refused": "signature"}


@pytest.mark.parametrize("settings", [{"secret": ""}, {"secret": "s" * 31}, {"issuer": ""}, {"application": ""}])
def test_without_settings_nobody_is_signed_on(settings):
    assert verdict(made(), **settings) == {"refused": "unset"}


def test_a_short_former_secret_is_none():
    short = made(key=TicketKey(KEY.application, "f" * 31))
    assert verdict(short, previous="f" * 31, previousuntil=2**40) == {"refused": "signature"}


def test_secrets_are_compared_in_a_time_that_tells_nothing():
    """No signature, secret or user name is compared by an operator, which ends at the first byte that differs."""
    texts = "".join((PLUGIN / "classes" / name).read_text() for name in ("ticket.php", "desk.php"))
    assert texts.count("hash_equals(") >= 2
    compared = re.findall(r"[^\n]*(?:===|!==|==|!=|strcmp)[^\n]*", texts)
    assert [line for line in compared if re.search(r"\$(secret|sig|kid\b|jwt\b)|username|'previous'\]", line)] == []
    assert SECRET not in texts


def test_every_reason_has_words():
    strings = (PLUGIN / "lang" / "en" / "auth_matricula.php").read_text()
    texts = "".join(path.read_text() for path in PLUGIN.rglob("*.php") if "lang" not in path.parts)
    reasons = set(re.findall(r"refusal\('(\w+)'", texts)) | set(re.findall(r"^ {12}'(\w+)' =>", texts, re.M))
    reasons |= {"issuer", "site", "application"}
    reasons -= {name for name in reasons if name in ("secret", "previous", "previousuntil", "leeway")}
    assert {"used", "suspended", "admin", "signature", "otheruser"} <= reasons
    assert [each for each in sorted(reasons) if f"'refused_{each}'" not in strings] == []
