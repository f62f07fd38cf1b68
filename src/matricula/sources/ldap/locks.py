"""By what an account of a directory is known to be disabled."""

from datetime import UTC, datetime
from typing import Final

from matricula.sources.ldap.values import Entry, day_of_shadow, moment_of_filetime

_ACCOUNT_DISABLED: Final = 0x2
_LOCKED_FOR_GOOD: Final = "000001010000Z"

LOCKS: Final = ("userAccountControl", "accountExpires", "pwdAccountLockedTime", "nsAccountLock", "shadowExpire")
"""The attributes that are looked at.

`userAccountControl`: bit 2 of it, ACCOUNTDISABLE (MS-ADTS 2.2.16). `accountExpires`: a FILETIME. `pwdAccountLockedTime`
of OpenLDAP's password policy: only the value that an administrator sets, since any other one is a lock for some minutes
after wrong passwords. `nsAccountLock` of 389 Directory Server. `shadowExpire`: days since 1970 (RFC 2307).
"""


def is_disabled(entry: Entry, by: tuple[str, ...], now: datetime) -> bool:
    """Whether an account is disabled, or has ended.

    Args:
        entry: the account.
        by: which of `LOCKS` count.
        now: the moment of reading, with a time zone.
    """
    return any(_LOOKS[name](text, now) for name in by for text in entry.texts(name))


def _by_control(text: str, _: datetime) -> bool:
    return text.lstrip("-").isdecimal() and bool(int(text) & _ACCOUNT_DISABLED)


def _by_expiry(text: str, now: datetime) -> bool:
    moment = moment_of_filetime(text)
    return moment is not None and moment <= now


def _by_policy(text: str, _: datetime) -> bool:
    return text == _LOCKED_FOR_GOOD


def _by_lock(text: str, _: datetime) -> bool:
    return text.casefold() == "true"


def _by_shadow(text: str, now: datetime) -> bool:
    day = day_of_shadow(text)
    return day is not None and day <= now.astimezone(UTC)


_LOOKS = {
    "userAccountControl": _by_control,
    "accountExpires": _by_expiry,
    "pwdAccountLockedTime": _by_policy,
    "nsAccountLock": _by_lock,
    "shadowExpire": _by_shadow,
}
