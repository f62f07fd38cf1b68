"""Publishing as the hub does it: where to, with which password, and what the state remembers of it."""

import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from matricula import logs
from matricula.applying import Applied
from matricula.errors import SettingError
from matricula.hub.deliveries import Say
from matricula.hub.home import Home
from matricula.planning import Draft
from matricula.profiles import Profile, desire
from matricula.profiles.documents import STANDARD_ROLES
from matricula.publishing import PREFIX, Publication, Tables, draft_publication, opened, read_address
from matricula.roster import Roster
from matricula.store import Outcome, PlanRecord

VARIABLE = "MATRICULA_PUBLISH_PASSWORD"
_KEY = "publication"


class Target:
    """A database to publish to.

    Args:
        to: its address, without a password.
        prefix: what the names of the tables begin with.
        password_file: a file that holds the password; else the environment variable does, where one is needed.

    Raises:
        UsageError: the address is none, or holds a password.
    """

    def __init__(self, to: str, prefix: str = PREFIX, password_file: Path | None = None) -> None:
        self.address = read_address(to, prefix)
        self._file = password_file.absolute() if password_file else None

    @property
    def name(self) -> str:
        """What it is called in plans, in the place of a site."""
        return self.address.name

    def remembered(self) -> dict[str, Any]:
        """What a plan keeps so that it can be applied; the password is not among it."""
        file = str(self._file) if self._file else None
        to = self.address.text
        return {_KEY: {"token": uuid.uuid4().hex, "to": to, "prefix": self.address.prefix, "password_file": file}}

    def password(self) -> str:
        """The password; empty where none was given.

        Raises:
            SettingError: the file cannot be read.
        """
        if self._file is None:
            return logs.hide(os.environ.get(VARIABLE, ""))
        try:
            return logs.hide(self._file.read_text(encoding="utf-8-sig").strip("\r\n"))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(
                "The password cannot be read from this file.",
                where=str(self._file),
                remedy="See that the file is there, that you may read it, and that it is plain text.",
                code="password-file",
            ) from error


def is_publication(record: PlanRecord) -> bool:
    """Whether a plan is for tables and not for a Moodle."""
    return _KEY in record.summary


def drafted(home: Home, profile: Profile, roster: Roster, target: Target, say: Say, renamed: Sequence[str]) -> Draft:
    """What has to be written to the tables of a target.

    Args:
        home: the home.
        profile: the profile.
        roster: what its source delivered.
        target: the database.
        say: told in words what is being done.
        renamed: user names that accounts were given or freed of in Moodle by hand.
    """
    desired = desire(roster, profile)
    say(f"reading {target.name}")
    with opened(target.address, target.password(), profile) as tables:
        _settle(home, target.name, tables)
        current = tables.read()
    roles = home.site(profile.site).roles if profile.site in home.names("site") else STANDARD_ROLES
    say("comparing")
    return draft_publication(desired, profile, roles, current, datetime.now(UTC), roster.findings, renamed)


def published(home: Home, record: PlanRecord, changes: pl.DataFrame, profile: Profile, person: str) -> Applied:
    """Write a stored publication, or find that it was written before somebody was cut off.

    Args:
        home: the home.
        record: the plan, which is not held.
        changes: its changes.
        profile: its profile.
        person: who publishes.

    Raises:
        MatriculaError: nothing was written.
    """
    kept = record.summary[_KEY]
    file = Path(kept["password_file"]) if kept["password_file"] else None
    target, store, number = Target(kept["to"], kept["prefix"], file), home.store, record.number or 0
    with opened(target.address, target.password(), profile) as tables, tables.alone():
        _settle(home, record.site, tables)
        run = store.runs.start(number, record.profile, record.site, person)
        try:
            if not tables.holds(kept["token"]):
                note = Publication(kept["token"], number, profile.name, record.source, changes.height, person)
                tables.write(changes, note)
        except BaseException:
            store.runs.finish(run, "interrupted", {})
            raise
        _noted(home, run)
    return Applied(run, {"done": changes.height})


def _noted(home: Home, run: int) -> None:
    """Note that the changes of a run stand in the tables, as far as that is not noted yet."""
    with home.store.begin():
        pending = home.store.journal.pending(run)
        home.store.journal.record(run, [Outcome(number, "done") for number in pending])
        home.store.runs.finish(run, "done", {"done": len(pending)})


def _settle(home: Home, site: str, tables: Tables) -> None:
    """Find out what became of publications that were cut off: each took place as a whole or not at all."""
    store = home.store
    while run := store.runs.unfinished(site):
        record = store.plans.get(run.plan)
        if tables.holds(record.summary[_KEY]["token"]):
            _noted(home, run.id)
            if record.state in ("ready", "released"):
                store.plans.set_state(run.plan, "applied", run.owner, "every change has an outcome")
        else:
            store.runs.finish(run.id, "interrupted", {})
