"""Whether somebody who types a user name and a password is a person of a directory: found, then bound as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.sources.ldap.locks import is_disabled
from matricula.sources.ldap.settings import LdapSettings, UserPart
from matricula.sources.ldap.templates import DN, Taken, Template
from matricula.sources.ldap.values import Entry, dn_key

if TYPE_CHECKING:
    from matricula.sources.ldap.directory import Directory

_LONGEST = 200


@dataclass(frozen=True)
class Bound:
    """Somebody who is who they say.

    Args:
        dn: their distinguished name, in the form that compares.
        row: columns of people, made as the source makes them.
    """

    dn: str
    row: Mapping[str, str]


def bound(settings: LdapSettings, reader: str, column: str, typed: str, password: str) -> Bound | None:
    """Find a person by what they typed as user name, and bind as them with the password that they typed.

    Args:
        settings: the source's.
        reader: the password of the account that it reads with; blank without one.
        column: the column of people that is typed.
        typed: the user name.
        password: the password.

    Returns:
        the person; None where there is no such person, several are, they are disabled, or the password is not theirs.

    Raises:
        SettingError: the column is not made of one attribute, or the source's account is refused.
        WaitError: no server is in reach.
    """
    # A bind with a name and no password succeeds as nobody (RFC 4513, 5.1.2): it proves nothing.
    if not password or not typed.strip() or len(typed) > _LONGEST or "\0" in typed + password:
        return None
    from matricula.sources.ldap.directory import Directory  # loading its library takes half a second

    with Directory(settings, reader, lambda _: None) as directory:
        found = {
            entry.key: entry for part in settings.users for entry in _found(directory, settings, part, column, typed)
        }
    if len(found) != 1:
        return None
    (one,) = found.values()
    theirs = settings.model_copy(update={"bind_dn": one.dn})
    try:
        with Directory(theirs, password, lambda _: None):
            pass
    except WaitError:
        raise
    except MatriculaError:
        return None
    return Bound(one.key, one.row)


@dataclass(frozen=True)
class _Found:
    key: str
    dn: str
    row: Mapping[str, str]


def _found(directory: "Directory", settings: LdapSettings, part: UserPart, column: str, typed: str) -> list[_Found]:
    from matricula.sources.ldap.directory import escaped

    columns = settings.columns_of(part)
    attribute = _attribute_of(columns.get(column), column)
    everybody = part.filter or settings.preset.users
    query = f"(&{everybody}({attribute}={escaped(typed.strip())}))"
    wanted = sorted({name for made in columns.values() for name in made.attributes} | set(settings.disabled_by))
    now, where = datetime.now(UTC), f"portal, {part.base}"
    entries = list(directory.search(part.base, query, part.scope, wanted, where))
    if part.disabled_filter and entries:
        off = f"(&{query}{part.disabled_filter})"
        shut = {dn_key(each.dn) for each in directory.search(part.base, off, part.scope, [], where)}
        entries = [each for each in entries if dn_key(each.dn) not in shut]
    return [
        _Found(dn_key(each.dn), each.dn, _row(columns, each))
        for each in entries
        if not is_disabled(each, settings.disabled_by, now)
    ]


def _attribute_of(made: Template | None, column: str) -> str:
    """The attribute that a column is, so that an entry can be looked for by it."""
    only = made.pieces[0] if made is not None and len(made.pieces) == 1 else None
    if not isinstance(only, Taken) or only.part or only.name == DN:
        raise SettingError(
            f"People cannot be looked for by “{column}”: the source does not make it of one attribute.",
            where="service, portal.directory.username",
            remedy="Name a column that the source makes of one attribute, such as username made of uid.",
            code="portal-column",
        )
    return only.name


def _row(columns: Mapping[str, Template], entry: Entry) -> dict[str, str]:
    texts = {column: made.texts(entry) for column, made in columns.items()}
    # Of several values nobody could say which is meant.
    return {column: found[0] for column, found in texts.items() if len(found) == 1}
