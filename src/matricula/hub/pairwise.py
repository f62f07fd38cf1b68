"""What the numbers are made with by which other Moodles know people of this school."""

import secrets
from typing import Final

from matricula import logs
from matricula.hub.home import Home

_KEPT: Final = "pairwise"


def pairwise_key(home: Home) -> str:
    """The key; it is made when first needed, and never replaced: everybody would be a stranger after that."""
    if home.store.secrets.get(_KEPT) is None:
        home.store.secrets.put_once(_KEPT, home.vault.encrypt(secrets.token_urlsafe(32)))
    kept = home.store.secrets.get(_KEPT)
    assert kept is not None  # noqa: S101 - nothing takes it away
    return logs.hide(home.vault.decrypt(kept))
