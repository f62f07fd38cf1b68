"""What comes of the settings of a whole profile and of its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rosters import roster
from setting_looks import (
    LEFT_OUT,
    NOON,
    Setting,
    asks,
    delivered,
    document,
    emptied_category,
    emptied_course,
    fields,
    ground_of,
    held,
    keys,
    loaded,
    opened,
    purged,
    standing,
)

from matricula.profiles.documents.limits import REMOVALS

TODAY = NOON.date().isoformat()
_NOW = datetime.now(UTC).date()
YEARS: dict[str, Any] = {
    "academicSessions": [
        {"startDate": _NOW - timedelta(days=50), "endDate": _NOW + timedelta(days=50)},
        {"sourcedId": "y30", "schoolYear": "2030", "title": "2029/30"}
        | {"startDate": _NOW + timedelta(days=900), "endDate": _NOW + timedelta(days=990)},
    ],
    "classes": [{}, {"sourcedId": "c2", "classCode": "B", "termSourcedIds": ["y30"]}],
}
AUGUST = int(datetime(2026, 8, 1, tzinfo=UTC).timestamp())
OBSTACLE = standing(lambda found: found.obstacle.code if found.obstacle else None)
IN_TABLE = {"users": {"fields": {"department": "{person.grade|lookup(years)}"}}}

OF_PROFILE = [
    Setting("kind", loaded, [("profile", ["b"]), (LEFT_OUT, "document-without-kind")], document("b")),
    Setting("name", loaded, [("b", ["b"]), ("c", ["c"])], document("b")),
    Setting(
        "source",
        opened,
        [(each, f"There is no source named “{each}”.") for each in ("sis", "other")],
        document("b"),
    ),
    Setting(
        "site",
        ground_of,
        [(each, f"There is no site named “{each}”.") for each in ("moodle", "other")],
        document("b"),
    ),
    Setting("enabled", standing(lambda found: found.status), [(LEFT_OUT, "Pending"), (False, "Disabled")]),
    Setting("window.start", OBSTACLE, [(LEFT_OUT, None), ("2026-11-21", "profile-outside-window")]),
    Setting("window.end", OBSTACLE, [(LEFT_OUT, None), ("2026-11-19", "profile-outside-window")]),
    Setting("beside", standing(lambda found: found.before, document("a")), [(LEFT_OUT, "a"), (["a"], None)]),
    Setting(
        "period",
        keys("course", roster(**YEARS)),
        [(LEFT_OUT, ["c1", "c2"]), ("current", ["c1"]), ("2029/30", ["c2"])],
    ),
    Setting("timezone", fields("course", "startdate"), [(LEFT_OUT, AUGUST), ("Europe/Berlin", AUGUST - 7200)]),
    Setting(
        "basis",
        keys("course", classes=[{"subjects": ["Art", "Music"]}]),
        [("group", ["c1"]), ("subject", ["subject:co1"]), ("group-subject", ["c1/Art", "c1/Music"])],
    ),
    Setting(
        "tables",
        fields("user", "department", users=[{"grades": ["9"]}]),
        [({"years": {9: "Ninth"}}, "Ninth"), ({"years": {10: "Tenth"}}, "")],
        IN_TABLE,
    ),
]

OF_RETENTION = [
    Setting("retention.plans", purged("change", 300), [(LEFT_OUT, False), (299, True)]),
    Setting("retention.grades", purged("kept_grade", 500), [(LEFT_OUT, False), (499, True)]),
    Setting("retention.deliveries", purged("kept_delivery", 300), [(LEFT_OUT, False), (299, True)]),
]

HOURLY = {"schedule": {"entries": [{"at": "every hour"}]}}
AT_ONE = {"schedule": {"entries": [{"at": "at 13:00"}]}}
SILENT = {"schedule": HOURLY["schedule"] | {"quiet": [{"hours": "12:30-15:30"}]}}
OF_SCHEDULE = [
    Setting(
        "schedule.entries.0.at",
        asks(1, 2),
        [("every hour", [["run"], ["run"]]), ("at 14:00", [[], ["run"]]), ("0 13 * * *", [["run"], []])],
        HOURLY,
    ),
    Setting(
        "schedule.entries.0.do",
        asks(1),
        [
            (LEFT_OUT, [["run"]]),
            *((each, [[each]]) for each in ("run", "plan", "observe", "verify", "read", "learning", "grades")),
        ],
        HOURLY,
        ("run",),
    ),
    Setting("schedule.entries.0.jitter", asks(1, 2), [(LEFT_OUT, [["run"], []]), (59, [[], ["run"]])], AT_ONE),
    Setting(
        "schedule.quiet.0.hours",
        asks(1, 2, 3, 4),
        [("12:30-15:30", [[], [], [], ["run"]]), ("13:30-14:30", [["run"], [], ["run"], ["run"]])],
        SILENT,
    ),
    Setting(
        "schedule.quiet.0.on",
        asks(1),
        [(LEFT_OUT, [[]]), ("weekends", [["run"]])],
        SILENT,
    ),
    Setting("schedule.catch_up", asks(5.5), [(LEFT_OUT, [["run"]]), (False, [[]])], HOURLY),
]

WIDE = {"rollover": {"start": "2026-08-01", "end": "2026-10-01", "share": 1.0}}
TWENTY = "suspend 20 users"
EMPTIED = ["empty 1 course"]


def own_limits(kind: str, action: str) -> list[Setting]:
    """Settings of the limits of one kind and action."""
    at = f"limits.kinds.{kind}.{action}"
    did, what = ("take", "role") if action == "role" else (action, kind)
    few, many = (f"{did} {number} {what}{'s' if number > 1 else ''}" for number in (1, 20))
    return [
        Setting(f"{at}.share", held(20, 100, kind, action), [(LEFT_OUT, [many]), (0.2, [])]),
        Setting(f"{at}.floor", held(20, 100, kind, action), [(LEFT_OUT, [many]), (101, [])]),
        Setting(f"{at}.absolute", held(1, 100, kind, action), [(LEFT_OUT, []), (0, [few])]),
    ]


OF_LIMITS = [
    Setting("limits.share", held(20, 100), [(LEFT_OUT, [TWENTY]), (0.2, [])]),
    Setting("limits.floor", held(20, 100), [(LEFT_OUT, [TWENTY]), (101, [])]),
    Setting("limits.absolute", held(1, 100), [(LEFT_OUT, []), (0, ["suspend 1 user"])]),
    *(each for kind, actions in REMOVALS.items() for action in actions for each in own_limits(kind, action)),
    Setting("limits.in_course.share", emptied_course(10, 20), [(LEFT_OUT, []), (0.4, EMPTIED)]),
    Setting("limits.in_course.floor", emptied_course(5, 5), [(LEFT_OUT, []), (5, EMPTIED)]),
    Setting("limits.in_course.absolute", emptied_course(5, 100), [(LEFT_OUT, []), (4, EMPTIED)]),
    Setting("limits.in_category.share", emptied_category(10, 20), [(LEFT_OUT, []), (0.4, ["empty 1 category"])]),
    Setting("limits.in_category.floor", emptied_category(5, 5), [(LEFT_OUT, []), (5, ["empty 1 category"])]),
    Setting("limits.in_category.absolute", emptied_category(5, 100), [(LEFT_OUT, []), (4, ["empty 1 category"])]),
    Setting("limits.delivery.rows", delivered(80, 100), [(LEFT_OUT, []), (0.1, ["20 fewer users"])]),
    Setting("limits.delivery.filled", delivered(100, 100, 0.4), [(LEFT_OUT, []), (0.3, ["blank 1 column of users"])]),
    Setting("limits.delivery.floor", delivered(1, 9), [(LEFT_OUT, []), (9, ["8 fewer users"])]),
    Setting("limits.rollover.start", held(20, 100), [("2026-09-01", []), ("2026-09-02", [TWENTY])], {"limits": WIDE}),
    Setting("limits.rollover.end", held(20, 100), [("2026-09-01", []), ("2026-08-31", [TWENTY])], {"limits": WIDE}),
    Setting("limits.rollover.share", held(20, 100), [(LEFT_OUT, []), (0.19, [TWENTY])], {"limits": WIDE}),
    Setting("limits.rollover.absolute", held(20, 100), [(LEFT_OUT, []), (19, [TWENTY])], {"limits": WIDE}),
]
