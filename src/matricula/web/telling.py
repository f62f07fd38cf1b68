"""Kinds, actions, fields and values in the words of the console."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

KINDS: Final = {
    "user": "account",
    "course": "course",
    "enrolment": "enrolment",
    "category": "category",
    "group": "group",
    "grouping": "grouping",
    "cohort": "cohort",
    "group-member": "place in a group",
    "cohort-member": "place in a cohort",
    "grouping-member": "group in a grouping",
    "meta-link": "meta-link",
    "grade-category": "grade category",
    "line-item": "grade item",
    "result": "grade",
    "final-grade": "final grade",
}
_ACTIONS: Final = {
    "create": "make",
    "match": "recognise",
    "update": "change",
    "move": "move",
    "revive": "open again",
    "show": "show",
    "suspend": "suspend",
    "hide": "hide",
    "archive": "archive",
    "remove": "take away",
    "unenrol": "unenrol",
    "delete": "delete",
    "note": "note",
}
_FIELDS: Final = {
    "username": "User name",
    "firstname": "First name",
    "lastname": "Last name",
    "email": "E-mail address",
    "idnumber": "ID number",
    "suspended": "Suspended",
    "kind": "Kind of person",
    "fullname": "Full name",
    "shortname": "Short name",
    "category": "Category",
    "visible": "Visible",
    "startdate": "First day",
    "enddate": "Last day",
    "timestart": "From",
    "timeend": "Until",
    "summary": "Description",
    "role": "Role",
    "name": "Name",
    "auth": "Signs in by",
    "department": "Department",
    "institution": "Institution",
    "city": "City",
    "country": "Country",
    "lang": "Language",
    "member": "In it",
    "parent": "Category above",
    "password": "Password",
    "title": "Title",
    "weight": "Weight",
    "session": "Marking period",
    "due": "Due",
    "assigned": "Assigned",
    "minimum": "Lowest",
    "maximum": "Highest",
    "score": "Points",
    "status": "Status",
    "text": "Letter",
    "letter": "Letter",
    "percent": "Percent",
    "comment": "Comment",
    "scored": "Graded on",
}
_OUTCOMES: Final = {
    "done": "done",
    "refused": "refused",
    "stale": "left: the record had changed",
    "skipped": "left: something it needs was not done",
    "sent": "under way",
}
_MOMENTS: Final = ("startdate", "enddate", "timestart", "timeend")
REASONS: Final = {
    "several-accounts": "Several accounts fit",
    "account-wanted-twice": "Two people would get one account",
    "account-already-matched": "The account is another person's already",
    "account-contradicts": "The account may be a namesake's",
    "account-protected": "The account must never be touched",
    "username-taken": "The user name is another account's",
    "email-taken": "The e-mail address is another account's",
    "username-shared": "Several people have the same user name",
    "email-shared": "Several people have the same e-mail address",
    "account-is-somebody-else": "The account seems to be somebody else's by now",
    "account-perhaps-merged": "The person seems to have another account by now",
    "decided-account-missing": "The account that was chosen is not in Moodle",
}
"""Why people wait in the queue of identities, by finding."""
FATES: Final = {
    "leave": "It is left as it is.",
    "accept": "The next plan accepts it.",
    "put-back": "The next plan puts it back.",
    "accepted": "It is accepted.",
    "in-vain": "It was put back and is so all the same: Moodle keeps it, or another enrolment method does.",
}
"""What becomes of a field that somebody edited in Moodle."""


class Telling:
    """Tells parts of records in words.

    Args:
        zone: the time zone in which moments are told.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def kind(self, name: str) -> str:
        """A kind of record."""
        return KINDS.get(name, name)

    def action(self, name: str) -> str:
        """What a change does."""
        return _ACTIONS.get(name, name)

    def field(self, name: str) -> str:
        """A field of Moodle."""
        return _FIELDS.get(name, name)

    def outcome(self, name: str | None) -> str:
        """What became of a change."""
        return "not carried out" if name is None else _OUTCOMES.get(name, name)

    def value(self, name: str, value: Any) -> str:
        """A field's value as people write it."""
        if name in _MOMENTS and isinstance(value, int) and not isinstance(value, bool):
            return f"{datetime.fromtimestamp(value, self._zone):%-d %b %Y, %H:%M}" if value else "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "none" if value is None or value == "" else str(value)


def isolated(name: str) -> str:
    """A name within a sentence, so that marks of another direction of writing in it turn nothing else around."""
    return f"\u2068{name}\u2069"
