"""Groups, groupings and cohorts: records that hold others, matched where they are there and deleted when empty."""

import json
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import polars as pl

from matricula.planning.change import GONE, REPLACES, Change, changes_frame, to_json
from matricula.planning.difference import place_of
from matricula.planning.entity import Entity, Fields, Removal
from matricula.planning.ground import Ground, to_be_adopted
from matricula.planning.membership import Membership, given_places, key_part, of_readable_courses
from matricula.planning.rules import RULES
from matricula.profiles.desired import Desired
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.profiles.moodle_limits import folded

#: In what is seen of a container: how many have a place in it that Matricula did not give them.
OTHERS = "others"


class Container(Entity):
    """A record that holds others.

    One that was there before is matched and never renamed or deleted. One that Matricula made is deleted when it is
    no longer wanted and nobody is left in it: neither a member whom somebody else put there, nor one whose row could
    not be read.

    Class attributes:
        places: the places in it.
    """

    places: ClassVar[Membership]
    left_alone = frozenset({"matched"})
    absence = "no longer wanted by the rules and the roster"
    identity = ("idnumber", "name")

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Names follow the rule always."""
        del ground, fields
        return True

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """One that nobody is left in is deleted."""
        del ground, key, written
        return Removal("delete", {GONE: True})

    def truly_gone(self, absent: pl.DataFrame, desired: Desired) -> pl.DataFrame:
        """Those of classes that could not be read are not gone."""
        return of_readable_courses(absent, key_part(0, 2), desired)

    def removals(self, ground: Ground, gone: pl.DataFrame, desired: Desired) -> dict[str, Removal]:
        """Those in which somebody is left are left as they are, unless the plan takes away what they stand in."""
        replaced = ground.replaced.get(self.kind, {})
        ordered = super().removals(ground, gone.filter(~pl.col("key").is_in(list(replaced))), desired)
        standing = gone.filter(pl.col("key").is_in([key for key in ordered if not self.vanishes_with(ground, key)]))
        live = ground.ledger(self.places.kind).filter(~pl.col("removed"))
        staying = self.places.staying(ground, live, desired).select(self.places.rests_on()[self.kind].alias("key"))
        kept = standing.join(staying, on="key", how="semi")
        seen = self.observe(ground, standing.join(kept, on="key", how="anti").select("key", "moodle_id").rows())
        left = {*kept["key"], *(key for key, fields in seen.items() if fields[OTHERS])}
        return {key: removal for key, removal in ordered.items() if key not in left}

    def with_others(self, ground: Ground, there: Mapping[str, tuple[int, Fields]]) -> dict[str, Fields]:
        """What is seen of containers, with the number of members whom somebody else put there.

        Args:
            ground: where to look things up.
            there: Moodle id and what is seen of each by key.
        """
        if not there:
            return {}
        held = self.places.read(ground, [number for number, _ in there.values()])
        ours = given_places(ground, self.places, list(there))
        return {
            key: fields | {OTHERS: len(held.get(number, set()) - ours[key])} for key, (number, fields) in there.items()
        }

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match containers by ID number or name with what is there, make the others.

        One that the ledger holds under a key that nobody wants any more goes on under the new one.
        """
        fresh = self.possible(ground, fresh).with_columns(place=place_of(self.table)).sort("key")
        there = self.look(ground, fresh)
        live = ground.ledger(self.kind).filter(~pl.col("removed") & pl.col("moodle_id").is_not_null())
        held = {row["key"]: row for row in live.iter_rows(named=True)}
        owners = {
            row["moodle_id"]: row
            for row in held.values()
            if not ground.looked.is_lost(self.kind, row["key"], row["moodle_id"])
        }
        restored = ground.matched_again("course")
        known = to_be_adopted(ground, live)
        adopted = self._as_wanted(ground, fresh, there) if ground.adopt else set()
        keys = set(wanted["key"])
        rows: list[dict[str, Any]] = []
        for row in fresh.iter_rows(named=True):
            found = there.get(row["key"])
            owner = owners.get(found, row) if found is not None else row
            if found is not None:
                owners[found] = row
            if owner["key"] == row["key"]:
                back = held.get(row["key"]) if course_of(row["key"]) in restored else None
                rows.append(_entered(row, found) | (_came_back(row, back) if found is not None and back else {}))
                if row["key"] in adopted:
                    rows[-1] |= {"origin": "made", "reason": "is there as the rules want it; kept in step from now on"}
                elif row["key"] in known and found is not None:
                    rows.pop()
            elif owner["key"] not in keys:
                ground.replaced.setdefault(self.kind, {})[owner["key"]] = row["key"]
                rows.append(_entered(row, found) | _taken_over(row, owner))
            else:
                told = {"kind": self.kind, "name": row["name"]}
                rule = RULES["name-taken-in-course"]
                ground.findings.append(
                    rule.finding(sourced_id=row["key"], line=row["line"], value=row["label"], told=told)
                )
        return changes_frame(rows, kind=self.kind)

    def needs(self, rows: pl.DataFrame) -> dict[str, Collection[str]]:
        """The courses."""
        return {"course": set(rows.select(key_part(0, 2)).to_series())}

    @abstractmethod
    def standing(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, tuple[int, Fields]]:
        """Ids and fields of those that are on the site, by key."""

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Names, and how many have a place in them that somebody else gave them."""
        return self.with_others(ground, self.standing(ground, records))

    def glimpse(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Names alone: who is in them need not be read."""
        return {key: fields for key, (_, fields) in self.standing(ground, records).items()}

    def _as_wanted(self, ground: Ground, fresh: pl.DataFrame, there: Mapping[str, int]) -> set[str]:
        """Keys of those that are there with the very name and ID number that are wanted."""
        seen = self.glimpse(ground, list(there.items()))
        wanted = dict(fresh.select("key", "fields").iter_rows())
        return {
            key for key, fields in seen.items() if all(json.loads(wanted[key])[name] == fields[name] for name in fields)
        }

    def possible(self, ground: Ground, fresh: pl.DataFrame) -> pl.DataFrame:
        """Of the rows to be entered those that have somewhere to stand; others are reported.

        A group for enrolments that are made by hand only is made with them.
        """
        standing = fresh.filter(pl.col("course").is_in(ground.coming("course").implode()))
        return standing if ground.only else standing.filter(~pl.col("early"))

    @abstractmethod
    def look(self, ground: Ground, fresh: pl.DataFrame) -> dict[str, int]:
        """Moodle ids of containers that are there already, by the key of the row that they are matched with."""

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """Containers went with a course that was removed in Moodle and is made anew."""
        anew = pl.Series(sorted(ground.made_anew("course")), dtype=pl.String)
        return set(known.filter(pl.col("course").is_in(anew.implode()))["key"]) | to_be_adopted(ground, known)

    def references(self, change: Change) -> dict[str, str]:
        """The course."""
        return {"course": course_of(change.key)}

    def vanishes_with(self, ground: Ground, key: str) -> bool:
        """Whether the plan takes the course off the site."""
        return course_of(key) in ground.leaving.get("course", ())

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names of the container and the course as they were last written."""
        course = pl.col("written").str.json_path_match("$.fullname")
        courses = ground.ledger("course").select(courseKey="key", course=course)
        held = ledger.with_columns(
            courseKey=key_part(0, 2),
            own=pl.col("written").str.json_path_match("$.name"),
        ).join(courses, on="courseKey", how="left")
        return held.with_columns(name=pl.concat_str("own", pl.lit(" in "), pl.col("course").fill_null("?")))


def course_of(key: str) -> str:
    """The course's key in that of a group or grouping."""
    return key.split(SEPARATOR, 1)[0]


def _entered(row: dict[str, Any], found: int | None) -> dict[str, Any]:
    same = {**row, "course": row.get("title"), "written": row["fields"]}
    if found is None:
        return same | {"action": "create", "after": row["fields"], "origin": "made", "reason": "new in the roster"}
    return same | {
        "action": "match",
        "moodle_id": found,
        "after": "{}",
        "origin": "matched",
        "reason": "is there already; its name is left as it is",
    }


def _came_back(row: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    """One that came back with its course is what it was."""
    return {
        "after": to_json(_changed(row, held)),
        "origin": held["origin"],
        "reason": "is there again with its course",
    }


def _changed(row: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    """What the roster wants otherwise than it was written, of what Matricula keeps in step."""
    fields, written = json.loads(row["fields"]), json.loads(held["written"])
    return {name: value for name, value in fields.items() if held["origin"] == "made" and value != written.get(name)}


def _taken_over(row: dict[str, Any], owner: dict[str, Any]) -> dict[str, Any]:
    """What Matricula made it goes on to keep in step; what somebody else made it goes on to leave alone."""
    return {
        "after": to_json(_changed(row, owner)),
        "written": to_json(json.loads(row["fields"]) | {REPLACES: owner["key"]}),
        "origin": owner["origin"],
        "reason": "is there already, by another rule of the profile",
    }


def recognised(rows: Sequence[Mapping[str, Any]], there: Collection[tuple[str, int, str, str]]) -> dict[str, int]:
    """Which containers stand for which rows: by ID number first, then by name in the same course.

    Args:
        rows: with `key`, `course`, `label` (the name) and `idnumber`.
        there: course key, id, name and ID number of what is there.

    Returns:
        ids by the rows' keys. Two rows may be like one container.
    """
    texts = {text for *_, name, number in there for text in (name, number)}
    alike = _folded(texts | {row[column] for row in rows for column in ("label", "idnumber")})
    by_number = {(course, alike[number]): found for course, found, _, number in there if number}
    by_name = {(course, alike[name]): found for course, found, name, _ in there}
    found: dict[str, int] = {}
    for row in rows:
        number = by_number.get((row["course"], alike[row["idnumber"]])) if row["idnumber"] else None
        named = by_name.get((row["course"], alike[row["label"]]))
        if (known := named if number is None else number) is not None:
            found[row["key"]] = known
    return found


def _folded(texts: Collection[str]) -> dict[str, str]:
    """Texts in the form in which databases compare them, by the text."""
    frame = pl.DataFrame({"text": list(texts)}, schema={"text": pl.String})
    return dict(frame.select("text", folded=folded(pl.col("text"))).iter_rows())
