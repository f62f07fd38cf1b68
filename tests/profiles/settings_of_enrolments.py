"""What comes of the settings of a profile's parts on enrolments, groups, cohorts and meta-links."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rosters import people, roster, rows_of
from setting_bench import NOBODY_ENROLLED
from setting_looks import LEFT_OUT, Setting, after, desired, fields, keys, planned

FIRST, LAST = dt.date(2026, 9, 1), dt.date(2027, 6, 30)
SEPTEMBER, JULY = 1788220800, 1814400000
CLASS: dict[str, Any] = {
    **people({"role": "student"}, {"role": "teacher"}),
    "enrollments": [
        {"sourcedId": "e1", "userSourcedId": "u1", "beginDate": FIRST, "endDate": LAST},
        {"sourcedId": "e2", "userSourcedId": "u2", "role": "teacher", "beginDate": FIRST, "endDate": LAST},
    ],
}


def of_all(field: str) -> Any:
    """Looks at a field of the enrolments of u1, a student, and u2, a teacher."""
    return desired(
        lambda found: {row["user"]: row["fields"].get(field) for row in rows_of(found, "enrolment").values()}, **CLASS
    )


def dated(name: str, template: str, moment: int) -> list[Setting]:
    """Settings of the first or last day."""
    look, at = of_all(f"time{name}"), f"enrolments.{name}"
    both = {"u1": moment, "u2": moment}
    return [
        Setting(at, look, [(LEFT_OUT, {"u1": None, "u2": None}), (template, both)]),
        Setting(f"{at}.value", look, [(template, both), ("", {"u1": 0, "u2": 0})]),
        Setting(
            f"{at}.not_for",
            look,
            [(LEFT_OUT, both), (["teacher"], {"u1": moment, "u2": 0})],
            {"enrolments": {name: {"value": template}}},
        ),
    ]


EARLY = roster(classes=[{"classCode": "New"}], enrollments=[{"beginDate": FIRST}])
OF_ENROLMENTS = [
    Setting(
        "enrolments.roles",
        of_all("role"),
        [
            (LEFT_OUT, {"u1": "student", "u2": "editingteacher"}),
            ({"teacher": 4}, {"u2": "4"}),
            ({"teacher:secondary": "teacher", "teacher:primary": "manager"}, {"u2": "manager"}),
        ],
    ),
    Setting(
        "enrolments.since",
        planned("enrolment", EARLY),
        [("2026-09-01", [("create", "u1\tc1")]), ("2026-09-02", [])],
    ),
    Setting(
        "enrolments.gone",
        after("enrolment", NOBODY_ENROLLED, "s1\tc1", second_day=True),
        [
            ("keep", []),
            ("suspend", [("suspend", {"suspended": True})]),
            ("suspend-without-roles", [("suspend", {"suspended": True, "role": ""})]),
            ("unenrol", [("unenrol", {"gone": True})]),
        ],
    ),
    *dated("start", "{enrolment.beginDate}", SEPTEMBER),
    *dated("end", "{enrolment.endDate}", JULY),
]

BY_CODE = {"groups": [{"name": "{group.code}"}]}
ALONE: dict[str, Any] = {"users": [{"grades": ["9"]}]}
GROUP = fields("group", "name", **ALONE)
GROUPINGS = desired(
    lambda found: [
        (row["label"], list(rows_of(found, "grouping-member"))) for row in rows_of(found, "grouping").values()
    ]
)
OF_GROUPS = [
    Setting("groups", keys("group"), [(LEFT_OUT, ["subject:co1\tid:c1"]), ([], [])], {"basis": "subject"}),
    Setting("groups.0.name", GROUP, [("{group.code}", "ENG-9"), ("Year {person.grade}", "Year 9")], {"groups": [{}]}),
    Setting("groups.0.idnumber", fields("group", "idnumber"), [(LEFT_OUT, ""), ("{group.id}", "c1")], BY_CODE),
    Setting(
        "groups.0.grouping",
        GROUPINGS,
        [(LEFT_OUT, []), ("All", [("All", ["name:eng-9\tc1\tname:all"])])],
        BY_CODE,
    ),
    Setting(
        "groups.0.roles",
        desired(lambda found: sorted(key[:2] for key in rows_of(found, "group-member")), **CLASS),
        [(LEFT_OUT, ["u1", "u2"]), (["teacher"], ["u2"])],
        BY_CODE,
    ),
]

YEARS = {"cohorts": [{"name": "Year {person.grade}", "idnumber": "year-{person.grade}"}]}
OF_COHORTS = [
    Setting(
        "cohorts.0.name",
        fields("cohort", "name", **ALONE),
        [("Year {person.grade}", "Year 9"), ("All", "All")],
        YEARS,
    ),
    Setting(
        "cohorts.0.idnumber",
        keys("cohort-member", **ALONE),
        [("year-{person.grade}", ["u1\tyear-9"]), ("all", ["u1\tall"])],
        YEARS,
    ),
    Setting("cohorts.0.category", fields("cohort", "category", **ALONE), [(LEFT_OUT, ""), ("pupils", "pupils")], YEARS),
]

LINK = {"shortname": "SCI", "fullname": "Science", "classes": {"value": "{group.code}", "like": ["*a"]}}
LINKS: dict[str, Any] = {"meta_links": [LINK]}
LINKED = keys("meta-link", classes=[{"classCode": "7a"}, {"sourcedId": "c2", "classCode": "7b"}])
ONE, BOTH = ["meta:SCI\tc1"], ["meta:SCI\tc1", "meta:SCI\tc2"]
LONG_LIVED = desired(lambda found: [row["fullname"] for row in rows_of(found, "course").values()], classes=[])
OF_META_LINKS = [
    Setting("meta_links.0.shortname", LINKED, [("SCI", ONE), ("NAT", ["meta:NAT\tc1"])], LINKS),
    Setting("meta_links.0.fullname", LONG_LIVED, [("Science", ["Science"]), (LEFT_OUT, [""])], LINKS),
    Setting("meta_links.0.classes.like", LINKED, [(["*a"], ONE), (["7*"], BOTH)], LINKS),
    Setting("meta_links.0.classes.unlike", LINKED, [(LEFT_OUT, ONE), (["7*"], [])], LINKS),
    Setting("meta_links.0.classes.value", LINKED, [("{group.code}", ONE), ("a", BOTH)], LINKS),
]
