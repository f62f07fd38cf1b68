"""Passwords: which are refused, how they are kept."""

import contextlib

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.errors import UsageError
from matricula.service.passwords import Passwords

ABOUT = ("olga.owner", "Olga Owner", "olga@hillside.example")
PASSWORDS = Passwords()


@pytest.mark.parametrize(
    "password",
    [
        "olgaolgaolga",
        "Olga.Owner1234",
        "owner-hillside",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "987654321098",
        "abcdefghijklmnop",
        "abababababababab",
        "passwordpassword",
        "Moodle-Moodle-2026",
        "matricula1234",
        "qwertzqwertz",
    ],
)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(UsageError) as refused:
        PASSWORDS.hashed(password, ABOUT)
    assert refused.value.code == "password-guessable"


@pytest.mark.parametrize(
    "password", ["a sentence to remember", "Zwölf Bäume am Bach", "839201748362", "tr0ub4dor&3xyz", "x" * 6 + "kqmzvt"]
)
def test_what_is_not_is_taken(password):
    assert PASSWORDS.right(PASSWORDS.hashed(password, ABOUT), password)


@pytest.mark.parametrize(("length", "code"), [(11, "password-short"), (201, "password-long")])
def test_length_is_bounded_on_both_sides(length, code):
    password = ("correct horse battery staple " * 9)[:length]
    with pytest.raises(UsageError) as refused:
        PASSWORDS.hashed(password)
    assert refused.value.code == code


def test_it_is_kept_by_argon2id_at_the_cost_that_owasp_asks_for():
    kept = PASSWORDS.hashed("a sentence to remember")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_older_cost_is_renewed():
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("a sentence to remember")
    assert PASSWORDS.right(old, "a sentence to remember")
    renewed = PASSWORDS.renewed(old, "a sentence to remember")
    assert renewed
    assert PASSWORDS.renewed(renewed, "a sentence to remember") is None


def test_the_same_letters_typed_on_another_keyboard_are_the_same():
    kept = PASSWORDS.hashed("Zwo\u0308lf Ba\u0308ume am Bach")
    assert PASSWORDS.right(kept, "Zw\u00f6lf B\u00e4ume am Bach")


def test_without_an_account_nothing_is_right():
    assert not PASSWORDS.right(None, "a sentence to remember")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    assert not PASSWORDS.right(None, text)
    with contextlib.suppress(UsageError):
        assert PASSWORDS.right(PASSWORDS.hashed(text), text)
