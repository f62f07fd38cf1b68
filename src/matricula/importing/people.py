"""People: who becomes staff, who a student, and what is told of each."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from matricula.importing.keys import Keys
from matricula.importing.records import Body, Record
from matricula.importing.rules import RULES
from matricula.importing.site import SiteSeen
from matricula.moodle import User
from matricula.profiles.documents import Import
from matricula.roster import Finding

TEACHER, STUDENT, OTHER_STAFF = "teacher", "student", "aide"
IDNUMBER: Final = "metadata.idnumber"
#: Addresses to which no mail can go, as synchronisers enter them where there is none.
_NO_ADDRESS: Final = re.compile(r"(^$|@noemail\.invalid$|\.invalid$)", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+")


class People:
    """The people of a site.

    Args:
        site: what was read.
        settings: the import.
        protected: user names that are left out beside those of the import.
    """

    def __init__(self, site: SiteSeen, settings: Import, protected: Collection[str]) -> None:
        self._site = site
        self._settings = settings
        self._left_out = {name.casefold() for name in (*settings.without, *protected)}
        self._roles = roles_of(site, settings)
        self.findings: list[Finding] = []

    def records(self, known: Mapping[str, tuple[str, Body]]) -> list[Record]:
        """Everybody who is taken.

        Args:
            known: key and body of those who were taken before, by Moodle id.
        """
        taken = [user for user in self._site.users.values() if not self._is_left_out(user, known)]
        keys = Keys("user", "users", {number: key for number, (key, _) in known.items()})
        given = keys.give((user.id, user.idnumber, name_of(user)) for user in taken)
        self.findings += [*keys.findings, *self._of_addresses(taken), *self._of_fields(taken)]
        return [
            Record("person", str(user.id), given[user.id], name_of(user), self._body(user, known))
            for user in sorted(taken, key=lambda user: user.id)
        ]

    def _is_left_out(self, user: User, known: Mapping[str, object]) -> bool:
        if user.id == self._site.own_id or user.username.casefold() in self._left_out:
            return True
        if user.id in self._roles or str(user.id) in known or self._settings.unenrolled != "leave":
            return False
        self.findings.append(
            RULES["import-person-left-out"].finding(
                sourced_id="", line=None, value=user.username, told={"name": name_of(user)}
            )
        )
        return True

    def _body(self, user: User, known: Mapping[str, tuple[str, Body]]) -> Body:
        email = "" if _NO_ADDRESS.search(user.email) else clean(user.email)
        own = {
            "role": self._role(user, known),
            "enabled": not user.suspended,
            "username": clean(user.username),
            "givenName": clean(user.firstname),
            "familyName": clean(user.lastname),
            "identifier": clean(user.idnumber),
            "email": email,
            "phone": clean(user.phone1),
            "sms": clean(user.phone2),
        }
        custom = {field.to: clean(user.custom_fields.get(field.moodle, "")) for field in self._settings.fields}
        told = own | {name: value for name, value in custom.items() if value or name not in own}
        # Where another number takes the place of Moodle's own, that one is kept beside it.
        return told | ({IDNUMBER: own["identifier"]} if "identifier" in custom else {})

    def _role(self, user: User, known: Mapping[str, tuple[str, Body]]) -> str:
        if user.id in self._roles:
            return self._roles[user.id]
        if before := known.get(str(user.id)):
            return str(before[1]["role"])
        return STUDENT if self._settings.unenrolled == "students" else OTHER_STAFF

    def _of_addresses(self, taken: Sequence[User]) -> Iterator[Finding]:
        shared = Counter(user.email.casefold() for user in taken)
        for user in taken:
            code = "import-email-shared" if shared[user.email.casefold()] > 1 else ""
            code = "import-email-missing" if _NO_ADDRESS.search(user.email) else code
            if code:
                yield RULES[code].finding(sourced_id="", line=None, value=user.email, told={"name": name_of(user)})

    def _of_fields(self, taken: Sequence[User]) -> Iterator[Finding]:
        there = {name for user in taken for name in user.custom_fields}
        for field in self._settings.fields:
            if taken and field.moodle not in there:
                yield RULES["import-field-empty"].finding(sourced_id="", line=None, value=field.moodle, told={})


def roles_of(site: SiteSeen, settings: Import) -> dict[int, str]:
    """What each account is taken for: whoever teaches anywhere is staff, though they study elsewhere."""
    names: dict[int, set[str]] = defaultdict(set)
    for enrolment in site.enrolments:
        names[enrolment.user_id].update(role.shortname for role in enrolment.roles)
    teachers, students = set(settings.teachers), set(settings.students)
    return {user: TEACHER if had & teachers else STUDENT for user, had in names.items() if had & (teachers | students)}


def name_of(user: User) -> str:
    """What people call somebody."""
    return clean(f"{user.firstname} {user.lastname}")


def clean(value: Any) -> str:
    """A text on one line, without control characters and blanks around it."""
    return _CONTROLS.sub(" ", str(value)).strip()
