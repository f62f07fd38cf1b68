"""What a directory's refusals mean, and what to do about each."""

import re
import ssl
from collections.abc import Callable, Mapping

from matricula.errors import MatriculaError, SettingError, StopError, WaitError

_AD_REASON = re.compile(r"\bdata ([0-9a-f]+)\b")
_AD_REASONS: Mapping[str, str] = {
    "525": "There is no such account.",
    "52e": "The password is wrong.",
    "530": "The account may not log on at this hour.",
    "531": "The account may not log on from this machine.",
    "532": "The account's password has expired.",
    "533": "The account is disabled.",
    "701": "The account has expired.",
    "773": "The account must change its password first.",
    "775": "The account is locked.",
}
_PASSWORD = "See that bind_dn is the account's whole name and enter its password again with `matricula source secret`."  # noqa: S105
_ENCRYPT = (
    "Take `tls: none` out and write ldaps:// before the server's name, or ldap:// where it speaks StartTLS; name the "
    "certificate of the school's own authority in ca_file if it has one."
)
_RIGHTS = "Let the directory's administrator give the account the right to read there."
_LIMIT = (
    "Ask the directory's administrator to raise the limit for this account, set page_size to 500 or less where it "
    "is 0, or divide the people over several bases."
)

_Made = Callable[..., MatriculaError]
_RESULTS: Mapping[int, tuple[_Made, str, str, str]] = {
    1: (SettingError, "directory-bind-first", "The directory wants an account before it answers.", "Give bind_dn."),
    3: (StopError, "directory-time-limit", "The directory gave up: the search took longer than it allows.", _LIMIT),
    4: (
        StopError,
        "directory-size-limit",
        "The directory gave up after as many entries as it allows; what came is not complete and was not used.",
        _LIMIT,
    ),
    8: (SettingError, "directory-encryption", "The directory wants an encrypted connection.", _ENCRYPT),
    11: (StopError, "directory-size-limit", "The search goes beyond what the directory allows this account.", _LIMIT),
    13: (SettingError, "directory-encryption", "The directory wants an encrypted connection.", _ENCRYPT),
    34: (
        SettingError,
        "directory-name",
        "The directory does not take this as a distinguished name.",
        "Write it as ou=people,dc=school,dc=example.",
    ),
    48: (
        SettingError,
        "directory-bind-refused",
        "The directory does not let anybody in this way.",
        "Give bind_dn, and its password with `matricula source secret`.",
    ),
    49: (SettingError, "directory-password", "The directory refused the account's name or password.", _PASSWORD),
    50: (SettingError, "directory-rights", "The account may not read this.", _RIGHTS),
    51: (WaitError, "directory-busy", "The directory is busy.", "Try again later."),
    52: (WaitError, "directory-busy", "The directory is not ready.", "Try again later."),
    53: (
        StopError,
        "directory-unwilling",
        "The directory is unwilling to answer this.",
        "Ask its administrator what this account may do.",
    ),
}
_CERTIFICATE = "directory-certificate"


def refusal(number: int, description: str, message: str, where: str) -> MatriculaError:
    """The error for a result that is not success (RFC 4511, appendix A).

    Args:
        number: the result's number.
        description: its name, as `noSuchObject`.
        message: what the directory said beside it.
        where: what was asked for.
    """
    said = f" It says: {shown}." if (shown := _shown(message)) else ""
    if number not in _RESULTS:
        what = f"The directory answered {description} ({number}).{said}"
        return StopError(what, where=where, remedy="Show its administrator this line.", code="directory-refused")
    made, code, what, remedy = _RESULTS[number]
    reason = _AD_REASON.search(message)
    if number == 49 and reason and reason[1] in _AD_REASONS:
        what, said = f"{what} {_AD_REASONS[reason[1]]}", ""
    return made(f"{what}{said}", where=where, remedy=remedy, code=code)


def no_password(account: str) -> SettingError:
    """The refusal of a blank password, which directories take for nobody's and let in (RFC 4513, 5.1.2)."""
    return SettingError(
        f"The password of {account} is blank.",
        where="source, bind_dn",
        remedy="Enter it with `matricula source secret`, or take bind_dn out to read as nobody.",
        code="directory-password",
    )


def no_base(base: str, contexts: list[str], where: str) -> SettingError:
    """The refusal of a base that is not there, or that the account may not see."""
    there = f"The directory holds: {'; '.join(contexts)}. " if contexts else ""
    return SettingError(
        f"There is nothing of the name “{base}”, or the account may not see it.",
        where=where,
        remedy=f"{there}Mend the base, or let the directory's administrator give the account the right to read there.",
        code="directory-base",
    )


def elsewhere(base: str, referrals: list[str], where: str) -> SettingError:
    """The refusal of a base that another server keeps; nobody is sent on, since that would hand the password on."""
    hosts = ", ".join(referrals) or "another server"
    return SettingError(
        f"The directory says that {hosts} has “{base}”. Matricula goes to no server that is not in the settings.",
        where=where,
        remedy="Name that server in url if it is the school's, or mend the base.",
        code="directory-referral",
    )


def out_of_reach(told: list[str]) -> WaitError:
    """The refusal when no server can be reached.

    Args:
        told: for each server its address and what came of it.
    """
    return WaitError(
        f"{'The directory is' if len(told) == 1 else 'No server of the directory is'} out of reach: {'; '.join(told)}.",
        where="source, url",
        remedy="See that address and port are right and that a firewall lets this machine through; try again later.",
        code="directory-out-of-reach",
    )


def empty(base: str, query: str, where: str) -> StopError:
    """The refusal of an answer without entries: a school without people is a fault, not a school."""
    return StopError(
        f"Nothing below “{base}” meets the filter {query}. An empty answer is taken for a fault.",
        where=where,
        remedy="See that the base is where they stand and that the filter fits; or the account may lack the right to "
        "read there: a directory hides what may not be seen.",
        code="directory-empty",
    )


def changed(dn: str, where: str) -> StopError:
    """The refusal of an answer that has an entry twice."""
    return StopError(
        f"The directory was changed while it was read: “{dn}” came twice.",
        where=where,
        remedy="Read it again; choose an hour at which nobody works on it.",
        code="directory-changed",
    )


def broken_off(where: str, why: str) -> WaitError:
    """The refusal when the directory stopped half-way."""
    return WaitError(
        f"The directory stopped answering half-way: {why}. What had come was not used.",
        where=where,
        remedy="Try again later; raise timeout_seconds if the directory is slow.",
        code="directory-broken-off",
    )


def certificate_refusal(error: ssl.SSLError, host: str, where: str) -> MatriculaError:
    """The refusal of a server's certificate, or of a connection that cannot be encrypted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what, remedy = _CERTIFICATES.get(error.verify_code, _OTHER_CERTIFICATE)
        said = "" if error.verify_code in _CERTIFICATES else f" ({error.verify_message})"
        return StopError(what.format(host=host) + said, where=where, remedy=remedy, code=_CERTIFICATE)
    return StopError(
        f"No encrypted connection came about: {error.reason or error}.",
        where=where,
        remedy="See that the server speaks TLS 1.2 or later at this port: 636 with ldaps://, 389 with ldap://.",
        code="directory-encryption",
    )


_AUTHORITY = (
    "The server's certificate is signed by an authority that this machine does not know.",
    "Name the certificate of the school's own authority in ca_file: with Active Directory, export it as Base-64 X.509.",
)
_WRONG_NAME = (
    "The server's certificate is not for {host}.",
    "Write in url the name that stands in the certificate, or have one made for this name; else somebody came between.",
)
_CERTIFICATES: Mapping[int, tuple[str, str]] = {
    9: ("The server's certificate is not valid yet.", "See that the clocks of both machines are right."),
    10: ("The server's certificate has expired.", "Let the directory's administrator renew it."),
    18: _AUTHORITY,
    19: _AUTHORITY,
    20: _AUTHORITY,
    21: _AUTHORITY,
    62: _WRONG_NAME,
    64: _WRONG_NAME,
}
_OTHER_CERTIFICATE = ("The server's certificate cannot be trusted", "Show the directory's administrator this line.")


def _shown(message: str) -> str:
    text = " ".join(message.replace("\0", " ").split()).rstrip(".")
    return text if len(text) <= 200 else text[:199] + "…"
