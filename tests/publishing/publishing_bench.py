"""Publishes rosters made by hand into tables that are frames, so that rules are tried without a database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
from rosters import profile, roster

from matricula.planning import Draft
from matricula.profiles import Profile, desire
from matricula.profiles.documents import STANDARD_ROLES
from matricula.publishing import draft_publication
from matricula.publishing.shape import FORMER, KEY, KINDS, schema_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Bench:
    """Tables as frames, and the profile that is published in them."""

    def __init__(self, **parts: Any) -> None:
        self.profile: Profile = profile(**parts)
        self.tables = {kind: pl.DataFrame(schema=schema_of(kind, self.profile)) for kind in (*KINDS, FORMER)}

    def draft(self, *, renamed: tuple[str, ...] = (), now: datetime = NOW, **of_roster: Any) -> Draft:
        came = roster(**of_roster)
        return draft_publication(
            desire(came, self.profile), self.profile, STANDARD_ROLES, self.tables, now, came.findings, renamed
        )

    def publish(self, **asked: Any) -> Draft:
        """Draft, and do to the frames what the draft says."""
        draft = self.draft(**asked)
        for change in draft.changes.iter_rows(named=True):
            rows = {row[KEY]: row for row in self.tables[change["kind"]].iter_rows(named=True)}
            after = json.loads(change["after"])
            assert (change["key"] in rows) == (change["action"] != "create")
            if change["removes"]:
                if change["kind"] == "user":
                    self._left(change["key"])
                del rows[change["key"]]
            else:
                schema = schema_of(change["kind"], self.profile)
                blank = {name: 0 if kind == pl.Int64 else "" for name, kind in schema.items()}
                rows[change["key"]] = blank | {KEY: change["key"]} | rows.get(change["key"], {}) | after
            schema = schema_of(change["kind"], self.profile)
            self.tables[change["kind"]] = pl.DataFrame(list(rows.values()), schema=schema, orient="row")
        return draft

    def _left(self, key: str) -> None:
        rows = {row[KEY]: row for row in self.tables[FORMER].iter_rows(named=True)}
        rows[key] = {KEY: key, "username": self.row("user", key)["username"]}
        self.tables[FORMER] = pl.DataFrame(list(rows.values()), schema=self.tables[FORMER].schema)

    def row(self, kind: str, key: str) -> dict[str, Any]:
        return self.tables[kind].filter(pl.col(KEY) == key).row(0, named=True)

    def keys(self, kind: str) -> list[str]:
        return sorted(self.tables[kind][KEY])


def told(draft: Draft) -> list[tuple[str, str, str]]:
    """Kind, action and name of each change."""
    return list(draft.changes.select("kind", "action", "name").iter_rows())


def codes(draft: Draft) -> list[str]:
    return [finding.code for finding in draft.findings if finding.code.startswith("published-")]
