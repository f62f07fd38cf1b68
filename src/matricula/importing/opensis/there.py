"""People who are in openSIS already, so that nobody is made a second time."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, select

#: For each table the columns of its number and of the number that the school gives people.
_PEOPLE: Final = {"students": ("student_id", "alt_id"), "staff": ("staff_id", "alternate_id")}
_OF_STUDENTS: Final = 3
_OF_PARENTS: Final = 4


class There:
    """Whom openSIS has beside those whom an import made.

    Args:
        connection: the database.
        table: gives a table by name.
        ours: numbers of rows of the import, by table.
    """

    def __init__(
        self, connection: Connection, table: Callable[[str], Table], ours: Mapping[str, Collection[str]]
    ) -> None:
        self._connection = connection
        self._table = table
        self._by: dict[tuple[str, str], dict[str, set[str]]] = {
            (name, word): defaultdict(set) for name in _PEOPLE for word in ("number", "email", "username")
        }
        self._logins = self._read_logins()
        for name in _PEOPLE:
            self._read(name, set(ours.get(name, ())))

    def persons(self, table: str, values: Mapping[str, Any], username: str) -> set[str]:
        """Numbers of people who have somebody's number or user name, else of those with their e-mail address.

        Args:
            table: `students` or `staff`.
            values: columns of the person's row.
            username: their user name.
        """
        number = str(values.get(_PEOPLE[table][1]) or "")
        sure = self._having(table, "number", number) | self._having(table, "username", username)
        return sure or self._having(table, "email", str(values.get("email") or ""))

    def is_taken(self, username: str) -> bool:
        """Whether somebody signs in with a user name."""
        return username.casefold() in self._logins

    def has_place(self, table: str, number: str, values: Mapping[str, Any]) -> bool:
        """Whether somebody belongs to the school in the year already."""
        if table not in ("student_enrollment", "staff_school_relationship"):
            return False
        rows = self._table(table)
        person = rows.c.student_id if table == "student_enrollment" else rows.c.staff_id
        same = [rows.c[name] == values[name] for name in ("school_id", "syear")]
        return self._connection.execute(select(person).where(person == int(number), *same).limit(1)).first() is not None

    def _having(self, table: str, word: str, value: str) -> set[str]:
        return self._by[table, word].get(value.strip().casefold(), set()) if value.strip() else set()

    def _read_logins(self) -> set[str]:
        table = self._table("login_authentication")
        found = set()
        for user, profile, username in self._connection.execute(
            select(table.c.user_id, table.c.profile_id, table.c.username)
        ):
            if not username:
                continue
            found.add(username.casefold())
            if profile != _OF_PARENTS:
                whose = "students" if profile == _OF_STUDENTS else "staff"
                self._by[whose, "username"][username.casefold()].add(str(user))
        return found

    def _read(self, name: str, ours: set[str]) -> None:
        key, own = _PEOPLE[name]
        table = self._table(name)
        for number, told, email in self._connection.execute(select(table.c[key], table.c[own], table.c.email)):
            if str(number) in ours:
                continue
            for word, value in (("number", told), ("email", email)):
                if value and str(value).strip():
                    self._by[name, word][str(value).strip().casefold()].add(str(number))
        for several in self._by[name, "username"].values():
            several -= ours
