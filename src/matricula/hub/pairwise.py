"""What the numbers are made with by which other Moodles know people of this school."""

import secrets
from typing import Final

from matricula.hub.home import Home

_KEPT: Final = "pairwise"


def pairwise_key(home: Home) -> str:
    """The key; it is made when first needed, and never replaced: everybody would be a stranger after that."""
    return home.vault.made_once(home.store.secrets, _KEPT, lambda: secrets.token_urlsafe(32))
