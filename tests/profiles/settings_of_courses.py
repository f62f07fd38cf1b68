"""What comes of the settings of a profile's parts on courses and on the categories they stand in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rosters import roster, rows_of
from setting_bench import C9, MOVED, NO_CLASSES, RENAMED
from setting_looks import LEFT_OUT, Setting, after, changed, desired, fields, keys, matched, planned

from matricula.profiles.moodle_fields import COURSE_FIELDS

SCHOOL: dict[str, Any] = {
    "orgs": [{}, {"sourcedId": "d1", "name": "Languages", "type": "department"}],
    "academicSessions": [{}, {"sourcedId": "t1", "title": "Autumn", "type": "term", "parentSourcedId": "y27"}],
    "courses": [{"orgSourcedId": "d1"}],
    "classes": [{"grades": ["09"], "location": "Room 1", "termSourcedIds": ["t1"]}],
}
CATEGORY = desired(
    lambda found: [(key, row["fields"]["name"]) for key, row in rows_of(found, "category").items()], **SCHOOL
)
NAME = desired(lambda found: [row["fields"]["name"] for row in rows_of(found, "category").values()], **SCHOOL)
BY_SCHOOL = {"categories": {"levels": [{"level": "institute"}]}}
ELM = roster(orgs=[{"name": "Elm School"}], classes=[{"sourcedId": "new", "classCode": "New"}])
OWN_KEY = "institute:o1"

OF_CATEGORIES = [
    Setting(
        "categories.levels",
        CATEGORY,
        [(["institute"], [(OWN_KEY, "Oak School")]), ([], [("unsorted", "Unsorted courses")])],
    ),
    Setting(
        "categories.levels.0.level",
        CATEGORY,
        [
            ("institute", [(OWN_KEY, "Oak School")]),
            ("period", [("period:2027", "2026/27")]),
            ("grade", [("grade:09", "09")]),
            ("stream", [("stream:d1", "Languages")]),
            ("location", [("location:Room 1", "Room 1")]),
            ("group", [("group:c1", "English 09 – Ludicrous Lemur")]),
            ("subject", [("subject:co1", "English 09")]),
            ("semester", [("semester:t1", "Autumn")]),
        ],
        {"categories": {"levels": [{}]}},
    ),
    Setting(
        "categories.levels.0.name",
        fields("category", "name"),
        [(LEFT_OUT, "Oak School"), ("School {institute.id}", "School o1")],
        BY_SCHOOL,
    ),
    Setting(
        "categories.levels.0.idnumber",
        fields("category", "idnumber"),
        [(LEFT_OUT, OWN_KEY), ("{institute.id}", "o1")],
        BY_SCHOOL,
    ),
    Setting(
        "categories.levels.0.match",
        planned("category", ELM),
        [("idnumber", [("create", OWN_KEY)]), ("name", [("match", OWN_KEY)])],
        BY_SCHOOL,
    ),
    Setting(
        "categories.unsorted",
        NAME,
        [(LEFT_OUT, ["Unsorted courses"]), ("Others", ["Others"])],
        {"categories": {"levels": []}},
    ),
    Setting(
        "categories.archive",
        NAME,
        [(LEFT_OUT, ["Oak School", "Archive"]), ("Old", ["Oak School", "Old"])],
        {**BY_SCHOOL, "courses": {"gone": "archive"}},
    ),
]


def seconds(*of: int) -> int:
    return int(datetime(*of, tzinfo=UTC).timestamp())


USUAL = {
    "fullname": "English 09 – Ludicrous Lemur",
    "shortname": "ENG-9 2026/27",
    "idnumber": "c1",
    "startdate": seconds(2026, 8, 1),
    "enddate": seconds(2027, 8, 1),
    "visible": 1,
}
#: For each field a mapping and what it gives.
COURSE_MAPPINGS: dict[str, tuple[Any, Any]] = dict.fromkeys(COURSE_FIELDS, ("{group.id}", "c1")) | {
    "idnumber": ("{group.code}", "ENG-9"),
    "startdate": ("2026-09-01", seconds(2026, 9, 1)),
    "enddate": ("2027-06-30", seconds(2027, 7, 1)),
    "visible": (False, 0),
    "hiddensections": ("collapsed", 0),
    "coursedisplay": ("one", 1),
    "groupmode": ("visible", 2),
    **dict.fromkeys(("showreports", "groupmodeforce"), (True, 1)),
    **dict.fromkeys(("showgrades", "enablecompletion"), (False, 0)),
    **dict.fromkeys(("numsections", "newsitems", "maxbytes"), (7, 7)),
}
#: Classes 7a and 7b.
SEVEN = {"classes": [{"classCode": "7a"}, {"sourcedId": "c2", "classCode": "7b"}]}
ONLY_A = {"courses": {"only": {"value": "{group.code}", "like": ["*a"]}}}
FRESH = roster(classes=[{"sourcedId": "new", "classCode": "New", "title": "Newcomers"}], enrollments=[])
#: What follows the roster changes for c1, which had a place, and c2.
WRITES = [("in-step", ["c1", "c2"]), ("if-empty", ["c2"]), ("create-only", [])]
COPIED = desired(lambda found: [row["template"] for row in rows_of(found, "course").values()])


def mapped(at: str, name: str, field: str) -> list[Setting]:
    """Settings of one mapping."""
    own = {"courses": {at: {name: {"value": "{group.code}-x"}}}}
    return [
        Setting(
            f"courses.{at}.{name}.value",
            fields("course", field),
            [("{group.code}", "ENG-9"), ("{group.id}", "c1")],
        ),
        Setting(
            f"courses.{at}.{name}.case",
            fields("course", field),
            [("none", "ENG-9-x"), ("lower", "eng-9-x"), ("upper", "ENG-9-X")],
            own,
        ),
        Setting(
            f"courses.{at}.{name}.write",
            changed("course", MOVED, field),
            WRITES,
            {"courses": {at: {name: {"value": "{group.location}"}}}},
        ),
    ]


OF_COURSES = [
    Setting("courses.only.like", keys("course", **SEVEN), [(["*a"], ["c1"]), (["7*"], ["c1", "c2"])], ONLY_A),
    Setting(
        "courses.only.unlike",
        keys("course", **SEVEN),
        [(LEFT_OUT, ["c1", "c2"]), (["*b"], ["c1"])],
        {"courses": {"only": {"value": "{group.code}", "like": "7*"}}},
    ),
    Setting("courses.only.value", keys("course", **SEVEN), [("{group.code}", ["c1"]), ("a", ["c1", "c2"])], ONLY_A),
    Setting(
        "courses.match",
        matched("course", C9),
        [("idnumber", "by-idnumber"), ("shortname", "ENG-9 2026/27"), ("fullname", "by-fullname")],
    ),
    Setting("courses.create", planned("course", FRESH), [(LEFT_OUT, [("create", "new")]), (False, [])]),
    Setting(
        "courses.update",
        planned("course", RENAMED, second_day=True),
        [(LEFT_OUT, [("update", "c1"), ("update", "c2")]), (False, [])],
    ),
    Setting("courses.template", COPIED, [(LEFT_OUT, [""]), ("TPL", ["TPL"])]),
    Setting(
        "courses.template",
        planned("course", FRESH),
        [("TPL", [("create", "new")]), ("missing", [])],
    ),
    *(
        Setting(f"courses.fields.{name}", fields("course", name), [(LEFT_OUT, USUAL.get(name)), (value, given)])
        for name, (value, given) in COURSE_MAPPINGS.items()
    ),
    *(
        Setting(f"courses.fields.{name}", fields("course", name), [(LEFT_OUT, USUAL[name]), (None, None)])
        for name in ("startdate", "enddate")
    ),
    *mapped("fields", "summary", "summary"),
    *mapped("custom_fields", "level", "custom:level"),
    Setting(
        "courses.gone",
        after("course", NO_CLASSES, "c1", second_day=True),
        [
            ("leave", []),
            ("hide", [("hide", {"visible": 0})]),
            ("archive", [("archive", {"visible": 0, "category": "archive"})]),
            ("delete", [("delete", {"gone": True})]),
        ],
    ),
]
