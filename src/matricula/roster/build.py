"""From the text of a delivery's tables to a checked roster."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from matricula.roster.cells import check_cells
from matricula.roster.draft import Draft
from matricula.roster.duplicates import settle_duplicates
from matricula.roster.findings import FindingBook
from matricula.roster.references import check_references
from matricula.roster.roles import add_roles_to_users, check_users_have_roles, roles_from_users
from matricula.roster.roster import Roster, Scope
from matricula.roster.tables import LINE, TABLES

AT_ONCE = 2
"""So many tables are checked at once."""


def build_roster(drafts: Mapping[str, Draft], version: str, book: FindingBook, origin: str) -> Roster:
    """Check the tables of a delivery and make the roster of them.

    Whatever the source, it hands over text; what is legal, what is tolerated and what is left out is decided here.

    Args:
        drafts: the tables that the source read, by name; text columns by OneRoster's names and `line`.
        version: OneRoster version of the delivery, `1.1` or `1.2`.
        book: findings so far; those made here are added.
        origin: where the delivery came from, for people.

    Returns:
        the roster, in the shape of version 1.2.
    """
    drafts = {name: drafts[name] for name in TABLES if name in drafts and version in TABLES[name].versions}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Each table by itself: the largest takes as long as all others together.
        list(pool.map(lambda draft: _check_alone(draft, version, book), drafts.values()))
    if version == "1.2" and "users" in drafts and "roles" in drafts:
        check_users_have_roles(drafts["users"], drafts["roles"], book)
    for draft in drafts.values():
        check_references(draft, drafts, version, book)
    return _roster(drafts, version, book, origin)


def _check_alone(draft: Draft, version: str, book: FindingBook) -> None:
    """Check what can be told of a table without the others."""
    settle_duplicates(draft, book)
    check_cells(draft, version, book)


def _roster(drafts: Mapping[str, Draft], version: str, book: FindingBook, origin: str) -> Roster:
    frames = {name: _frame(drafts[name]) if name in drafts else table.empty() for name, table in TABLES.items()}
    files = {name: draft.file for name, draft in drafts.items()}
    complete = {name for name, draft in drafts.items() if _is_complete(draft)}
    if version == "1.1":
        frames["roles"] = roles_from_users(frames["users"])
        if "users" in drafts:
            files["roles"] = files["users"]
        if "users" in complete:
            complete.add("roles")
    else:
        frames["users"] = add_roles_to_users(frames["users"], frames["roles"])
    return Roster(
        **frames,
        scope=Scope(frozenset(complete)),
        findings=book.sorted(),
        origin=origin,
        files=files,
        unreadable={name: frozenset(draft.lost) for name, draft in drafts.items() if draft.lost},
        unreadable_unknown={name: draft.lost_unknown for name, draft in drafts.items() if draft.lost_unknown},
        unreadable_pairs=frozenset(pair for draft in drafts.values() for pair in draft.lost_pairs),
    )


def _frame(draft: Draft) -> pl.DataFrame:
    """The rows; lines that nobody could look up are not told."""
    return draft.frame if draft.numbered else draft.frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(LINE))


def _is_complete(draft: Draft) -> bool:
    return draft.complete and draft.readable and not draft.lost_unknown and ("", "") not in draft.lost_pairs
