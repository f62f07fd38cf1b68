"""Meta-links: long-lived courses that take the enrolments of others."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from matricula.moodle import Moodle
from matricula.planning.change import GONE, Change, changes_frame
from matricula.planning.entity import Entity, Fields, Removal, Row
from matricula.planning.ground import Ground
from matricula.planning.membership import key_part, of_readable_courses
from matricula.planning.step import Result, Step
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR


class MetaLinks(Entity):
    """Meta-links. No web service lists them, so that the ledger's word is all there is.

    A link that is there already is no error to Moodle; so a call that is made once more does no harm.
    """

    kind = "meta-link"
    table = "classes"
    absence = "no longer wanted by the rules and the roster"
    steps = (
        Step("make meta-links", "enrol_meta_add_instances", frozenset({"create"}), most=1, alone=True),
        Step("end meta-links", "enrol_meta_delete_instances", frozenset({"remove"}), most=1, alone=True),
    )

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """There is nothing to update."""
        del ground, fields
        return False

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """A link ends when the rule no longer holds, and with it the enrolments that it gave."""
        del ground, key, written
        return Removal("remove", {GONE: True})

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Not gone are links of classes that could not be read."""
        return of_readable_courses(absent, key_part(1, 2), desired)

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Links went with a course that was removed in Moodle and is made anew."""
        anew = pl.Series(sorted(ground.made_anew("course")), dtype=pl.String)
        either = pl.any_horizontal(key_part(place, 2).is_in(anew.implode()) for place in (0, 1))
        return set(known.filter(either)["key"])

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """Both courses."""
        ends = rows.select(key_part(place, 2).alias(str(place)) for place in (0, 1))
        return {"course": set(ends["0"]) | set(ends["1"].drop_nulls())}

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether the plan takes one of the courses off the site."""
        return not ground.leaving.get("course", frozenset()).isdisjoint(key.split(SEPARATOR))

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Link courses that are there or come."""
        del wanted
        coming = ground.coming("course")
        there = pl.all_horizontal(key_part(place, 2).is_in(coming.implode()) for place in (0, 1))
        new = fresh.filter(there).with_columns(course="title", after="fields", written="fields", place=pl.lit(""))
        return changes_frame(new, kind=self.kind, action="create", reason="the profile's rule holds for the class")

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Links that the ledger holds and whose courses are both there."""
        live = set(ground.ledger(self.kind).filter(~pl.col("removed"))["key"])
        known = {key: key.split(SEPARATOR) for key, _ in records if key in live}
        ids = ground.ids("course", {course for courses in known.values() for course in courses})
        there = {course.id for course in ground.moodle.courses.by_ids(set(ids.values()))}
        return {
            key: {"linked": True}
            for key, courses in known.items()
            if all(ids.get(course) in there for course in courses)
        }

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names of both courses as they were last written."""
        told = ground.ledger("course").select("key", name=pl.col("written").str.json_path_match("$.fullname"))
        parent, child = (told.rename({"key": f"key{place}", "name": f"name{place}"}) for place in (0, 1))
        both = ledger.with_columns(key0=key_part(0, 2), key1=key_part(1, 2))
        both = both.join(parent, on="key0", how="left").join(child, on="key1", how="left")
        shown = pl.coalesce("name0", pl.col("key0").str.strip_prefix("meta:"))
        return both.with_columns(
            name=pl.concat_str(shown, pl.lit(" from "), pl.col("name1").fill_null("?")), course="name1"
        )

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `enrol_meta_add_instances` or `enrol_meta_delete_instances`."""
        del step
        parent, child = change.key.split(SEPARATOR)
        return {"metacourseid": ids["course"][parent], "courseid": ground.ids("course", [child])[child]}

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Make or end links."""
        send = moodle.meta.link if step is self.steps[0] else moodle.meta.unlink
        for row in rows:
            send(row["metacourseid"], row["courseid"])
        return [Result() for _ in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """None can be found; making them again does no harm."""
        del ground, changes
        return {}

    def references(self, change: Change) -> dict[str, str]:
        """The long-lived course; that of the class stands in the key with it."""
        return {"course": change.key.split(SEPARATOR)[0]}
