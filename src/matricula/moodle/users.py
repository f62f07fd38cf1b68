"""Accounts of a site.

Traps that these calls respect: a look-up with an upper-case username is refused as a whole; a search by a key
that Moodle does not know answers everybody; accounts that the token's user may not see are left out without a
word, so that unseen is not absent; deleted accounts are still found by their id.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Required, TypedDict

import polars as pl

from matricula.moodle.batches import fit
from matricula.moodle.errors import Refused
from matricula.moodle.family import Family
from matricula.moodle.row_warnings import RowWarning, warnings_of
from matricula.moodle.shapes import Record, each_answered, flag, inner, number, records, text
from matricula.moodle.snapshot import Where

UserField = Literal["id", "idnumber", "username", "email"]
SEARCH_KEYS = frozenset({"id", "lastname", "firstname", "idnumber", "username", "email", "auth"})

_CREATE = "core_user_create_users"
_UPDATE = "core_user_update_users"
_DELETE = "core_user_delete_users"
_FIND = "core_user_get_users_by_field"
_SEARCH = "core_user_get_users"
_PER_LOOK_UP = 1000  # about two seconds of a Moodle's time
_USUAL_USERNAME = re.compile(r"[a-z0-9.@_-]+").fullmatch
_GUEST = frozenset({"guest", "root@localhost"})
_NOTHING = frozenset({"", "0"})  # texts that count as none to PHP
_PROFILE = "profile_field_"
_DELETED_EMAIL = re.compile(r"[0-9a-f]{32}").fullmatch


class CustomField(TypedDict):
    """A profile field of a user: `type` is its short name. An unknown one is ignored without a word."""

    type: str
    value: str


class Preference(TypedDict):
    """A preference of a user: `type` is its name. One that users may not set is ignored without a word."""

    type: str
    value: str


class _UserValues(TypedDict, total=False):
    firstname: str
    lastname: str
    email: str
    auth: str
    idnumber: str
    institution: str
    department: str
    phone1: str
    phone2: str
    address: str
    city: str
    country: str
    lang: str
    timezone: str
    description: str
    middlename: str
    alternatename: str
    firstnamephonetic: str
    lastnamephonetic: str
    interests: str
    theme: str
    calendartype: str
    customfields: list[CustomField]
    preferences: list[Preference]
    password: str
    mailformat: int
    maildisplay: int


class NewUser(_UserValues, total=False):
    """An account to be made; keys that are left out get Moodle's defaults.

    `username`: lower-case letters, digits and `. - _ @`; unique. `firstname`, `lastname`, `email`: required,
    100 characters, no HTML tags. `idnumber`: 255 characters, not unique. `auth`: an installed plugin, `manual`
    where left out; one that keeps passwords needs `password` or `createpassword`, which mails the user.
    """

    username: Required[str]
    createpassword: bool


class UserUpdate(_UserValues, total=False):
    """Changes of an account; keys that are left out stay as they are."""

    id: Required[int]
    username: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class Created:
    """An account that was made."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class User:
    """An account, as far as the token's user may see it.

    Texts are empty where the account has none and where they are hidden alike. Moodle never tells
    `middlename`, `alternatename`, the phonetic names, `calendartype`, `maildisplay` and preferences, so they can be
    written but not compared; telephone numbers it tells administrators alone, unless they are identity fields.

    Args:
        custom_fields: values of profile fields by short name, as stored; empty ones are left out by Moodle.
        interests: tags, joined with a comma and a blank.
        mail_format: 0 for plain text, 1 for HTML.
        last_access: Unix time in seconds, 0 for never.
    """

    id: int
    username: str = ""
    firstname: str = ""
    lastname: str = ""
    email: str = ""
    idnumber: str = ""
    auth: str = ""
    suspended: bool = False
    confirmed: bool = True
    institution: str = ""
    department: str = ""
    phone1: str = ""
    phone2: str = ""
    address: str = ""
    city: str = ""
    country: str = ""
    lang: str = ""
    timezone: str = ""
    description: str = ""
    theme: str = ""
    interests: str = ""
    mail_format: int = 1
    last_access: int = 0
    custom_fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def deleted(self) -> bool:
        """Whether the account was deleted: Moodle then keeps a hash where the e-mail address was."""
        return _DELETED_EMAIL(self.email) is not None and self.username.rpartition(".")[2].isdigit()


class Users(Family):
    """Calls about accounts."""

    def find(self, by: UserField, values: Iterable[str | int]) -> list[User]:
        """Accounts that have one of the values (`core_user_get_users_by_field`), in as many calls as fit.

        Values that nobody has, or can have, are simply missing from the result: upper-case usernames and
        empty texts are not even asked for, since they refuse the call or answer everybody. Several accounts
        may share an idnumber; all come back. Whether case counts is up to the site's database, so compare
        what comes. An idnumber `0` is never found (a trap of Moodle). By id, deleted accounts come too.

        Args:
            by: what the values are.
            values: in any number and order; repeated ones are asked for once.

        Returns:
            each account once, in no promised order.

        Raises:
            MoodleError: one of the tree.
        """
        usual, unusual = _askable(by, values)
        known: list[User] = []
        if self._moodle.plugin.there:
            known, usual = self._find_by_plugin(by, usual)
        batches = fit(usual, self._moodle.form_fields - 1, most=_PER_LOOK_UP) if usual else []
        found = [known, *self._moodle.in_parallel([partial(self._look_up, by, batch) for batch in batches])]
        for batch in fit(unusual, self._moodle.form_fields - 1, most=_PER_LOOK_UP) if unusual else []:
            try:
                found.append(self._look_up(by, batch))
            except Refused:  # the site does not allow extended characters in usernames: nobody has one
                continue
        return list({user.id: user for part in found for user in part}.values())

    def search(self, criteria: Mapping[str, str]) -> list[User]:
        """Accounts that meet all criteria (`core_user_get_users`); `%` stands for anything in texts.

        Args:
            criteria: keys of `SEARCH_KEYS`, at least one.

        Raises:
            ValueError: an unknown key or none at all; Moodle would answer everybody.
            MoodleError: one of the tree.
        """
        if unknown := sorted(set(criteria) - SEARCH_KEYS):
            raise ValueError(f"Moodle cannot search users by {', '.join(unknown)} and would answer everybody")
        if not criteria:
            raise ValueError("a search needs at least one criterion")
        wanted = [{"key": key, "value": value} for key, value in criteria.items()]
        answer = self._moodle.read(_SEARCH, {"criteria": wanted})
        return [_user(row, _SEARCH) for row in inner(answer, "users", _SEARCH)]

    def all(self) -> list[User]:
        """Every account of the site but the guest's and deleted ones (`core_user_get_users`), in one call.

        It takes Moodle about two seconds for 1,000 accounts. Accounts without a last name, which only a
        database or an authentication plugin can make, and accounts that the token's user may not see are
        missing.
        """
        if self._moodle.plugin.there:
            return [user for user in self._snapshot(None) if user.lastname not in _NOTHING]
        return [user for user in self.search({"lastname": "%"}) if user.username != "guest" and not user.deleted]

    def create(self, rows: Sequence[NewUser]) -> list[Created]:
        """Makes accounts in one call: all or none (`core_user_create_users`).

        An account cannot be made suspended: suspend it afterwards.

        Args:
            rows: one batch that fits into a call; `matricula.moodle.fit` makes such batches.

        Raises:
            Refused: at least one row is wrong, for example a taken username or address; none was made.
            InDoubt: fewer accounts came back than were sent, or no answer came.
            MoodleError: one of the tree.
        """
        if not rows:
            return []
        came = records(self._moodle.write(_CREATE, {"users": rows}), _CREATE, wrote=True)
        each_answered(rows, came, _CREATE)
        return [Created(number(row, "id", _CREATE, wrote=True), text(row, "username")) for row in came]

    def update(self, rows: Sequence[UserUpdate]) -> list[RowWarning]:
        """Changes accounts in one call, each on its own (`core_user_update_users`).

        Suspending an account ends its sessions and leaves everything else as it is.

        Args:
            rows: one batch that fits into a call.

        Returns:
            what went wrong with single accounts, by `item_id`; all others were changed. An unknown id is
            answered with the item id of the account before it: do not rely on it for `invaliduserid`.

        Raises:
            Refused: a value is of the wrong form, for example an upper-case username; none was changed.
            InDoubt: a password that is too weak ended the call half-way, or no answer came.
            MoodleError: one of the tree.
        """
        if not rows:
            return []
        return warnings_of(self._moodle.write(_UPDATE, {"users": rows}), _UPDATE)

    def delete(self, ids: Sequence[int]) -> None:
        """Deletes accounts for good in one call: all or none (`core_user_delete_users`).

        Their grades, enrolments and files go with them. Username and address become free.

        Raises:
            Refused: one of them is missing, deleted already or a site administrator; none was deleted.
            MoodleError: one of the tree.
        """
        if ids:
            self._moodle.write(_DELETE, {"userids": ids})

    def _find_by_plugin(self, by: UserField, values: Sequence[str | int]) -> tuple[list[User], list[str | int]]:
        """Accounts that the plugin tells, and the values that Moodle itself must be asked for."""
        if by == "id":
            found = self._snapshot({by: [int(value) for value in values]})
            there = {user.id for user in found}
            return found, [value for value in values if value not in there]  # deleted, or the guest's
        plain = [str(value) for value in values if value not in _NOTHING and value not in _GUEST]
        return self._snapshot({by: plain}), [value for value in values if value in _GUEST]

    def _snapshot(self, where: Where | None) -> list[User]:
        return users_of(self._moodle.plugin.snapshot("user", (), where))

    def _look_up(self, by: UserField, values: Sequence[str | int]) -> list[User]:
        answer = self._moodle.read(_FIND, {"field": by, "values": values})
        return [_user(row, _FIND) for row in records(answer, _FIND)]


def _askable(by: UserField, values: Iterable[str | int]) -> tuple[list[str | int], list[str | int]]:
    """Values that can be asked for, and usernames that only some sites allow."""
    usual: dict[str | int, None] = {}
    unusual: dict[str | int, None] = {}
    for value in values:
        if by == "id":
            usual[int(value)] = None
            continue
        wanted = str(value)
        if not wanted or "\0" in wanted or (by in {"username", "email"} and wanted != wanted.strip()):
            continue
        if by == "username" and not _USUAL_USERNAME(wanted):
            if wanted == wanted.lower():
                unusual[wanted] = None
            continue
        usual[wanted] = None
    return list(usual), list(unusual)


def _user(row: Record, function: str) -> User:
    fields = row.get("customfields")
    last_access, mail_format = row.get("lastaccess"), row.get("mailformat")
    return User(
        id=number(row, "id", function),
        username=text(row, "username"),
        firstname=text(row, "firstname"),
        lastname=text(row, "lastname"),
        email=text(row, "email"),
        idnumber=text(row, "idnumber"),
        auth=text(row, "auth"),
        suspended=flag(row, "suspended"),
        confirmed=flag(row, "confirmed"),
        institution=text(row, "institution"),
        department=text(row, "department"),
        phone1=text(row, "phone1"),
        phone2=text(row, "phone2"),
        address=text(row, "address"),
        city=text(row, "city"),
        country=text(row, "country"),
        lang=text(row, "lang"),
        timezone=text(row, "timezone"),
        description=text(row, "description"),
        theme=text(row, "theme"),
        interests=text(row, "interests"),
        mail_format=mail_format if isinstance(mail_format, int) else 1,
        last_access=last_access if isinstance(last_access, int) else 0,
        custom_fields=(
            {text(item, "shortname"): text(item, "value") for item in fields if isinstance(item, dict)}
            if isinstance(fields, list)
            else {}
        ),
    )


#: Columns of a snapshot in the order of the fields of `User`; those of profile fields follow.
_COLUMNS = (
    "id", "username", "firstname", "lastname", "email", "idnumber", "auth", "suspended", "confirmed", "institution",
    "department", "phone1", "phone2", "address", "city", "country", "lang", "timezone", "description", "theme",
    "interests", "mailformat", "lastaccess",
)  # fmt: skip
_FLAGS = frozenset({"suspended", "confirmed"})
#: Texts that Moodle leaves out where they count as nothing to PHP.
_LEFT_OUT = frozenset({"idnumber", "institution", "phone1", "phone2", "address", "city", "country", "interests"})


def users_of(frame: pl.DataFrame) -> list[User]:
    """The accounts of a snapshot with all columns, as `core_user_get_users` tells them."""
    custom = [name for name in frame.columns if name.startswith(_PROFILE)]
    names = [name.removeprefix(_PROFILE) for name in custom]
    held = frame.select(custom).iter_rows() if custom else iter([()] * frame.height)
    told = frame.select(_told(name, frame.schema[name]).alias(name) for name in _COLUMNS).iter_rows()
    return [
        User(*(*row, {name: value for name, value in zip(names, values, strict=True) if value}))
        for row, values in zip(told, held, strict=True)
    ]


def _told(name: str, dtype: pl.DataType) -> pl.Expr:
    if name in _FLAGS:
        return pl.col(name) != 0
    told = pl.when(pl.col(name) != "0").then(pl.col(name)) if name in _LEFT_OUT else pl.col(name)
    return told.fill_null("" if dtype == pl.String else 0)
