"""Signatures, against the vectors of the Standard Webhooks specification's own libraries."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.errors import SettingError
from matricula.service.signing import headers_of, key_of, signature, verified

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER = "msg_p5jXN8AQM9LWM0D4loKWxJek"
MOMENT = 1614265330
BODY = b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
AT = datetime.fromtimestamp(MOMENT, UTC)
KEY = key_of(SECRET, "hook")


def headers(**other):
    given = {"webhook-id": NUMBER, "webhook-timestamp": str(MOMENT), "webhook-signature": SIGNED}
    return given | {f"webhook-{name}": value for name, value in other.items()}


@pytest.mark.parametrize("prefix", ["", "whsec_"])
def test_the_vector_of_the_specification(prefix):
    assert signature(key_of(prefix + SECRET, "hook"), NUMBER, MOMENT, BODY) == SIGNED
    assert headers_of(KEY, NUMBER, AT, BODY) == headers()
    assert verified(KEY, headers(), BODY, AT) == NUMBER


@pytest.mark.parametrize(
    "other",
    [
        {"id": ""},
        {"id": "msg.1"},
        {"id": "x" * 201},
        {"timestamp": ""},
        {"timestamp": "hello"},
        {"timestamp": "-1614265330"},
        {"timestamp": "1" * 400},
        {"timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="},
        {"signature": SIGNED[:8]},
        {"signature": SIGNED.replace("v1,", "v2,")},
        {"signature": "ü"},
    ],
)
def test_what_is_not_signed_like_this_is_refused(other):
    assert verified(KEY, headers(**other), BODY, AT) is None


def test_one_of_several_signatures_is_enough():
    others = ["v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=", "v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="]
    assert verified(KEY, headers(signature=" ".join([*others, SIGNED, others[0]])), BODY, AT) == NUMBER


@pytest.mark.parametrize(("late", "taken"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_it_has_to_be_now(late, taken):
    assert (verified(KEY, headers(), BODY, AT + timedelta(seconds=late)) is not None) == taken


def test_another_body_or_key_is_refused():
    assert verified(KEY, headers(), BODY + b" ", AT) is None
    assert verified(bytes(24), headers(), BODY, AT) is None


@pytest.mark.parametrize("secret", ["", "whsec_", "my-own-password", "c2hvcnQ=", "whsec_" + "ü" * 40])
def test_a_secret_that_is_none_is_refused_in_words(secret):
    with pytest.raises(SettingError, match="openssl rand") as caught:
        key_of(secret, "hook")
    assert caught.value.code == "hook-secret"


@settings(deadline=None)
@given(
    st.binary(min_size=24, max_size=64), st.from_regex(r"[a-zA-Z0-9_-]{1,60}", fullmatch=True), st.binary(max_size=99)
)
def test_whatever_is_signed_is_verified(key, number, body):
    assert verified(key, headers_of(key, number, AT, body), body, AT) == number
    assert verified(key, headers_of(key, number, AT, body), body + b"x", AT) is None
