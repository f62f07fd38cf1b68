"""Backups of the state and their way back: the key apart unless it is asked for, and nothing that was there lost."""

import contextlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.engine import make_url

from matricula.errors import MatriculaError, StopError, UsageError
from matricula.hub.home import DATABASE, Home, key_path, state_address
from matricula.hub.persons import person
from matricula.store import Vault
from matricula.store.backup import Manifest, stage
from matricula.store.database import file_of
from matricula.store.restoring import put
from matricula.store.secrets import write_new

_NAMED: Final = re.compile(r"matricula-\d{8}T\d{6}Z\.backup")
_MOMENT: Final = "%Y%m%dT%H%M%SZ"
_BESIDE: Final = ".before-"
_STAGED: Final = ".restoring"


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made.

    Args:
        file: where it is.
        size: its bytes.
        with_key: whether the key is in it.
        key_place: where the key is otherwise.
        deleted: older backups of the folder that were deleted.
    """

    file: Path
    size: int
    with_key: bool
    key_place: str
    deleted: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Restored:
    """A backup that was put in force.

    Args:
        manifest: what the backup said of itself.
        aside: where the state is kept that was there before; None where there was none.
        key: `same`, `put`, `replaced` or `other` where a key was in it, else empty.
        key_aside: where the key is kept that was replaced.
        unreadable: secrets that cannot be read with the key in force, by name.
    """

    manifest: Manifest
    aside: Path | None
    key: str
    key_aside: Path | None
    unreadable: tuple[str, ...]


def back_up(home: Home, to: Path, *, with_key: bool = False, force: bool = False, keep: int | None = None) -> BackedUp:
    """Write a backup, while runs write.

    Args:
        home: the home.
        to: the file, or a folder in which it gets a name by its moment.
        with_key: whether the key of the secrets is to be in it.
        force: whether a file that is there is replaced.
        keep: how many backups stay in the folder; the oldest others are deleted when this one is there.

    Raises:
        UsageError: a server keeps the state, there is such a file, or `keep` is said of a file.
        StopError: the file cannot be written, or the key cannot be read.
    """
    if not home.store.is_file:
        raise _of_server(home.store.where, "backed up", _dump_command(home))
    folder = to.is_dir()
    if keep is not None and not folder:
        raise UsageError(
            "--keep counts the backups of a folder, and this is none.",
            where=str(to),
            remedy="Name a folder that is there, or leave --keep out.",
            code="backup-no-folder",
        )
    file = to / f"matricula-{datetime.now(UTC):{_MOMENT}}.backup" if folder else to
    if file.exists() and not force:
        raise UsageError(
            "There is such a file already; it is left as it is.",
            where=str(file),
            remedy="Name another one, name a folder, or add --force.",
            code="file-exists",
        )
    if file.exists() and file.samefile(home.store.where):
        raise UsageError(
            "This is the state itself.", where=str(file), remedy="Name another file.", code="backup-itself"
        )
    home.store.back_up(file, tuple(home.vault.keys()) if with_key else ())
    size = file.stat().st_size
    home.store.acts.note("backup", person(), {"bytes": size})
    return BackedUp(file, size, with_key, home.vault.place, tuple(_delete_oldest(to, keep)) if keep else ())


def restore(folder: Path, file: Path) -> Restored:
    """Put a backup in force; what was there is kept aside.

    Args:
        folder: the home, which need not be there.
        file: the backup, or any copy of a state.

    Raises:
        UsageError: a server keeps the state.
        WaitError: a service, a run or another command is at work on it.
        SettingError: the file is no backup, or one of a newer matricula.
        StopError: it is damaged, or something cannot be written.
    """
    address = state_address(folder)
    current = file_of(address)
    if current is None:
        raise _of_server("MATRICULA_DATABASE", "restored", "pg_restore --clean --if-exists --dbname=ADDRESS FILE")
    try:
        current.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StopError(
            f"The folder cannot be made: {error.strerror}.",
            where=str(folder),
            remedy="Name a folder that you may write to, with --home or MATRICULA_HOME.",
            code="home-not-writable",
        ) from error
    at = f"{datetime.now(UTC):{_MOMENT}}"
    staged = current.with_name(current.name + _STAGED)
    aside = current.with_name(f"{current.name}{_BESIDE}restore-{at}")
    try:
        manifest = stage(file, staged)
        kept = put(staged, current, aside)
    finally:
        for ending in ("", "-wal", "-shm"):
            staged.with_name(staged.name + ending).unlink(missing_ok=True)
    key, key_aside = _put_key(Vault(key_path(folder)), manifest.keys, at)
    with Home(folder) as home:
        home.store.acts.note("restore", person(), {})
        unreadable = _unreadable(home)
    return Restored(manifest, aside if kept else None, key, key_aside, unreadable)


def copies_beside(home: Home) -> list[Path]:
    """Copies of the state that upgrades and restores left beside it, oldest first."""
    if not home.store.is_file:
        return []
    current = Path(home.store.where)
    return sorted(current.parent.glob(f"{current.name}{_BESIDE}*"), key=lambda each: each.stat().st_mtime)


def _delete_oldest(folder: Path, keep: int) -> list[Path]:
    made = sorted(each for each in folder.iterdir() if _NAMED.fullmatch(each.name))
    old = made[: max(0, len(made) - keep)]
    for each in old:
        each.unlink(missing_ok=True)
    return old


def _put_key(vault: Vault, keys: tuple[str, ...], at: str) -> tuple[str, Path | None]:
    if not keys:
        return "", None
    try:
        there = tuple(vault.keys())
    except MatriculaError:
        there = ()
    if there == keys:
        return "same", None
    if vault.in_environment:
        return "other", None
    aside = None
    path = vault.key_path
    try:
        if path.exists():
            aside = path.with_name(f"{path.name}{_BESIDE}restore-{at}")
            os.replace(path, aside)  # noqa: PTH105 - the word says what is meant
        write_new(path, "\n".join(keys) + "\n")
    except OSError:
        if aside and aside.exists() and not path.exists():
            os.replace(aside, path)  # noqa: PTH105 - the word says what is meant
        return "other", None
    return ("replaced" if aside else "put"), aside


def _unreadable(home: Home) -> tuple[str, ...]:
    kept = home.store.secrets.all()
    try:
        keys = home.vault.keys()
        fernet = MultiFernet([Fernet(key) for key in keys])
    except (MatriculaError, ValueError):
        return tuple(sorted(kept))
    lost = []
    for name, ciphertext in kept.items():
        with contextlib.suppress(InvalidToken):
            fernet.decrypt(ciphertext)
            continue
        lost.append(name)
    return tuple(sorted(lost))


def _dump_command(home: Home) -> str:
    url = make_url(home.store.where)._replace(drivername="postgresql", password=None)
    return f"pg_dump --format=custom --file=matricula.dump '{url.render_as_string()}'"


def _of_server(where: str, what: str, command: str) -> UsageError:
    return UsageError(
        f"The state is kept by PostgreSQL, where it is {what} by PostgreSQL's own means.",
        where=where,
        remedy=f"Use: {command}. Save the key ({DATABASE.removesuffix('.db')}.key in the home, or what "
        "MATRICULA_KEY_FILE names) apart from it; see docs/operating/backup.md.",
        code="backup-server",
    )
