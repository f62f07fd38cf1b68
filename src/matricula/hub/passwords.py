"""Passwords of accounts that runs made: worked out anew when they are asked for, and stored nowhere."""

import secrets
from dataclasses import dataclass

import polars as pl

from matricula.errors import UsageError
from matricula.hub.audited import note, subject_of
from matricula.hub.home import Home
from matricula.planning.passwords import PasswordOf, password_of
from matricula.store import PastChange

_SECRET = "passwords"  # noqa: S105 - the name under which it is kept
_BYTES = 32

#: Columns of what is handed out.
COLUMNS = ("name", "username", "email", "kind", "password")


def passwords_for(home: Home, site: str, profile: str) -> PasswordOf:
    """How a profile's passwords are worked out, from a secret that the home keeps encrypted.

    Raises:
        StopError: the home's key is missing, or is not the one that the secret was encrypted with.
    """
    secret = home.vault.made_once(home.store.secrets, _SECRET, lambda: secrets.token_hex(_BYTES))
    return password_of(bytes.fromhex(secret), site, profile)


@dataclass(frozen=True)
class HandedOut:
    """The first password of an account that a run made.

    Args:
        run: the run.
        username: the user name that the account was made with.
        password: the password; whoever has changed theirs since has another one.
    """

    run: int
    username: str
    password: str


def has_password(home: Home, profile: str, key: str) -> bool:
    """Whether a run gave a person's account a password that can still be handed out."""
    return _made_with_password(home, profile, key) is not None


def password_of_person(home: Home, profile: str, key: str) -> HandedOut:
    """The first password of a person's account; that it was asked for is noted.

    Args:
        home: the home.
        profile: the profile.
        key: the person's sourcedId.

    Raises:
        UsageError: no run made the person's account with a password of ours, or its plan was purged.
    """
    made = _made_with_password(home, profile, key)
    if made is None or made.run is None:
        raise UsageError(
            "No run gave this person's account a password, or its plan is no longer kept.",
            where=f"profile {profile}",
            remedy="Set a new password in Moodle.",
            code="password-none",
        )
    site, username = home.store.runs.get(made.run).site, str(made.after["username"])
    note(home, "password.shown", profile, subject=subject_of("user", key))
    return HandedOut(made.run, username, passwords_for(home, site, profile)(key, username))


def _made_with_password(home: Home, profile: str, key: str) -> PastChange | None:
    made = home.store.history.making(profile, "user", key)
    return made if made is not None and made.after.get("password") == "generate" else None


def passwords_of_run(home: Home, number: int) -> pl.DataFrame:
    """The passwords of the accounts that a run made and gave a password.

    Args:
        home: the home.
        number: the run.

    Returns:
        `COLUMNS`, one row an account, by kind and name.

    Raises:
        UsageError: there is no such run.
    """
    run = home.store.runs.get(number)
    done = home.store.journal.outcomes(number).filter(pl.col("state") == "done")["change"]
    made = home.store.plans.changes(run.plan).filter(
        pl.col("number").is_in(done.implode()), pl.col("kind") == "user", pl.col("action") == "create"
    )
    fields = {name: pl.col("after").str.json_path_match(f"$.{name}") for name in ("username", "email", "password")}
    given = made.select("key", "name", "written", **fields).filter(pl.col("password") == "generate")
    of = passwords_for(home, run.site, run.profile)
    return (
        given.with_columns(
            kind=pl.col("written").str.json_path_match("$.kind"),
            password=pl.Series([of(*pair) for pair in given.select("key", "username").iter_rows()], dtype=pl.String),
        )
        .sort("kind", "name", "username")
        .select(*COLUMNS)
    )
