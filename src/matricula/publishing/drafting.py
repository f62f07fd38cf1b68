"""A publication before it is stored: the difference between the tables and what they should hold, and its limits."""

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from matricula.planning import GONE, Draft, Hold, checksum, to_json
from matricula.planning.change import changes_frame
from matricula.planning.emptied import Stock, emptied
from matricula.planning.limits import act_in_words, allowance_on, empty_delivery, exceeded, taken_away
from matricula.planning.plan import numbered
from matricula.profiles import Desired, Profile
from matricula.profiles.documents.limits import REMOVALS
from matricula.publishing.people import rows_of_users
from matricula.publishing.places import rows_of_courses, rows_of_enrolments
from matricula.publishing.rows import NOW, Rows, joined
from matricula.publishing.shape import FORMER, KEY, KINDS, values_of
from matricula.roster import Finding


def draft_publication(
    desired: Desired,
    profile: Profile,
    roles: Mapping[str, int],
    current: dict[str, pl.DataFrame],
    now: datetime,
    found_before: tuple[Finding, ...],
    renamed: Collection[str] = (),
) -> Draft:
    """Work out what has to be written to the tables.

    Args:
        desired: what the site should hold.
        profile: the rules and limits.
        roles: the site's role ids by short name.
        current: the tables by kind as they stand, in the columns of `shape.schema_of`.
        now: the moment; enrolments in force then are published.
        found_before: what reading the roster found wrong.
        renamed: user names that accounts were given or freed of in Moodle by hand.

    Raises:
        UsageError: one of these is no user name that waits for that.
    """
    rows = {
        "user": rows_of_users(desired, profile, current["user"], current[FORMER], renamed),
        "course": rows_of_courses(desired, profile, current["course"]),
    }
    rows["enrolment"] = rows_of_enrolments(desired, profile, roles, current, rows, now)
    parts = [
        changes_frame(
            [*_written(kind, rows[kind], profile, current[kind]), *_removed(kind, rows[kind], profile, current)]
        )
        for kind in KINDS
    ]
    changes = numbered(pl.concat(parts))
    found = (*found_before, *desired.findings, *(finding for each in rows.values() for finding in each.findings))
    return Draft(changes, found, tuple(_holds(changes, desired, profile, current, now)), checksum(changes))


def _written(kind: str, rows: Rows, profile: Profile, current: pl.DataFrame) -> list[dict[str, object]]:
    """Rows that are new or differ."""
    names = values_of(profile)[kind]
    blank = {name: 0 if rows.frame.schema[name] == pl.Int64 else "" for name in names}
    known = pl.col(f"{names[0]}{NOW}").is_not_null()
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}{NOW}").fill_null(blank[name]) for name in names)
    changes: list[dict[str, object]] = []
    for row in joined(rows.frame, current).filter(~known | differs).iter_rows(named=True):
        new = row[f"{names[0]}{NOW}"] is None
        before = {} if new else {name: row[f"{name}{NOW}"] for name in names}
        held = {name: blank[name] if before.get(name) is None else before[name] for name in names}
        after = {name: row[name] for name in names if row[name] != held[name]}
        changed = [name for name in after if not name.startswith("matricula_")]
        changes.append(
            {
                "kind": kind,
                "action": "create" if new else "update",
                "key": row[KEY],
                "name": row["name"],
                "person": row["person"],
                "course": row["course"],
                "before": to_json({name: held[name] for name in after} if not new else {}),
                "after": to_json(after),
                "reason": "new in the roster" if new else f"the table has another {', '.join(changed) or 'kind'}",
                "place": row["place"],
                "removes": False,
            }
        )
    return changes


def _removed(kind: str, rows: Rows, profile: Profile, current: dict[str, pl.DataFrame]) -> list[dict[str, object]]:
    names = values_of(profile)[kind]
    told = _told(kind, rows.removed.join(current[kind], on=KEY), current)
    return [
        {
            "kind": kind,
            "action": "remove",
            "key": row[KEY],
            "name": row["told"],
            "person": row["person"],
            "course": row["course"],
            "before": to_json({name: row[name] for name in names if row[name] not in ("", 0, None)}),
            "after": to_json({GONE: True}),
            "reason": row["reason"],
            "place": "",
            "removes": True,
        }
        for row in told.iter_rows(named=True)
    ]


def _told(kind: str, rows: pl.DataFrame, current: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Rows of a table with their names (`told`) and those of the `person` and the `course` concerned."""
    nobody = pl.lit(None, pl.String)
    person = pl.concat_str("firstname", pl.lit(" "), "lastname", ignore_nulls=True).str.strip_chars()
    if kind == "user":
        return rows.with_columns(told=person, person=person, course=nobody)
    if kind == "course":
        return rows.with_columns(told="fullname", person=nobody, course="fullname")
    pair = pl.col(KEY).str.splitn("\t", 2).struct
    users = current["user"].select(user=KEY, person=person)
    courses = current["course"].select(place=KEY, course="fullname")
    return (
        rows.with_columns(user=pair.field("field_0"), place=pair.field("field_1"))
        .join(users, on="user", how="left")
        .join(courses, on="place", how="left")
        .with_columns(person=pl.coalesce("person", "username"), course=pl.coalesce("course", "course_shortname"))
        .with_columns(told=pl.concat_str("person", pl.lit(" in "), "course", ignore_nulls=True))
    )


def _holds(
    changes: pl.DataFrame, desired: Desired, profile: Profile, current: dict[str, pl.DataFrame], now: datetime
) -> list[Hold]:
    """Why a publication waits for a person, by the limits of the profile.

    A row that would vanish counts as what Moodle is advised to do for it, the suspension of an account or enrolment.
    """
    heights = {kind: current[kind].height for kind in KINDS}
    reasons = empty_delivery(desired, heights)
    today = now.astimezone(ZoneInfo(profile.timezone)).date()
    taken = dict(taken_away(changes).group_by(pl.concat_str("kind", pl.lit(" "), "act")).len().iter_rows())
    limited = [(kind, "remove", _limited_as(kind, profile)) for kind in KINDS] + [("enrolment", "role", "role")]
    for kind, act, limited_as in limited:
        number, of = taken.get(f"{kind} {act}", 0), heights[kind]
        if why := exceeded(number, of, allowance_on(today, profile.limits, kind, limited_as)):
            told, words = act_in_words(kind, act, number, of)
            message = f"The publication would {told} ({number / max(of, 1):.0%}); {why} waits for a person."
            reasons.append(Hold("too-many-removals", message, words))
    staying = desired.parts["course"].frame["key"]
    return [*reasons, *emptied(changes, staying, _stock(current), profile.limits, today)]


def _stock(current: dict[str, pl.DataFrame]) -> Stock:
    """What the tables hold; they name the category of a course and know nothing above it."""
    courses = current["course"].select(key=KEY, name="fullname", category="category")
    return Stock(
        enrolments=current["enrolment"].select(key=KEY),
        courses=courses,
        categories=courses.select(key="category", name="category", parent=pl.lit("")).unique("key"),
    )


def _limited_as(kind: str, profile: Profile) -> str:
    """The action of the profile's limits by which rows of a kind that vanish are judged."""
    own = {"course": profile.courses.gone, "enrolment": profile.enrolments.gone}.get(kind, "")
    return own if own in REMOVALS[kind] else REMOVALS[kind][0]
