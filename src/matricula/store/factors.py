"""Second factors: the secret of each account, which codes were used, and the codes for when it is lost."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from matricula.store import schema
from matricula.store.database import Database

_account: Final = schema.account
_recovery: Final = schema.recovery


class Factors:
    """Queries on second factors.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: int, ciphertext: bytes) -> bool:
        """Keep a secret that no code has confirmed yet, unless there is one that was; returns whether it is kept."""
        here = (_account.c.id == account) & (_account.c.secret.is_(None) | _account.c.secret_step.is_(None))
        with self._database.writing() as connection:
            return connection.execute(update(_account).where(here).values(secret=ciphertext)).rowcount > 0

    def confirm(self, account: int, step: int) -> bool:
        """Note the first code of a secret, from which on it counts; returns false where it counts already."""
        here = (_account.c.id == account) & _account.c.secret.is_not(None) & _account.c.secret_step.is_(None)
        with self._database.writing() as connection:
            return connection.execute(update(_account).where(here).values(secret_step=step)).rowcount > 0

    def use(self, account: int, step: int) -> bool:
        """Note that the code of a time step is used; returns false where it, or a later one, was used before."""
        here = (_account.c.id == account) & _account.c.secret.is_not(None) & (_account.c.secret_step < step)
        with self._database.writing() as connection:
            return connection.execute(update(_account).where(here).values(secret_step=step)).rowcount > 0

    def remove(self, account: int) -> None:
        """Take the second factor and its recovery codes away."""
        with self._database.writing() as connection:
            none = {"secret": None, "secret_step": None}
            connection.execute(update(_account).where(_account.c.id == account).values(**none))
            connection.execute(delete(_recovery).where(_recovery.c.account == account))

    def keep_codes(self, account: int, digests: Iterable[str]) -> None:
        """Put recovery codes in the place of all earlier ones."""
        rows = [{"account": account, "digest": each} for each in digests]
        with self._database.writing() as connection:
            connection.execute(delete(_recovery).where(_recovery.c.account == account))
            connection.execute(insert(_recovery), rows)

    def take_code(self, account: int, digest: str) -> bool:
        """Use a recovery code up; returns whether it was there."""
        here = (_recovery.c.account == account) & (_recovery.c.digest == digest)
        with self._database.writing() as connection:
            return connection.execute(delete(_recovery).where(here)).rowcount > 0

    def codes_left(self, account: int) -> int:
        """How many recovery codes are left."""
        statement = select(func.count()).select_from(_recovery).where(_recovery.c.account == account)
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()
