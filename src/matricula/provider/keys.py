"""Keys with which ID tokens are signed: made when first needed, replaced on request, encrypted at rest."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import KeyParameters, KeySet, RSAKey

from matricula import logs
from matricula.errors import StopError
from matricula.provider.lasting import PUBLISHED
from matricula.store import SigningKey, Store, Vault

ALGORITHM: Final = "RS256"
"""The one signature that every client has to know (OpenID Connect Core, 15.1)."""
_BITS: Final = 2048
_FOR: Final[KeyParameters] = {"use": "sig", "alg": ALGORITHM}


class Keys:
    """Keys of the provider.

    Args:
        store: the state.
        vault: encrypts them.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def signing(self, now: datetime) -> RSAKey:
        """The key in force; the first one is made now.

        Raises:
            StopError: it cannot be read with the key of this state.
        """
        return self._read(self._store.signing_keys.begin(self._made, now, anew=False))

    def rotate(self, now: datetime) -> SigningKey:
        """Put a new key in force; the old one is published for a week yet."""
        return self._store.signing_keys.begin(self._made, now, anew=True)

    def listed(self, now: datetime) -> list[SigningKey]:
        """The keys that are published, that in force first."""
        return [
            each for each in self._store.signing_keys.all() if each.ended_at is None or now < each.ended_at + PUBLISHED
        ]

    def published(self, now: datetime) -> KeySet:
        """The public keys, that in force first.

        Raises:
            StopError: the one in force cannot be read with the key of this state.
        """
        keys = [self.signing(now)]
        for each in self.listed(now):
            if each.ended_at is None:
                continue
            try:
                keys.append(self._read(each))
            except StopError as error:  # what it signed cannot be checked any more, all else can
                logs.event("signing key", code=error.code)
        return KeySet([RSAKey.import_key(_public(each)) for each in keys])

    def _made(self) -> tuple[str, bytes]:
        key = RSAKey.generate_key(_BITS, parameters=_FOR)
        told: Mapping[str, Any] = key.as_dict(private=True) | {"kid": key.thumbprint()}
        return str(told["kid"]), self._vault.encrypt(json.dumps(told))

    def _read(self, key: SigningKey) -> RSAKey:
        return RSAKey.import_key(json.loads(self._vault.decrypt(key.secret)))


def _public(key: RSAKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False))
