"""The second factor: codes of an app (TOTP, RFC 6238), each good once, and recovery codes for when it is lost."""

import hashlib
import io
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

import pyotp
import segno

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.store.accounts import Account

CODES: Final = 10
_STEP: Final = 30
_CODE: Final = re.compile(r"\d{6}")
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class FactorDesk:
    """Everything that concerns second factors.

    Args:
        home: the home.
        now: tells the moment; for tests.
    """

    def __init__(self, home: Home, now: Callable[[], datetime]) -> None:
        self._home = home
        self._store = home.store.factors
        self._now = now

    def begin(self, account: Account) -> None:
        """Make a secret that counts once a code has confirmed it; one that was never confirmed is dropped."""
        self._store.begin(account.id, self._home.vault.encrypt(pyotp.random_base32()))

    def pending(self, account: Account) -> str | None:
        """The secret that is still to be confirmed, to be typed into the app."""
        return None if account.secret is None or account.second_factor else self._home.vault.decrypt(account.secret)

    def picture(self, account: Account, secret: str) -> str:
        """The secret as a QR code (SVG, without style), as apps read it."""
        address = pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name="Matricula")
        out = io.BytesIO()
        code = segno.make(address, error="m", micro=False)
        code.save(out, kind="svg", scale=5, border=4, dark="black", light="white", xmldecl=False, svgns=True, nl=False)
        return out.getvalue().decode()

    def confirm(self, account: Account, code: str) -> list[str]:
        """Let the pending secret count from now on.

        Args:
            account: the account.
            code: a code of the app.

        Returns:
            recovery codes, which are shown once.

        Raises:
            UsageError: the code is not the app's, or there is nothing to confirm.
        """
        secret = self.pending(account)
        step = None if secret is None else self._step_of(secret, code)
        if step is None or not self._store.confirm(account.id, step):
            raise UsageError(
                "This is not the code that the app shows.",
                where="code",
                remedy="Wait for the next code and type its six digits; see that the phone's clock is right.",
                code="second-factor-unconfirmed",
            )
        return self.new_codes(account)

    def new_codes(self, account: Account) -> list[str]:
        """Recovery codes in the place of all earlier ones; they are shown once and kept as digests."""
        codes = ["-".join(_word() for _ in range(3)) for _ in range(CODES)]
        self._store.keep_codes(account.id, [_digest(each) for each in codes])
        return codes

    def codes_left(self, account: Account) -> int:
        """How many recovery codes were not used yet."""
        return self._store.codes_left(account.id)

    def given(self, account: Account, code: str) -> str:
        """Whether a code is the second factor: `app` or `recovery` where it is, else an empty text.

        A code of the app is good once, at its time and half a minute around it; a recovery code is used up.
        """
        if not account.second_factor or account.secret is None:
            return ""
        typed = re.sub(r"[\s-]", "", code).lower()[:100]
        if _CODE.fullmatch(typed):
            step = self._step_of(self._home.vault.decrypt(account.secret), typed)
            return "app" if step is not None and self._store.use(account.id, step) else ""
        return "recovery" if self._store.take_code(account.id, _digest(typed)) else ""

    def remove(self, account: Account) -> None:
        """Take the second factor and its recovery codes away."""
        self._store.remove(account.id)

    def _step_of(self, secret: str, code: str) -> int | None:
        """The time step whose code this is, the present one or a neighbour."""
        typed, app = re.sub(r"\s", "", code), pyotp.TOTP(secret, interval=_STEP)
        now = int(self._now().timestamp()) // _STEP
        # All three are compared, so that the time taken tells nothing.
        fitting = [step for step in (now - 1, now, now + 1) if pyotp.utils.strings_equal(app.generate_otp(step), typed)]
        return fitting[-1] if fitting else None


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def _digest(code: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()
