"""What comes of a profile's tables and time zone in every place where mappings and days stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rosters import rows_of
from setting_looks import Look, Parts, Setting, desired, fields, keys

PERSON, CLASS = "{person.id|lookup(words)}", "{group.id|lookup(words)}"
ONE, TWO = ({"words": {"u1": word, "c1": word}} for word in ("One", "Two"))


def place(base: Parts, look: Look, one: Any = "One", two: Any = "Two") -> Setting:
    """A place with a mapping that looks the person or the class up."""
    return Setting("tables", look, [(ONE, one), (TWO, two)], base)


def column(kind: str, name: str) -> Look:
    return desired(lambda found: rows_of(found, kind).popitem()[1][name])


def only(value: str) -> dict[str, Any]:
    return {"value": value, "like": ["One"]}


DAYS = {"enrolments": {"start": {"value": "{enrolment.beginDate}"}, "end": {"value": "{enrolment.endDate}"}}}
STAY = {"enrollments": [{"beginDate": dt.date(2026, 9, 1), "endDate": dt.date(2026, 9, 30)}]}
IN_UTC, IN_BERLIN = (1788220800, 1790812800), (1788220800 - 7200, 1790812800 - 7200)

OF_TABLES = [
    place({"users": {"only": only(PERSON)}}, keys("user"), ["u1"], []),
    place({"users": {"match": [{"field": "idnumber", "value": PERSON}]}}, column("user", "match:0")),
    place({"users": {"fields": {"city": {"value": PERSON}}}}, fields("user", "city")),
    place({"users": {"profile_fields": {"house": {"value": PERSON}}}}, fields("user", "profile:house")),
    place({"users": {"preferences": {"a": {"value": PERSON}}}}, fields("user", "preference:a")),
    place({"categories": {"levels": [{"level": "group", "name": CLASS}]}}, fields("category", "name")),
    place({"categories": {"levels": [{"level": "group", "idnumber": CLASS}]}}, fields("category", "idnumber")),
    place({"courses": {"only": only(CLASS)}}, keys("course"), ["c1"], []),
    place({"courses": {"template": CLASS}}, column("course", "template")),
    place({"courses": {"fields": {"summary": {"value": CLASS}}}}, fields("course", "summary")),
    place({"courses": {"custom_fields": {"level": {"value": CLASS}}}}, fields("course", "custom:level")),
    place({"groups": [{"name": PERSON}]}, fields("group", "name")),
    place({"groups": [{"name": "All", "idnumber": CLASS}]}, fields("group", "idnumber")),
    place({"groups": [{"name": "All", "grouping": PERSON}]}, fields("grouping", "name")),
    place({"cohorts": [{"name": PERSON, "idnumber": "all"}]}, fields("cohort", "name")),
    place({"cohorts": [{"name": "All", "idnumber": PERSON}]}, fields("cohort", "idnumber")),
    place({"meta_links": [{"shortname": "SCI", "classes": only(CLASS)}]}, keys("meta-link"), ["meta:SCI\tc1"], []),
    *(
        Setting(
            "tables",
            fields("enrolment", f"time{name}"),
            [({"words": {"u1": "2026-09-01"}}, moment), ({"words": {"u1": ""}}, 0)],
            {"enrolments": {name: {"value": PERSON}}},
        )
        for name, moment in (("start", IN_UTC[0]), ("end", IN_UTC[0] + 86400))
    ),
    Setting(
        "timezone",
        fields("enrolment", "timestart", "timeend", **STAY),
        [("UTC", IN_UTC), ("Europe/Berlin", IN_BERLIN)],
        DAYS,
    ),
]
