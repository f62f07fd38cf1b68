"""Passwords of new accounts: worked out, never stored."""

import re
from pathlib import Path

from desk import Desk, change
from hypothesis import given
from hypothesis import strategies as st

from matricula.planning.passwords import password_of

TEXT = st.text(max_size=20)


@given(st.binary(min_size=1, max_size=40), TEXT, TEXT, TEXT, TEXT)
def test_every_password_has_all_that_a_policy_asks_for_and_is_the_same_again(secret, site, profile, key, username):
    password = password_of(secret, site, profile)(key, username)
    assert len(password) == 24
    assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    assert password == password_of(secret, site, profile)(key, username)


def test_each_account_profile_site_and_secret_has_passwords_of_its_own():
    given_all = {
        password_of(secret, site, profile)(key, name)
        for secret in (b"one", b"two")
        for site in ("s", "t")
        for profile in ("p", "q")
        for key in ("k", "l")
        for name in ("m", "n")
    }
    assert len(given_all) == 32


def test_no_password_is_in_a_plan_or_anywhere_in_the_state(desk: Desk, tmp_path: Path):
    draft = desk.run()
    assert change(draft, "user")["after"]["password"] == "generate"
    password = password_of(b"secret", "moodle", "default")("u1", "ann")
    assert password not in draft.changes.write_csv()
    assert not any(password.encode() in file.read_bytes() for file in tmp_path.iterdir())
