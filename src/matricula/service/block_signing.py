"""What the block inside a Moodle asks is signed: by whom, when, once, for this very address and these very bytes."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from matricula.errors import UsageError

TOLERANCE: Final = timedelta(seconds=300)
"""So far a request's moment may lie from ours, and so long it is good."""
TIME: Final = "x-matricula-time"
NONCE: Final = "x-matricula-nonce"
SIGNATURE: Final = "x-matricula-signature"

_NOBODYS: Final = secrets.token_bytes(32)
"""Where there is no secret, it is compared with this one, so that it takes as long."""
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_MOMENT: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Signed:
    """A request that somebody who knows the secret has signed.

    Args:
        nonce: what makes it this one request.
        ends_at: from when on it is too old to be taken.
    """

    nonce: str
    ends_at: datetime

    def digest(self, site: str) -> str:
        """What is remembered of it as one of a site, so that it is good once."""
        return hashlib.sha256(f"{site} {self.nonce}".encode()).hexdigest()


def signature(key: bytes, moment: str, nonce: str, path: str, body: bytes) -> str:
    """The signature of a request: HMAC-SHA256 in hexadecimal.

    Args:
        key: the secret.
        moment: when it is made, in seconds since 1970.
        nonce: 32 hexadecimal digits that no other request has.
        path: the path of its address.
        body: what is sent, byte by byte.
    """
    signed = "\n".join((moment, nonce, "POST", path, hashlib.sha256(body).hexdigest()))
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


def verified(keys: Collection[bytes], headers: Mapping[str, str], path: str, body: bytes, at: datetime) -> Signed:
    """A request that is signed with one of some secrets, now.

    Args:
        keys: the secrets that are taken; none where nothing is.
        headers: those of the request, by their names in lower case.
        path: the path that was asked for.
        body: what came, byte by byte.
        at: now.

    Raises:
        UsageError: it is not signed with one of these (`block-refused`), or it is, and not now (`block-clock`).
    """
    moment, nonce, given = (headers.get(name, "") for name in (TIME, NONCE, SIGNATURE))
    if not (_MOMENT.fullmatch(moment) and _NONCE.fullmatch(nonce)):
        raise refusal()
    # All of them, and in a time that tells nothing of how much of a signature was right.
    wanted = [signature(key, moment, nonce, path, body).encode() for key in keys or (_NOBODYS,)]
    found = [hmac.compare_digest(each, given.encode()) for each in wanted]
    if not any(found):
        raise refusal()
    # Only whoever knows the secret gets so far, or sends again what was heard: it learns nothing new.
    if abs(int(moment) - at.timestamp()) > TOLERANCE.total_seconds():
        raise UsageError(
            f"The clock of the Moodle server is {_apart(int(moment) - at.timestamp())} Matricula's.",
            where="block",
            remedy="Have both servers keep their time by NTP. A request is good for five minutes.",
            code="block-clock",
        )
    return Signed(nonce, datetime.fromtimestamp(int(moment), UTC) + TOLERANCE)


def refusal() -> UsageError:
    """What a request is answered that nobody who knows the secret has signed: to all the same."""
    return UsageError(
        "The request is not signed with the secret of this site's block.",
        where="block",
        remedy="See that address, site and secret in Moodle are those that Matricula shows on the site's page.",
        code="block-refused",
    )


def _apart(seconds: float) -> str:
    ahead = "ahead of" if seconds > 0 else "behind"
    return f"{abs(seconds) / 60:.0f} minutes {ahead}"
