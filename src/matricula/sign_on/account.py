"""Which account of a site is a person's: found by the ledger or by one field, and compared byte for byte."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matricula.errors import UsageError
from matricula.moodle import Moodle
from matricula.moodle.users import User
from matricula.profiles import Site
from matricula.profiles.documents.sign_on import Match
from matricula.sign_on.people import Person

IDENTIFYING: tuple[Match, ...] = ("username", "email", "idnumber")
"""Of these one must still be what Matricula wrote, or an account of the ledger is not trusted (decision 16)."""
_SAYS: Mapping[str, str] = {"username": "user name", "email": "e-mail address", "idnumber": "ID number"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a site that somebody may be signed on to.

    Args:
        id: its id in Moodle.
        username: its user name, exactly as the site has it.
        email: its e-mail address; may be empty.
        idnumber: its ID number; may be empty.
    """

    id: int
    username: str
    email: str = ""
    idnumber: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An account that the ledger knows for a person.

    Args:
        id: its id in Moodle.
        written: what was last written to it.
    """

    id: int
    written: Mapping[str, object]


class NotSignedOnError(UsageError):
    """Somebody is not signed on.

    Args:
        what: why, in a sentence that the person may read.
        code: stable short name.
        remedy: what to do.
        site: the site.
    """

    def __init__(self, what: str, code: str, site: str, remedy: str = "Tell the administrators of the Moodle.") -> None:
        super().__init__(what, where=f"site {site}", remedy=remedy, code=code)


def account_of(
    person: Person, site: Site, moodle: Moodle, known: Iterable[Known], *, match: Match | None, administrators: bool
) -> Account:
    """The account of a person.

    Args:
        person: who it is.
        site: the site.
        moodle: its client.
        known: accounts that the ledger knows for the person, of all profiles of the site.
        match: the field that says which account it is, where the ledger does not; None where it alone counts.
        administrators: whether site administrators may be signed on.

    Raises:
        NotSignedOnError: there is no such account, it is not surely the person's, or may not be signed on to.
        MoodleError: the site cannot be asked.
    """
    found = _of_ledger(moodle, site, list(known)) or _matched(person, site, moodle, match)
    _refuse_closed(found, site)
    _refuse_protected(found, site, moodle, administrators=administrators)
    return Account(found.id, found.username, found.email, found.idnumber)


def same(field: Match, said: str, account: str) -> bool:
    """Whether what somebody proved and what an account has are the same, byte for byte after Moodle's own changes.

    Moodle keeps user names in small letters, and takes addresses that differ in capitals for the same. Databases
    take more letters for the same (`ä` and `a`, `ß` and `ss`), and lower-casing makes `k` of the sign for Kelvin: a
    text that Unicode would write in another way (NFKC) is nobody's.
    """
    if not said or unicodedata.normalize("NFKC", said) != said:
        return False
    if field == "username":
        return account == said.lower()
    if field == "email":
        return _small(account) == _small(said)
    return account == said


def _of_ledger(moodle: Moodle, site: Site, known: list[Known]) -> User | None:
    ids = {each.id for each in known}
    if not ids:
        return None
    if len(ids) > 1:
        raise NotSignedOnError("Several accounts are yours.", "sign-on-ambiguous", site.name)
    found = next((each for each in moodle.users.find("id", ids) if each.id in ids), None)
    if found is None or found.deleted:
        raise NotSignedOnError("Your account is no longer there.", "sign-on-account-gone", site.name)
    # Ids are given anew where a Moodle was put back from a backup: they alone prove nothing.
    if not any(_still(found, each.written) for each in known):
        raise NotSignedOnError("Your account is no longer the one it was.", "sign-on-account-other", site.name)
    return found


def _still(user: User, written: Mapping[str, object]) -> bool:
    return any(getattr(user, name) == written[name] != "" for name in IDENTIFYING if name in written)


def _matched(person: Person, site: Site, moodle: Moodle, match: Match | None) -> User:
    if match is None:
        raise NotSignedOnError("No account is known for you.", "sign-on-no-account", site.name)
    said = getattr(person, match)
    if not said:
        raise NotSignedOnError(f"Your {_SAYS[match]} is not known here.", "sign-on-unnamed", site.name)
    asked = {said, said.lower()} if match == "email" else {said.lower() if match == "username" else said}
    found = [each for each in moodle.users.find(match, asked) if not each.deleted]
    if len(found) > 1:
        raise NotSignedOnError(f"Several accounts have your {_SAYS[match]}.", "sign-on-ambiguous", site.name)
    if not found:
        raise NotSignedOnError(f"No account has your {_SAYS[match]}.", "sign-on-no-account", site.name)
    if not same(match, said, getattr(found[0], match)):
        raise NotSignedOnError(
            f"The account found has another {_SAYS[match]} than yours.", "sign-on-account-other", site.name
        )
    return found[0]


def _refuse_closed(user: User, site: Site) -> None:
    if user.suspended:
        raise NotSignedOnError("Your account is suspended.", "sign-on-suspended", site.name)
    if not user.confirmed:
        raise NotSignedOnError("Your account is not confirmed yet.", "sign-on-unconfirmed", site.name)
    if user.auth == "nologin":
        raise NotSignedOnError("Your account may not sign in.", "sign-on-nologin", site.name)


def _refuse_protected(user: User, site: Site, moodle: Moodle, *, administrators: bool) -> None:
    if user.username == "guest":
        raise NotSignedOnError("Nobody is signed on as guest.", "sign-on-guest", site.name)
    if administrators:
        return
    if user.username in site.never_touch or user.id == moodle.site().user_id:
        raise NotSignedOnError(
            "Administrators are not signed on in this way.",
            "sign-on-administrator",
            site.name,
            "Sign in at the Moodle itself.",
        )


def _small(text: str) -> str:
    """Letters A to Z small, and nothing else: other alphabets have letters that become one of these."""
    return "".join(each.lower() if each.isascii() else each for each in text)
