"""The key of the secrets: apart from the database where a school wants that, and replaced when it has to be."""

from pathlib import Path

from matricula.hub.home import Home
from matricula.hub.persons import person
from matricula.store import Rotated
from matricula.store.rotation import move, rotate


def beside_note(home: Home) -> str:
    """What is to be said where the key lies beside the database; empty where it does not."""
    if not home.key_beside_state:
        return ""
    return (
        "The key lies in the folder of the database: whoever copies the folder can read the secrets. To part them: "
        "`matricula key move FILE`, on another disk or in a folder that backups leave out."
    )


def rotate_key(home: Home, to: Path | None = None) -> Rotated:
    """Put a new key in the place of the old one (`store.rotation.rotate`), and note that it was done."""
    done = rotate(home.vault, home.store.secrets, to)
    if done.written is None:
        home.store.acts.note("key", person(), {"secret": done.secrets})
    return done


def move_key(home: Home, to: Path) -> None:
    """Move the key file (`store.rotation.move`)."""
    move(home.vault, to)
