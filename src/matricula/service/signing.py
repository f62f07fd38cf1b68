"""Signed requests, both ways, by the Standard Webhooks specification: <https://www.standardwebhooks.com>."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from matricula.errors import SettingError

PREFIX: Final = "whsec_"
SHORTEST: Final = 24
"""Bytes that a secret has at least, as the specification has it."""
TOLERANCE: Final = timedelta(minutes=5)
"""So far a request's moment may lie from ours."""
LONGEST_ID: Final = 200

_VERSION: Final = "v1"
_ID: Final = "webhook-id"
_MOMENT: Final = "webhook-timestamp"
_SIGNATURE: Final = "webhook-signature"


def key_of(secret: str, name: str) -> bytes:
    """The key that a secret stands for.

    Args:
        secret: base64, with or without `whsec_` before it.
        name: what the secret is called here.

    Raises:
        SettingError: it is not that, or too short to be safe.
    """
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SHORTEST:
        raise SettingError(
            f"The secret “{name}” is none that requests are signed with.",
            where="service",
            remedy=f"It is “{PREFIX}” and at least {SHORTEST} random bytes as base64. Make one with `openssl rand "
            f"-base64 32`, put “{PREFIX}” before it, give it to both sides, and enter it with `matricula secret set "
            f"{name}`.",
            code="hook-secret",
        )
    return key


def signature(key: bytes, number: str, moment: int, body: bytes) -> str:
    """The signature of a request.

    Args:
        key: from `key_of`.
        number: the request's id, the same at each attempt.
        moment: when this attempt is made, in seconds since 1970.
        body: what is sent, byte by byte.
    """
    signed = b".".join((number.encode(), str(moment).encode(), body))
    return f"{_VERSION},{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def headers_of(key: bytes, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that sign a request; parameters as in `signature`."""
    moment = int(at.timestamp())
    return {_ID: number, _MOMENT: str(moment), _SIGNATURE: signature(key, number, moment, body)}


def verified(key: bytes, headers: Mapping[str, str], body: bytes, at: datetime) -> str | None:
    """The id of a request that is signed with a key, now; None of any other.

    Args:
        key: from `key_of`.
        headers: those of the request, by their names in lower case.
        body: what came, byte by byte.
        at: now.
    """
    number, moment, given = (headers.get(name, "") for name in (_ID, _MOMENT, _SIGNATURE))
    # A full stop in the id could shift what is id, moment and body.
    if not 0 < len(number) <= LONGEST_ID or "." in number or not (moment.isascii() and moment.isdigit()):
        return None
    if len(moment) > 12 or abs(int(moment) - at.timestamp()) > TOLERANCE.total_seconds():
        return None
    wanted = signature(key, number, int(moment), body).encode()
    found = [hmac.compare_digest(wanted, each.encode()) for each in given.split()]
    return number if any(found) else None
