"""Accounts of the console: who may sign in, what they may do, and who is signed in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from matricula.store import schema
from matricula.store.database import Database

_account: Final = schema.account
_role: Final = schema.account_role
_session: Final = schema.session

ALL_SITES: Final = "*"
"""Stands for every site in what an account may do."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A role that an account has.

    Args:
        role: `owner`, `operator`, `approver` or `viewer`.
        site: the site it is for; `*` for all.
    """

    role: str
    site: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Args:
        id: its number.
        name: what is typed to sign in, in lower case.
        display: the person's name.
        email: where messages go; may be empty.
        password: the argon2id hash; None where only the school's sign-on is used.
        secret: the second factor's secret, encrypted; None where none is set up.
        secret_step: the last time step whose code was used; None while no code has confirmed the secret yet.
        subject: who this is at the OpenID Connect provider, as `issuer subject`.
        state: `active` or `closed`.
        created_at: when it was made.
        seen_at: when it was last signed in.
        roles: what it may do.
    """

    id: int
    name: str
    display: str
    email: str
    password: str | None
    secret: bytes | None
    secret_step: int | None
    subject: str | None
    state: str
    created_at: datetime
    seen_at: datetime | None
    roles: tuple[Granted, ...] = field(default=())

    @property
    def second_factor(self) -> bool:
        """Whether a second factor is set up and confirmed."""
        return self.secret is not None and self.secret_step is not None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Args:
        digest: SHA-256 of the cookie, in hexadecimal.
        account: the account's number.
        began_at: when it began.
        seen_at: when it was last used, to the minute.
        ends_at: when it ends in any case.
        address: the network address it began from.
        agent: the browser, as it names itself.
        complete: false while the second factor is still to be given.
        renew: whether it gets another cookie with the next page, because rights have changed.
    """

    digest: str
    account: int
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str
    complete: bool
    renew: bool = False


class Accounts:
    """Queries on accounts and what they may do.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, values: dict[str, Any], roles: Iterable[Granted]) -> int:
        """Add an account; returns its number.

        Args:
            values: columns of the table but `id`.
            roles: what it may do.
        """
        with self._database.writing() as connection:
            number = int(connection.execute(insert(_account).values(**values).returning(_account.c.id)).scalar_one())
            self.set_roles(number, roles)
        return number

    def change(self, number: int, **values: Any) -> None:
        """Set columns of an account anew."""
        with self._database.writing() as connection:
            connection.execute(update(_account).where(_account.c.id == number).values(**values))

    def set_roles(self, number: int, roles: Iterable[Granted]) -> None:
        """Say anew what an account may do."""
        rows = [{"account": number, "role": each.role, "site": each.site} for each in dict.fromkeys(roles)]
        with self._database.writing() as connection:
            connection.execute(delete(_role).where(_role.c.account == number))
            if rows:
                connection.execute(insert(_role), rows)

    def count(self) -> int:
        """How many accounts there are, closed ones too."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(_account)).scalar_one())

    def all(self) -> list[Account]:
        """All accounts, by name."""
        return self._accounts(None)

    def get(self, number: int) -> Account | None:
        """An account by its number."""
        return next(iter(self._accounts(_account.c.id == number)), None)

    def by_name(self, name: str) -> Account | None:
        """An account by what is typed to sign in."""
        return next(iter(self._accounts(_account.c.name == name)), None)

    def by_email(self, email: str) -> list[Account]:
        """Accounts with an e-mail address, in whatever case."""
        return self._accounts(func.lower(_account.c.email) == email.lower()) if email else []

    def owners(self) -> int:
        """How many people could sign in as owner for all sites; within a transaction nobody changes that meanwhile."""
        able = (_account.c.password.is_not(None)) | (_account.c.subject.is_not(None))
        owning = _role.c.account.in_(select(_account.c.id).where(_account.c.state == "active", able))
        statement = select(_role).where(_role.c.role == "owner", _role.c.site == ALL_SITES, owning)
        with self._database.reading() as connection:
            return len(connection.execute(statement.with_for_update()).all())

    def by_subject(self, subject: str) -> Account | None:
        """An account by who it is at the OpenID Connect provider."""
        return next(iter(self._accounts(_account.c.subject == subject)), None)

    def _accounts(self, wanted: Any) -> list[Account]:
        statement = select(_account).order_by(_account.c.name)
        granted = select(_role).order_by(_role.c.role, _role.c.site)
        if wanted is not None:
            statement = statement.where(wanted)
            granted = granted.where(_role.c.account.in_(select(_account.c.id).where(wanted)))
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
            roles: dict[int, list[Granted]] = {}
            for account, role, site in connection.execute(granted):
                roles.setdefault(account, []).append(Granted(role, site))
        return [Account(**row._asdict(), roles=tuple(roles.get(row.id, ()))) for row in rows]


class Sessions:
    """Queries on who is signed in.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: Session) -> None:
        """Note that somebody signed in."""
        values: dict[str, Any] = {name: getattr(session, name) for name in Session.__slots__}
        values |= {"complete": int(session.complete), "renew": int(session.renew)}
        with self._database.writing() as connection:
            connection.execute(insert(_session).values(**values))

    def get(self, digest: str) -> Session | None:
        """A session by the digest of its cookie, ended by time or not."""
        return next(iter(self._sessions(_session.c.digest == digest)), None)

    def of(self, account: int) -> list[Session]:
        """Sessions of an account, the last used first."""
        return self._sessions(_session.c.account == account)

    def seen(self, digest: str, at: datetime) -> None:
        """Note that a session was used."""
        with self._database.writing() as connection:
            connection.execute(update(_session).where(_session.c.digest == digest).values(seen_at=at))

    def end(self, digest: str) -> bool:
        """End a session; returns whether there was one."""
        with self._database.writing() as connection:
            return connection.execute(delete(_session).where(_session.c.digest == digest)).rowcount > 0

    def end_soon(self, digest: str, at: datetime) -> None:
        """Let a session end at a moment in any case: another one has taken its place."""
        with self._database.writing() as connection:
            here = (_session.c.digest == digest) & (_session.c.ends_at > at)
            connection.execute(update(_session).where(here).values(ends_at=at))
            connection.execute(update(_session).where(_session.c.digest == digest).values(renew=0))

    def renew_of(self, account: int) -> None:
        """Let the sessions of an account get other cookies."""
        with self._database.writing() as connection:
            connection.execute(update(_session).where(_session.c.account == account).values(renew=1))

    def end_of(self, account: int, but: str = "") -> None:
        """End the sessions of an account, all but one."""
        with self._database.writing() as connection:
            connection.execute(delete(_session).where(_session.c.account == account, _session.c.digest != but))

    def clear(self, before: datetime, idle_since: datetime) -> None:
        """Take out sessions that ended before a moment, or were not used since another."""
        with self._database.writing() as connection:
            ended = (_session.c.ends_at < before) | (_session.c.seen_at < idle_since)
            connection.execute(delete(_session).where(ended))

    def _sessions(self, wanted: Any) -> list[Session]:
        statement = select(_session).where(wanted).order_by(_session.c.seen_at.desc())
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(statement)]
        return [Session(**row | {"complete": bool(row["complete"]), "renew": bool(row["renew"])}) for row in rows]
