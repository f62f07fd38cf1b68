"""Joins two sources that both have people."""

from dataclasses import replace

import polars as pl

from matricula.roster import Draft, FindingBook
from matricula.roster.draft import USER
from matricula.roster.tables import LINE
from matricula.sources.combined.people import Keys, distinct, keys_of, taken_over, tell
from matricula.sources.combined.settings import CombinedSettings
from matricula.sources.combined.sides import KEY, Side, keyed, people_of


class Both:
    """What joining needs in either case.

    Args:
        settings: how to join.
        people: the source of people.
        courses: the source of courses.
        book: where findings go.
    """

    def __init__(self, settings: CombinedSettings, people: Side, courses: Side, book: FindingBook) -> None:
        self._settings, self._people, self._courses, self._book = settings, people, courses, book
        self._users = people_of(people)
        self._theirs = distinct(self._keyed(self._users.frame, people.key, people))

    def _keyed(self, frame: pl.DataFrame, column: str, side: Side) -> pl.DataFrame:
        return keyed(frame, column, side, ignore_case=self._settings.ignore_case)

    def _tell(self, code: str, frame: pl.DataFrame, draft: Draft, key: str, what: str) -> None:
        tell(self._book, code, frame, draft, key, what)

    def _tell_of_people(self, keys: Keys) -> None:
        people, courses = self._people, self._courses
        for code, which, what in (
            ("combined-key-blank", keys.is_blank, f"has no {people.key} in {people.name}"),
            ("combined-only-people", keys.is_alone, f"is in {people.name} and not in {courses.name}"),
        ):
            self._tell(code, self._theirs.filter(which), self._users, people.key, what)

    def _tell_of_twice(self, frame: pl.DataFrame, draft: Draft, side: Side, twice: pl.Series) -> None:
        """Tell of people of a side whose key somebody else of the same side has, too."""
        shared = frame.filter(pl.col(KEY).is_in(twice.implode()))
        self._tell(
            "combined-key-twice", shared, draft, side.key, f"shares {side.key} with somebody else in {side.name}"
        )

    def _with_orgs(self, drafts: dict[str, Draft]) -> None:
        """Schools of the source of people beside those that the source of courses has."""
        theirs, own = self._people.drafts.get("orgs"), drafts.get("orgs")
        if theirs is None or own is None:
            drafts |= {"orgs": theirs or own} if theirs or own else {}  # type: ignore[dict-item]
            return
        further = theirs.frame.filter(~pl.col("sourcedId").is_in(own.frame["sourcedId"].drop_nulls().implode()))
        drafts["orgs"] = replace(joined(own, further), complete=own.complete and theirs.complete)


class Joining(Both):
    """Joins where both sources have people: those of the source of courses, with fields of the other."""

    def drafts(self) -> tuple[dict[str, Draft], str]:
        """The tables, and what is told of them."""
        drafts = {name: draft.copy() for name, draft in self._courses.drafts.items()}
        users = people_of(replace(self._courses, drafts=drafts))
        users.frame = self._keyed(users.frame, self._courses.key, self._courses)
        keys = keys_of(self._theirs, users.frame, (self._people, self._courses))
        self._tell_of_twice(self._theirs, self._users, self._people, keys.twice_people)
        self._tell_of_people(keys)
        everybody = users.frame
        users.frame = taken_over(users.frame, self._theirs, keys, self._settings.take)
        held = self._held(keys, users)
        gone = keys.is_alone if self._settings.only_courses == "leave-out" else pl.lit(value=False)
        users.leave_out(held)
        users.frame = users.frame.filter(~gone)
        users.complete = users.complete and self._users.complete
        self._without(drafts, users, set(everybody["sourcedId"].drop_nulls()))
        if self._settings.only_people == "keep":
            self._keep_people(drafts, users, keys)
        users.frame = users.frame.drop(KEY)
        alone = self._theirs.filter(keys.is_alone).height
        note = f"People joined by {self._people.key}: {len(keys.both)}; only in {self._people.name}: {alone}; "
        return drafts, f"{note}only in {self._courses.name}: {everybody.filter(keys.is_alone).height}."

    def _held(self, keys: Keys, users: Draft) -> pl.Expr:
        """Who stays as they are, since it cannot be known what the other source says of them; tells of them."""
        people, courses = self._people, self._courses
        leave_out = self._settings.only_courses == "leave-out"
        unsure = not people.certain if leave_out else people.lost_rows
        self._tell_of_twice(users.frame, users, courses, keys.twice_courses)
        self._tell(
            "combined-key-blank",
            users.frame.filter(keys.is_blank),
            users,
            courses.key,
            f"has no {courses.key} in {courses.name}",
        )
        code = "combined-unsure" if unsure else "combined-only-courses"
        what = f"is in {courses.name} and not in {people.name}" + (", of which not all could be read" if unsure else "")
        self._tell(code, users.frame.filter(keys.is_alone), users, courses.key, what)
        held = keys.is_twice | keys.is_blank if leave_out else keys.is_twice
        return held | keys.is_alone if unsure else held

    def _without(self, drafts: dict[str, Draft], users: Draft, before: set[str]) -> None:
        """Take what belongs to people who are not delivered out of the other tables."""
        held = pl.Series(sorted(users.lost), dtype=pl.String)
        out = pl.Series(sorted(before - set(users.frame["sourcedId"].drop_nulls())), dtype=pl.String)
        for draft in (drafts[name] for name in ("roles", "enrollments") if name in drafts):
            if USER in draft.frame.columns:
                draft.leave_out(pl.col(USER).is_in(held.implode()).fill_null(value=False))
                draft.frame = draft.frame.filter(~pl.col(USER).is_in(out.implode()).fill_null(value=False))
        if "agentSourcedIds" in users.frame.columns and not out.is_empty():
            agents = pl.col("agentSourcedIds").str.split(",").list.eval(pl.element().str.strip_chars())
            left = agents.list.eval(pl.element().filter(~pl.element().is_in(out.implode()))).list.join(",")
            users.frame = users.frame.with_columns(pl.when(left != "").then(left).alias("agentSourcedIds"))

    def _keep_people(self, drafts: dict[str, Draft], users: Draft, keys: Keys) -> None:
        """Add those whom the source of people alone has, with their roles and schools."""
        kept = self._theirs.filter(keys.is_alone | keys.is_blank)
        users.lost |= self._users.lost | set(self._theirs.filter(keys.is_twice)["sourcedId"].drop_nulls())
        users.lost_unknown += self._users.lost_unknown
        if self._courses.lost_rows:
            users.lost |= set(kept["sourcedId"].drop_nulls())
            return
        agents = [name for name in kept.columns if name == "agentSourcedIds"]
        users.frame = joined(users, kept.drop(agents)).frame
        theirs = self._people.drafts.get("roles")
        if theirs is not None:
            ids = kept["sourcedId"].drop_nulls().implode()
            further = theirs.frame.filter(pl.col(USER).is_in(ids))
            own = drafts.get("roles")
            complete = theirs.complete and (own is None or own.complete)
            base = own or replace(theirs.copy(), frame=theirs.frame.clear())
            drafts["roles"] = replace(joined(base, further), complete=complete)
        self._with_orgs(drafts)


def joined(own: Draft, further: pl.DataFrame) -> Draft:
    """A table with rows of the other source behind its own; their lines are lines of something else."""
    rows = further.with_columns(pl.lit(None, dtype=pl.Int64).alias(LINE))
    return replace(own, frame=pl.concat([own.frame, rows], how="diagonal"))
