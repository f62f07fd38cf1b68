"""Secrets: ciphertext in the database, the key beside it and never in it."""

import contextlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete, select, update

from matricula import logs
from matricula.errors import StopError
from matricula.store import schema
from matricula.store.copying import sync_folder
from matricula.store.database import Database
from matricula.store.frames import upsert

KEY_VARIABLE: Final = "MATRICULA_KEY"
"""Environment variable that holds the key (or several, newest first, separated by blanks) instead of the file."""
KEY_FILE_VARIABLE: Final = "MATRICULA_KEY_FILE"
"""Environment variable that names the key file, where it is not the one in the home."""

_table: Final = schema.secret
_account: Final = schema.account
_signing: Final = schema.signing_key
_FACTOR: Final = "second factor of "
_SIGNING: Final = "signing key "
_READABLE_BY_ALL: Final = 0o007


class Secrets:
    """Queries on secrets; what goes in and comes out is ciphertext.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, name: str, ciphertext: bytes) -> None:
        """Keep a secret in the place of any earlier one with this name."""
        with self._database.writing() as connection:
            upsert(
                connection,
                _table,
                [{"name": name, "ciphertext": ciphertext, "saved_at": datetime.now(UTC)}],
            )

    def put_once(self, name: str, ciphertext: bytes) -> bytes:
        """Keep a secret, unless there is one with this name, be it from this very moment.

        Returns:
            the ciphertext that is kept.
        """
        row = {"name": name, "ciphertext": ciphertext, "saved_at": datetime.now(UTC)}
        with self._database.writing() as connection:
            connection.execute(self._database.insert(_table).values(row).on_conflict_do_nothing())
            return connection.execute(select(_table.c.ciphertext).where(_table.c.name == name)).scalar_one()

    def get(self, name: str) -> bytes | None:
        """The ciphertext kept under a name."""
        with self._database.reading() as connection:
            return connection.execute(select(_table.c.ciphertext).where(_table.c.name == name)).scalar_one_or_none()

    def saved(self, beginning: str) -> dict[str, datetime]:
        """When each secret was last kept whose name begins so."""
        statement = select(_table.c.name, _table.c.saved_at).where(_table.c.name.startswith(beginning, autoescape=True))
        with self._database.reading() as connection:
            return {row.name: row.saved_at for row in connection.execute(statement)}

    def remove(self, name: str) -> bool:
        """Remove a secret; returns whether there was one."""
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(_table.c.name == name)).rowcount > 0

    def all(self) -> dict[str, bytes]:
        """The ciphertext of each name, second factors of accounts and keys that sign among them."""
        factors = select(_account.c.name, _account.c.secret).where(_account.c.secret.is_not(None))
        with self._database.reading() as connection:
            kept = {row.name: row.ciphertext for row in connection.execute(select(_table.c.name, _table.c.ciphertext))}
            kept |= {f"{_FACTOR}{row.name}": row.secret for row in connection.execute(factors) if row.secret}
            keys = connection.execute(select(_signing.c.id, _signing.c.secret))
            return kept | {f"{_SIGNING}{row.id}": row.secret for row in keys}

    def rewrite(self, anew: Callable[[bytes], bytes]) -> int:
        """Put other ciphertext in the place of every one, all or none.

        Args:
            anew: gives the other ciphertext; an error of it leaves everything as it was.

        Returns:
            the number of secrets.
        """
        with self._database.writing() as connection:
            for name, ciphertext in self.all().items():
                if name.startswith(_FACTOR):
                    theirs = _account.c.name == name.removeprefix(_FACTOR)
                    connection.execute(update(_account).where(theirs).values(secret=anew(ciphertext)))
                    continue
                if name.startswith(_SIGNING):
                    this = _signing.c.id == name.removeprefix(_SIGNING)
                    connection.execute(update(_signing).where(this).values(secret=anew(ciphertext)))
                    continue
                here = _table.c.name == name
                connection.execute(update(_table).where(here).values(ciphertext=anew(ciphertext)))
            return len(self.all())


class Vault:
    """Encrypts and decrypts secrets with Fernet (AES-128-CBC and HMAC-SHA-256).

    The key comes from `MATRICULA_KEY` where that is set, else from the key file. Either may hold several keys: the
    first encrypts, all of them decrypt, so that a key can be replaced while old ciphertext is still about. What goes
    in or comes out is known to the log as a secret from then on.

    Args:
        key_path: the key file, one key on a line.
    """

    def __init__(self, key_path: Path) -> None:
        self.key_path: Final = Path(key_path)

    @classmethod
    def create(cls, key_path: Path) -> "Vault":
        """Make the key file, readable by its owner alone, unless there is a key; never replaces one.

        Raises:
            StopError: the file cannot be written.
        """
        vault = cls(key_path)
        if not vault.in_environment:
            with contextlib.suppress(FileExistsError):
                try:
                    write_new(vault.key_path, new_key() + "\n")
                except FileExistsError:
                    raise
                except OSError as error:
                    raise _unwritable(vault.key_path, error) from error
        return vault

    @property
    def in_environment(self) -> bool:
        """Whether the key comes from `MATRICULA_KEY`."""
        return bool(os.environ.get(KEY_VARIABLE))

    @property
    def place(self) -> str:
        """Where the key is, for people."""
        return KEY_VARIABLE if self.in_environment else str(self.key_path)

    def keys(self) -> list[str]:
        """The keys, that which encrypts first.

        Raises:
            StopError: there is none, or it cannot be read.
        """
        keys = (os.environ.get(KEY_VARIABLE) or self._read()).split()
        for key in keys:
            logs.hide(key)
        return keys

    def encrypt(self, text: str) -> bytes:
        """Encrypt a secret.

        Raises:
            StopError: there is no key, or it is not one.
        """
        return self._fernet().encrypt(logs.hide(text).encode())

    def decrypt(self, ciphertext: bytes) -> str:
        """Give back what was encrypted.

        Raises:
            StopError: there is no key, or not the one this was encrypted with.
        """
        try:
            return logs.hide(self._fernet().decrypt(ciphertext).decode())
        except InvalidToken as error:
            raise StopError(
                "A stored secret cannot be read with this key: it was encrypted with another one.",
                where=self.place,
                remedy="Put back the key file that belongs to this state (or set MATRICULA_KEY to it), "
                "or enter the secret again.",
                code="key-wrong",
            ) from error

    def made_once(self, secrets: Secrets, name: str, make: Callable[[], str]) -> str:
        """A secret that nobody enters: made when first asked for, and from then on the same for every process.

        Args:
            secrets: where it is kept.
            name: the name it is kept under.
            make: gives one that nobody has had.

        Raises:
            StopError: there is no key, or not the one this was encrypted with.
        """
        return self.decrypt(secrets.get(name) or secrets.put_once(name, self.encrypt(make())))

    def _fernet(self) -> MultiFernet:
        try:
            return MultiFernet([Fernet(key) for key in self.keys()])
        except ValueError as error:
            raise StopError(
                "This is not a key.",
                where=self.place,
                remedy="Put back the key that was made by `matricula init`: 44 characters, ending in =.",
                code="key-malformed",
            ) from error

    def _read(self) -> str:
        try:
            mode = self.key_path.stat().st_mode
            text = self.key_path.read_text("ascii")
        except UnicodeDecodeError:
            return "?"
        except OSError as error:
            raise self._unreadable(error) from error
        if sys.platform != "win32" and mode & _READABLE_BY_ALL:
            raise StopError(
                "The key file can be read by every user of this machine.",
                where=str(self.key_path),
                remedy=f"Run: chmod 600 {self.key_path}",
                code="key-exposed",
            )
        return text

    def _unreadable(self, error: OSError) -> StopError:
        if isinstance(error, FileNotFoundError):
            return StopError(
                "The key that secrets are encrypted with is missing.",
                where=str(self.key_path),
                remedy="Put the key file back from your backup, or set MATRICULA_KEY_FILE or MATRICULA_KEY; on a new "
                "machine run `matricula init` and enter the secrets again.",
                code="key-missing",
            )
        return StopError(
            f"The key file cannot be used: {error.strerror}.",
            where=str(self.key_path),
            remedy="Give the user who runs matricula permission to read it.",
            code="key-unreadable",
        )


def new_key() -> str:
    """A key that nobody has had."""
    return logs.hide(Fernet.generate_key().decode())


def write_new(path: Path, text: str) -> None:
    """Write a file that must not be there yet, for its owner alone; on disk when this returns.

    Raises:
        OSError: it is there, or cannot be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _unwritable(path: Path, error: OSError) -> StopError:
    return StopError(
        f"The key file cannot be written: {error.strerror}.",
        where=str(path),
        remedy="Name a folder that is there and that the user who runs matricula may write to (MATRICULA_KEY_FILE).",
        code="key-unwritable",
    )
