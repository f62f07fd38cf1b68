"""Requests of the block: who signed them, when, for which address and which bytes."""

import hashlib
import hmac
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.errors import UsageError
from matricula.service import block_signing
from matricula.service.block_signing import NONCE, SIGNATURE, TIME, signature, verified

KEY, OTHER = b"k" * 32, b"o" * 32
PATH, BODY = "/hooks/moodle/north/course", b'{"courseid":7}'
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
NUMBER = "0123456789abcdef" * 2


def headers(key=KEY, *, moment=None, nonce=NUMBER, path=PATH, body=BODY):
    told = str(int(AT.timestamp())) if moment is None else str(moment)
    return {TIME: told, NONCE: nonce, SIGNATURE: signature(key, told, nonce, path, body)}


def refused(sent, *, keys=(KEY,), path=PATH, body=BODY, at=AT):
    with pytest.raises(UsageError) as error:
        verified(keys, sent, path, body, at)
    return error.value.code


def test_the_signature_is_the_one_that_is_agreed_on():
    """Written out here by hand: the plugin inside Moodle makes the same."""
    text = f"1795694400\n{NUMBER}\nPOST\n{PATH}\n{hashlib.sha256(BODY).hexdigest()}"
    wanted = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    assert signature(KEY, "1795694400", NUMBER, PATH, BODY) == wanted


def test_what_is_signed_now_is_taken_and_known_again():
    first = verified((KEY,), headers(), PATH, BODY, AT)
    assert first.nonce == NUMBER
    assert first.ends_at.timestamp() == AT.timestamp() + 300
    assert first.digest("north") != first.digest("south")


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_it_is_good_for_five_minutes_both_ways(seconds):
    sent = headers(moment=int(AT.timestamp()) + seconds)
    assert verified((KEY,), sent, PATH, BODY, AT)


@pytest.mark.parametrize("seconds", [-301, 301, -3600, 86_400])
def test_a_clock_that_is_wrong_is_told_to_whoever_knows_the_secret(seconds):
    sent = headers(moment=int(AT.timestamp()) + seconds)
    assert refused(sent) == "block-clock"
    assert refused(sent, keys=(OTHER,)) == "block-refused"


def test_another_key_body_path_or_method_is_refused():
    assert refused(headers(OTHER)) == "block-refused"
    assert refused(headers(), body=BODY + b" ") == "block-refused"
    assert refused(headers(), path="/hooks/moodle/north/continue") == "block-refused"
    assert refused(headers(), path="/hooks/moodle/south/course") == "block-refused"
    text = f"{int(AT.timestamp())}\n{NUMBER}\nGET\n{PATH}\n{hashlib.sha256(BODY).hexdigest()}"
    got = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    assert refused(headers() | {SIGNATURE: got}) == "block-refused"


def test_a_moment_or_number_that_was_exchanged_is_refused():
    sent = headers()
    assert refused(sent | {TIME: str(int(AT.timestamp()) + 1)}) == "block-refused"
    assert refused(sent | {NONCE: "f" * 32}) == "block-refused"


@pytest.mark.parametrize(
    "odd",
    [{NONCE: ""}, {NONCE: "A" * 32}, {NONCE: "ab"}, {NONCE: f"{NUMBER}\n"}, {TIME: ""}, {TIME: "-1"}, {TIME: "1e9"},
     {TIME: "9" * 13}, {SIGNATURE: ""}, {SIGNATURE: "é"}],
)  # fmt: skip
def test_what_is_no_such_header_is_refused(odd):
    assert refused(headers() | odd) == "block-refused"


@pytest.mark.parametrize("name", [TIME, NONCE, SIGNATURE])
def test_a_header_that_is_missing_is_refused(name):
    assert refused({each: value for each, value in headers().items() if each != name}) == "block-refused"


def test_the_key_before_is_taken_while_there_is_one():
    assert verified((OTHER, KEY), headers(), PATH, BODY, AT)
    assert refused(headers(), keys=(OTHER,)) == "block-refused"


def test_where_there_is_no_key_nothing_is_taken_not_even_an_empty_one():
    assert refused(headers(b""), keys=()) == "block-refused"
    assert refused(headers(), keys=()) == "block-refused"


def test_signatures_are_compared_in_a_time_that_tells_nothing(monkeypatch):
    compared, compare_digest = [], hmac.compare_digest

    def compare(one, other):
        compared.append((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr(block_signing.hmac, "compare_digest", compare, raising=True)
    verified((OTHER, KEY), headers(), PATH, BODY, AT)
    assert len(compared) == 2, "all keys, whichever fits"
    refused(headers(), keys=())
    assert len(compared) == 3, "and one where there is none"


@given(st.binary(max_size=60), st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 59))
def test_a_bit_that_is_turned_anywhere_is_noticed(body, nonce, place):
    moment = str(int(time.time()))
    now = datetime.fromtimestamp(int(moment), UTC)
    sent = {TIME: moment, NONCE: nonce, SIGNATURE: signature(KEY, moment, nonce, PATH, body)}
    assert verified((KEY,), sent, PATH, body, now).nonce == nonce
    turned = bytearray(body or b"\0")
    turned[place % len(turned)] ^= 1
    if bytes(turned) != body:
        assert refused(sent, body=bytes(turned), at=now) == "block-refused"
    made = bytearray(bytes.fromhex(sent[SIGNATURE]))
    made[place % 32] ^= 1
    assert refused(sent | {SIGNATURE: made.hex()}, body=body, at=now) == "block-refused"
