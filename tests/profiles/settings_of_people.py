"""What comes of the settings of a profile's part on users."""

from __future__ import annotations

from typing import Any

from rosters import people, roster, rows_of
from setting_bench import MIA, MOVED, NOBODY, RENAMED, day
from setting_looks import LEFT_OUT, Look, Setting, changed, desired, fields, keys, matched, planned, sent

from matricula.planning.passwords import password_of
from matricula.profiles.moodle_fields import USER_FIELDS

_ROLES = {"student": "student", "teacher": "teacher", "employee": "aide", "parent": "parent"}
_KEYS = {"student": "s1", "teacher": "t1", "employee": "e1", "parent": "p1"}
ALL_ROLES = people(*({"role": role} for role in (*_ROLES.values(), "ext:friend")))
KINDS = desired(
    lambda found: {key: row["kind"] for key, row in rows_of(found, "user").items()}, **ALL_ROLES, enrollments=[]
)
PARENTS_TOO = {"users": {"parent": {"create": True}}}


def _done(action: str, *kinds: str) -> list[tuple[str, str]]:
    return sorted((action, _KEYS[kind]) for kind in kinds)


def of_kind(kind: str) -> list[Setting]:
    """Settings of one kind of people."""
    at, usual = f"users.{kind}", {f"u{number}": each for number, each in enumerate(_ROLES, 1)}
    own = next(key for key, each in usual.items() if each == kind)
    others = {key: each for key, each in usual.items() if key != own} | {"u5": kind}
    three = [each for each in _ROLES if each != "parent"]
    looks: list[tuple[str, str, Look]] = [
        ("create", "create", planned("user", day())),
        ("update", "update", planned("user", RENAMED, second_day=True)),
        ("deactivate", "suspend", planned("user", NOBODY, second_day=True)),
    ]
    switched = [kind, *three] if kind == "parent" else [each for each in three if each != kind]
    return [
        Setting(f"{at}.roles", KINDS, [(LEFT_OUT, usual), (["ext:friend"], others)], PARENTS_TOO),
        *(
            Setting(
                f"{at}.{name}",
                look,
                [(LEFT_OUT, _done(action, *three)), (kind == "parent", _done(action, *switched))],
            )
            for name, action, look in looks
        ),
    ]


_TEXT = ("Own", "Own")
#: For each field a mapping and what it gives.
USER_MAPPINGS: dict[str, tuple[Any, Any]] = dict.fromkeys(USER_FIELDS, _TEXT) | {
    "username": ("x-{person.username}", "x-ann"),
    "firstname": ("{person.username}", "ann"),
    "lastname": ("{person.username}", "ann"),
    "email": ("{person.username}@a.example", "ann@a.example"),
    "idnumber": ("{person.identifier}", "4711"),
    "country": ("DE", "DE"),
    "mailformat": ("plain", 0),
    "maildisplay": ("course", 2),
}
USUAL = {"username": "ann", "firstname": "Ann", "lastname": "Lee", "email": "ann@school.example", "idnumber": "u1"}
TWO = people({"grades": ["9"]}, {"grades": ["10"]})
NINTH = {"users": {"only": {"value": "{person.grade}", "like": ["9"]}}}
NOT_UPDATED: dict[str, Any] = {"update": False}
MATCH = {"users": {"match": [{"field": "idnumber"}], "student": NOT_UPDATED}}
CASES = [("none", "Ann"), ("lower", "ann"), ("upper", "ANN")]
#: What follows the roster changes for s1, who had nothing, and t1.
WRITES = [("in-step", ["s1", "t1"]), ("if-empty", ["s1"]), ("create-only", [])]
MAX = roster(**people({"sourcedId": "m9", "username": "max", "email": "m9@school.example"}), classes=[], enrollments=[])
NO_EMAIL = {"users": [{"email": None}], "enrollments": []}


def mapped(at: str, name: str, field: str) -> list[Setting]:
    """Settings of one mapping."""
    own = {"users": {at: {name: {"value": "{person.givenName}"}}}}
    unseen = ("create-only",) if at == "preferences" else ()
    return [
        Setting(
            f"users.{at}.{name}.value",
            fields("user", field),
            [("{person.username}", "ann"), ("{person.givenName}", "Ann")],
        ),
        Setting(f"users.{at}.{name}.case", fields("user", field), CASES, own),
        Setting(
            f"users.{at}.{name}.write",
            changed("user", MOVED, field),
            # Moodle tells no preferences, so that it is not known whether one is empty.
            [(word, [] if unseen and word == "if-empty" else who) for word, who in WRITES],
            {"users": {at: {name: {"value": "{person.phone}"}}}},
            unseen,
        ),
    ]


OF_PEOPLE = [
    *(each for kind in _ROLES for each in of_kind(kind)),
    Setting("users.only.like", keys("user", **TWO), [(["9"], ["u1"]), (["*"], ["u1", "u2"])], NINTH),
    Setting(
        "users.only.unlike",
        keys("user", **TWO),
        [(LEFT_OUT, ["u1", "u2"]), (["9"], ["u2"])],
        {"users": {"only": {"value": "{person.grade}", "like": "*"}}},
    ),
    Setting("users.only.value", keys("user", **TWO), [("{person.grade}", ["u1"]), ("9", ["u1", "u2"])], NINTH),
    Setting(
        "users.without_enrolments",
        planned("user", roster(**TWO, classes=[{"classCode": "New"}])),
        [(LEFT_OUT, [("create", "u1"), ("create", "u2")]), (False, [("create", "u1")])],
    ),
    Setting(
        "users.match.0.field",
        matched("user", MIA),
        [("username", "mia"), ("email", "by-email"), ("idnumber", "by-idnumber")],
        MATCH,
    ),
    Setting(
        "users.match.0.field",
        matched("user", MIA),
        [("profile:payroll", "by-field"), ("idnumber", "by-idnumber")],
        {"users": {"match": [{"value": "{person.id}"}], "student": NOT_UPDATED}},
    ),
    Setting(
        "users.match.0.value",
        matched("user", MIA),
        [(LEFT_OUT, "by-idnumber"), ("{person.identifier}", "by-number")],
        MATCH,
    ),
    *(
        Setting(f"users.fields.{name}", fields("user", name), [(LEFT_OUT, USUAL.get(name)), (value, given)])
        for name, (value, given) in USER_MAPPINGS.items()
    ),
    *mapped("fields", "department", "department"),
    *mapped("profile_fields", "house", "profile:house"),
    *mapped("preferences", "htmleditor", "preference:htmleditor"),
    Setting(
        "users.taken_username",
        planned("user", MAX),
        [("ask", []), ("number", [("create", "m9")])],
        {"users": {"match": "idnumber"}},
    ),
    Setting("users.auth", sent("auth"), [(LEFT_OUT, {"auth": "manual"}), ("ldap", {"auth": "ldap"})]),
    Setting(
        "users.password",
        sent("password", "createpassword"),
        [
            ("generate", {"password": password_of(b"secret", "moodle", "default")("u1", "ann")}),
            ("mail", {"createpassword": 1}),
            ("none", {}),
        ],
    ),
    Setting(
        "users.force_change",
        sent("preferences"),
        [(LEFT_OUT, {}), (True, {"preferences": [{"type": "auth_forcepasswordchange", "value": "1"}]})],
    ),
    Setting(
        "users.missing_email",
        planned("user", roster(**NO_EMAIL)),
        [("placeholder", [("create", "u1")]), ("leave-out", [])],
    ),
]
