"""A tiny school whose roster changes, written as OneRoster CSV, and what people do by hand in its Moodle."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from matricula.roster import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matricula.moodle import Moodle

Row = dict[str, str]

FIXED: dict[str, list[Row]] = {
    "orgs": [{"sourcedId": "o1", "name": "Oak School", "type": "school"}],
    "academicSessions": [
        {
            "sourcedId": "y27",
            "title": "2026/27",
            "type": "schoolYear",
            "startDate": "2026-08-01",
            "endDate": "2027-07-31",
            "schoolYear": "2027",
        }
    ],
    "courses": [
        {"sourcedId": f"s{number}", "schoolYearSourcedId": "y27", "title": title, "orgSourcedId": "o1"}
        for number, title in enumerate(("Art", "Biology"), 1)
    ],
}
FILES = (*FIXED, "classes", "users", "enrollments")
#: What makes a row unreadable, by table.
SPOILT = {
    "users": {"role": "walrus"},
    "classes": {"title": ""},
    "enrollments": {"role": "walrus"},
}


def _toggle(name: str, *values: str) -> Callable[[dict[str, Row], str], None]:
    """Gives a field the next of some values; `{}` stands for the record's own key."""

    def act(records: dict[str, Row], key: str) -> None:
        told = [value.format(key) for value in values]
        now = records[key][name]
        records[key][name] = told[(told.index(now) + 1) % len(told)] if now in told else told[0]

    return act


OF_USERS: dict[str, Callable[[dict[str, Row], str], None]] = {
    "leave": lambda users, key: users.pop(key) and None,
    "rename": _toggle("familyName", "Family {}", "Married {}"),
    "email": _toggle("email", "{}@school.example", "{}@new.example", "", "u1@school.example"),
    "username": _toggle("username", "name.{}", "other.{}", "name.u6"),
    "disable": _toggle("enabledUser", "true", "false"),
    "grade": _toggle("grades", "07", "08"),
}
OF_CLASSES: dict[str, Callable[[dict[str, Row], str], None]] = {
    "remove-class": lambda classes, key: classes.pop(key) and None,
    "rename-class": _toggle("title", "Class {}", "Form {}", "The same"),
    "code": _toggle("classCode", "CLASS {}", "FORM {}", "SAME"),
    "subject": _toggle("courseSourcedId", "s1", "s2"),
}
CHANGES = sorted(
    {"join", "add-class", "enrol", "unenrol", "role", "spoil", "miss", "mend", "empty", *OF_USERS, *OF_CLASSES}
)


class TinySchool:
    """The roster as it is today, and how it is delivered.

    Args:
        folder: where it is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.users: dict[str, Row] = {}
        self.classes: dict[str, Row] = {}
        self.places: dict[tuple[str, str], str] = {}
        self.spoilt: dict[tuple[str, str], bool] = {}
        self.missing: set[str] = set()
        self.empty = False
        for number in (1, 2):
            self.add_class(f"c{number}", f"Class {number}", f"s{number}")
        for number in range(1, 5):
            self.join(f"u{number}", "teacher" if number == 1 else "student")
            self.places[f"u{number}", "c1" if number < 4 else "c2"] = self.users[f"u{number}"]["role"]

    def join(self, key: str, role: str = "student") -> None:
        self.users[key] = {
            "sourcedId": key,
            "enabledUser": "true",
            "orgSourcedIds": "o1",
            "role": role,
            "username": f"name.{key}",
            "givenName": "Given",
            "familyName": f"Family {key}",
            "email": f"{key}@school.example",
            "grades": "07" if key < "u4" else "08",
        }

    def add_class(self, key: str, title: str, subject: str) -> None:
        self.classes[key] = {
            "sourcedId": key,
            "title": title,
            "classCode": title.upper(),
            "courseSourcedId": subject,
            "classType": "scheduled",
            "schoolSourcedId": "o1",
            "termSourcedIds": "y27",
        }

    def change(self, act: str, pick: int) -> None:
        """One of `CHANGES` to a record that is picked, as far as there is one."""
        user = sorted(self.users)[pick % len(self.users)] if self.users else None
        course = sorted(self.classes)[pick % len(self.classes)] if self.classes else None
        place = sorted(self.places)[pick % len(self.places)] if self.places else None
        if act == "join" and (key := f"u{pick % 8 + 1}") not in self.users:
            self.join(key)
        elif act == "add-class" and (key := f"c{pick % 4 + 1}") not in self.classes:
            self.add_class(key, f"Class {key[1:]}", f"s{pick % 2 + 1}")
        elif act == "enrol" and user and course:
            other = sorted(self.classes)[pick // 7 % len(self.classes)]
            self.places[user, other] = "teacher" if pick % 5 == 0 else "student"
        elif act == "unenrol" and place:
            del self.places[place]
        elif act == "role" and place:
            self.places[place] = "student" if self.places[place] == "teacher" else "teacher"
        elif act == "spoil" and (keys := sorted((table, key) for table in SPOILT for key in self._keys(table))):
            chosen = keys[pick % len(keys)]
            self.spoilt[chosen] = not self.spoilt.get(chosen)
        elif act == "miss":
            self.missing ^= {("users", "classes", "enrollments", "courses", "orgs")[pick % 5]}
        elif act == "mend":
            self.missing, self.empty, self.spoilt = set(), False, {}
        elif act == "empty":
            self.empty = not self.empty
        elif act in OF_USERS and user:
            OF_USERS[act](self.users, user)
        elif act in OF_CLASSES and course:
            OF_CLASSES[act](self.classes, course)

    def write(self) -> None:
        """Write what is delivered today."""
        self.folder.mkdir(parents=True, exist_ok=True)
        places = [
            {
                "sourcedId": f"{user}-{course}",
                "classSourcedId": course,
                "schoolSourcedId": "o1",
                "userSourcedId": user,
                "role": self.places[user, course],
            }
            for user, course in self.standing()
        ]
        tables = FIXED | {
            "users": list(self.users.values()),
            "classes": list(self.classes.values()),
            "enrollments": places,
        }
        there = [name for name in FILES if name not in self.missing]
        for name in FILES:
            (self.folder / f"{name}.csv").unlink(missing_ok=True)
        for name in there:
            self._write_file(name, [] if self.empty else [self._row(name, row) for row in tables[name]])
        lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
        lines += [f"file.{name},{'bulk' if name in there else 'absent'}" for name in FILES]
        (self.folder / "manifest.csv").write_text("\r\n".join([*lines, ""]))

    def standing(self) -> list[tuple[str, str]]:
        """Places of people and classes that are there."""
        return [(user, course) for user, course in self.places if user in self.users and course in self.classes]

    def unreadable(self) -> set[str]:
        """Keys of records whose rows are there and cannot be read."""
        delivered = () if self.empty else set(FILES) - self.missing
        spoilt = {(table, key) for (table, key), spoilt in self.spoilt.items() if spoilt and table in delivered}
        return {key for table, key in spoilt if key in self._keys(table)}

    def _keys(self, table: str) -> set[str]:
        places = {f"{user}-{course}" for user, course in self.standing()}
        return {"users": set(self.users), "classes": set(self.classes), "enrollments": places}[table]

    def _row(self, table: str, row: Row) -> Row:
        return row | (SPOILT[table] if self.spoilt.get((table, row["sourcedId"])) else {})

    def _write_file(self, table: str, rows: list[Row]) -> None:
        header = [column.name for column in TABLES[table].of("1.1")]
        with (self.folder / f"{table}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([row.get(name, "") for name in header] for row in rows)


# --- by hand -------------------------------------------------------------------------------------------------------


class ByHand:
    """What people do in Moodle meanwhile; each act tells the keys of the ledger whose records it took away.

    Args:
        moodle: a client of theirs.
        key_of: gives the key that the ledger has for a Moodle record of a kind, or None.
    """

    def __init__(self, moodle: Moodle, key_of: Callable[[str, int], str | None]) -> None:
        self.moodle = moodle
        self.key_of = key_of

    def do(self, act: str, choose: Callable[[list[Any]], Any]) -> set[str]:
        """Do one of `ACTS` to a record that is chosen."""
        who = [user for user in self.moodle.users.all() if user.username not in ("admin", "guest", "plain")]
        where = [course for course in self.moodle.courses.all() if course.id != 1]
        user = choose(sorted(who, key=lambda each: each.id)) if who else None
        course = choose(sorted(where, key=lambda each: each.id)) if where else None
        method = getattr(self, f"_{act.replace('-', '_')}")
        needs = method.__code__.co_varnames[1 : method.__code__.co_argcount]
        given = {"user": user, "course": course}
        if any(given[name] is None for name in needs):
            return set()
        return {key for key in method(*(given[name] for name in needs)) or () if key}

    def _rename_user(self, user: Any) -> None:
        self.moodle.users.update([{"id": user.id, "firstname": f"{user.firstname}!"}])

    def _change_email(self, user: Any) -> None:
        self.moodle.users.update([{"id": user.id, "email": f"hand{user.id}@school.example"}])

    def _suspend_user(self, user: Any) -> None:
        self.moodle.users.update([{"id": user.id, "suspended": int(not user.suspended)}])

    def _delete_user(self, user: Any) -> list[str | None]:
        key = self.key_of("user", user.id)
        self.moodle.users.delete([user.id])
        return [key]

    def _enrol(self, user: Any, course: Any) -> None:
        self.moodle.enrolments.enrol([{"roleid": 5, "userid": user.id, "courseid": course.id}])

    def _unenrol(self, user: Any, course: Any) -> list[str | None]:
        keys = self.key_of("user", user.id), self.key_of("course", course.id)
        self.moodle.enrolments.unenrol([{"userid": user.id, "courseid": course.id}])
        return ["\t".join(map(str, keys))] if all(keys) else []

    def _suspend_enrolment(self, user: Any, course: Any) -> None:
        if user.id in {seen.user_id for seen in self.moodle.enrolments.of_courses([course.id])}:
            self.moodle.enrolments.enrol([{"roleid": 5, "userid": user.id, "courseid": course.id, "suspend": 1}])

    def _delete_course(self, course: Any) -> list[str | None]:
        key = self.key_of("course", course.id)
        self.moodle.courses.delete([course.id])
        return [key]

    def _rename_course(self, course: Any) -> None:
        self.moodle.courses.update([{"id": course.id, "fullname": f"{course.fullname}!"}])

    def _hide_course(self, course: Any) -> None:
        self.moodle.courses.update([{"id": course.id, "visible": int(not course.visible)}])

    def _move_course(self, course: Any) -> None:
        self.moodle.courses.update([{"id": course.id, "categoryid": 1}])

    def _join_group(self, course: Any) -> None:
        groups = self.moodle.groups.of_course(course.id)
        there = [seen.user_id for seen in self.moodle.enrolments.of_courses([course.id])]
        if groups and there:
            self.moodle.groups.add_members([{"groupid": groups[0].id, "userid": there[0]}])

    def _leave_group(self, course: Any) -> list[str | None]:
        groups = self.moodle.groups.of_course(course.id)
        members = self.moodle.groups.members([group.id for group in groups])
        placed = [(group.id, user) for group in groups for user in sorted(members[group.id])]
        if not placed:
            return []
        group, user = placed[0]
        self.moodle.groups.remove_members([{"groupid": group, "userid": user}])
        return ["\t".join(map(str, (self.key_of("user", user), self.key_of("group", group))))]

    def _delete_group(self, course: Any) -> list[str | None]:
        groups = self.moodle.groups.of_course(course.id)
        if not groups:
            return []
        key = self.key_of("group", groups[0].id)
        self.moodle.groups.delete([groups[0].id])
        return [key]

    def _make_account(self) -> None:
        for number in range(5, 9):
            if not self.moodle.users.find("username", [f"name.u{number}"]):
                row = {"username": f"name.u{number}", "firstname": "By", "lastname": "Hand", "password": "Secret-123"}
                self.moodle.users.create([row | {"email": f"by.hand{number}@school.example"}])
                return


ACTS = sorted(
    name.removeprefix("_").replace("_", "-")
    for name, value in vars(ByHand).items()
    if name.startswith("_") and not name.startswith("__") and callable(value)
)
