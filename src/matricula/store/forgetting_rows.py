"""Which rows are about a person: by kind and key, as texts of their own, or as part of a key."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, func, or_, select, text, update

from matricula.store import schema, schema_learning
from matricula.store.ledger import SEPARATOR

OF_PEOPLE: Final = ("enrolment", "group-member", "cohort-member")
"""Kinds of records whose keys begin with a person's."""
GRADES_OF_PEOPLE: Final = ("result", "final-grade")
"""Kinds of records whose keys end with a person's."""


def replaced(value: Any, names: set[str], placeholder: str) -> Any:
    """A JSON value in which whole texts give way."""
    if isinstance(value, str):
        return placeholder if value.strip().casefold() in names else value
    if isinstance(value, list):
        return [replaced(each, names, placeholder) for each in value]
    if isinstance(value, dict):
        return {name: replaced(each, names, placeholder) for name, each in value.items()}
    return value


def jobs_of(profiles: Iterable[str]) -> Any:
    """Numbers of the jobs of profiles."""
    return select(schema.job.c.id).where(schema.job.c.profile.in_(profiles))


def plans_of(profile: str) -> Any:
    """Numbers of the plans of a profile."""
    return select(schema.plan.c.number).where(schema.plan.c.profile == profile)


def rows_about(table: Table, keys: Iterable[str]) -> ColumnElement[bool]:
    """Rows of kinds that are about a person, by kind and key."""
    return or_(
        and_(table.c.kind == "user", table.c.key.in_(keys)),
        and_(table.c.kind.in_(OF_PEOPLE), begins(table.c.key, keys, alone=False)),
        and_(table.c.kind.in_(GRADES_OF_PEOPLE), ends(table.c.key, keys)),
    )


def begins(column: Any, keys: Iterable[str], *, alone: bool = True) -> ColumnElement[bool]:
    """Whether a key is one of these, or begins with one and a TAB; LIKE would take capitals for small letters."""
    prefixes = [f"{key}{SEPARATOR}" for key in keys]
    begun = [func.substr(column, 1, len(prefix)) == prefix for prefix in prefixes]
    return or_(column.in_(keys), *begun) if alone else or_(*begun)


def ends(column: Any, keys: Iterable[str]) -> ColumnElement[bool]:
    """Whether a key ends with a TAB and one of these."""
    suffixes = [f"{SEPARATOR}{key}" for key in keys]
    found = (func.substr(column, func.length(column) - len(each) + 1) == each for each in suffixes)
    return or_(*found) if suffixes else text("1 = 0")  # type: ignore[return-value]


def blanked(kind: str, key: str, placeholder: str) -> str:
    """The key of a record of somebody with the placeholder in the place of the person's own."""
    if kind in GRADES_OF_PEOPLE:
        return f"{key[: key.rindex(SEPARATOR) + 1]}{placeholder}"
    return placeholder + (key[key.index(SEPARATOR) :] if SEPARATOR in key else "")


def asked_by_block(site: str, usernames: Iterable[str], placeholder: str) -> Iterator[tuple[Table, Any]]:
    """Statements that blank somebody for whom the block inside a Moodle asked for something.

    Args:
        site: the site.
        usernames: the person's user names there.
        placeholder: what stands in their place.
    """
    names = {f"block {site}: {name}".casefold() for name in usernames}
    for table, column in _ASKED_BY:
        where = func.lower(table.c[column]).in_(names)
        yield table, update(table).where(where).values({column: f"block {site}: {placeholder}"})


_ASKED_BY: Final = (
    (schema.audited, "by"),
    (schema.plan_audit, "by"),
    (schema.run, "owner"),
    (schema.job, "asked_by"),
    (schema_learning.tool_preview, "made_by"),
    (schema_learning.tool_preview, "applied_by"),
)
