"""A new key in the place of the old one, and a key file moved elsewhere; cut off anywhere, nothing is lost.

The order is the promise: the new key stands in the file, before the old ones, before the first secret is encrypted
with it; the old ones leave the file after the last secret is, and after every one was read with the new key alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from matricula.errors import StopError, UsageError
from matricula.store.copying import sync_folder
from matricula.store.secrets import KEY_FILE_VARIABLE, KEY_VARIABLE, Secrets, Vault, new_key, write_new

_BESIDE: Final = ".new"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Args:
        place: where the key is.
        secrets: how many secrets are encrypted with the new key.
        old: how many old keys are still where the key is, for a person to take away.
        written: the file that a person has to put in force first; None where nothing is left to do.
    """

    place: str
    secrets: int
    old: int
    written: Path | None = None


def rotate(vault: Vault, kept: Secrets, to: Path | None = None) -> Rotated:
    """Put a new key in the place of the old ones and encrypt every secret with it.

    A key in the environment cannot be replaced from here. There it takes two steps: a file with a new key before
    those in force, and, when the environment holds these, the encrypting.

    Args:
        vault: the key in force.
        kept: the secrets.
        to: a new file for the keys, where they come from the environment.

    Raises:
        UsageError: the key comes from the environment and no file is named, or one is named without need.
        StopError: a secret cannot be read with the keys there are, or a file cannot be written.
    """
    keys = vault.keys()
    if vault.in_environment:
        return _in_environment(vault, kept, keys, to)
    if to is not None:
        raise UsageError(
            "The key is in a file, which is written anew where it is.",
            where=vault.place,
            remedy="Leave --to out; `matricula key move FILE` puts the key elsewhere.",
            code="key-in-file",
        )
    _read_all(kept, keys, vault.place)
    newest = new_key()
    _replace(vault.key_path, [newest, *keys])
    number = _encrypt(kept, [newest, *keys])
    _read_all(kept, [newest], vault.place)
    _replace(vault.key_path, [newest])
    return Rotated(vault.place, number, 0)


def move(vault: Vault, to: Path) -> None:
    """Move the key file; begun again after it was cut off, it goes on.

    Args:
        vault: the key in force.
        to: the new file.

    Raises:
        UsageError: the key is in the environment, or there is another file in the new place.
        StopError: a file cannot be written or removed.
    """
    if vault.in_environment:
        raise UsageError(
            "The key comes from the environment, so there is no file to move.",
            where=KEY_VARIABLE,
            remedy="Set the variable elsewhere, for example in your service manager.",
            code="key-in-environment",
        )
    text = "\n".join(vault.keys()) + "\n"
    try:
        try:
            write_new(to, text)
        except FileExistsError:
            if to.samefile(vault.key_path) or to.read_text("ascii").split() != text.split():
                raise
        vault.key_path.unlink()
        sync_folder(vault.key_path.parent)
    except FileExistsError as error:
        raise UsageError(
            "There is a file already.",
            where=str(to),
            remedy="Name one that is not there.",
            code="file-exists",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _unwritable(to, error) from error


def _in_environment(vault: Vault, kept: Secrets, keys: list[str], to: Path | None) -> Rotated:
    if to is not None:
        try:
            write_new(to, "\n".join([new_key(), *keys]) + "\n")
        except OSError as error:
            raise _unwritable(to, error) from error
        return Rotated(vault.place, 0, len(keys), to)
    if len(keys) == 1:
        raise UsageError(
            "The key comes from the environment, where matricula cannot put a new one.",
            where=KEY_VARIABLE,
            remedy="`matricula key rotate --to FILE` writes a new key and the present one into a file. Set "
            f"{KEY_VARIABLE} to what stands in it, or take that away and set {KEY_FILE_VARIABLE} to the file; then "
            "`matricula key rotate` again.",
            code="key-in-environment",
        )
    number = _encrypt(kept, keys)
    _read_all(kept, keys[:1], vault.place)
    return Rotated(vault.place, number, len(keys) - 1)


def _encrypt(kept: Secrets, keys: list[str]) -> int:
    return kept.rewrite(MultiFernet([Fernet(key) for key in keys]).rotate)


def _read_all(kept: Secrets, keys: list[str], place: str) -> None:
    fernet = MultiFernet([Fernet(key) for key in keys])
    lost = []
    for name, ciphertext in sorted(kept.all().items()):
        try:
            fernet.decrypt(ciphertext)
        except InvalidToken:
            lost.append(name)
    if lost:
        raise StopError(
            f"These secrets cannot be read with the keys there are: {', '.join(lost)}.",
            where=place,
            remedy="Put the key that they were encrypted with on a line of its own in the key file, or enter these "
            "secrets again; then rotate.",
            code="key-wrong",
        )


def _replace(path: Path, keys: list[str]) -> None:
    """Write the key file anew: what is there is the old one or the new one, at every moment."""
    beside = path.with_name(path.name + _BESIDE)
    try:
        beside.unlink(missing_ok=True)
        write_new(beside, "\n".join(keys) + "\n")
        os.replace(beside, path)  # noqa: PTH105 - the word says what is meant
        sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> StopError:
    told = getattr(error, "strerror", None) or "it holds something else"
    return StopError(
        f"The key file cannot be written: {told}.",
        where=str(path),
        remedy="See that the folder is there and that the user who runs matricula may write to it.",
        code="key-unwritable",
    )
