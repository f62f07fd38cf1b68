"""Joins two sources of which one has people, and the other enrolments alone."""

from dataclasses import replace

import polars as pl

from matricula.errors import SettingError, StopError
from matricula.roster import Draft
from matricula.roster.draft import USER
from matricula.sources.combined.join import Both
from matricula.sources.combined.people import Keys, keys_of
from matricula.sources.combined.sides import KEY


class JoiningPlaces(Both):
    """Joins where the source of courses has enrolments alone, which name people by a key of the source of people."""

    def drafts(self) -> tuple[dict[str, Draft], str]:
        """The tables, and what is told of them."""
        drafts = {name: draft.copy() for name, draft in self._courses.drafts.items()}
        places = self._places(drafts)
        places.frame = self._keyed(places.frame, USER, self._courses)
        named = places.frame.select(KEY, pl.col(KEY).alias("sourcedId"))
        keys = keys_of(self._theirs, named, (self._people, replace(self._courses, key=USER)))
        self._tell_of_places(places, keys)
        users = self._users.copy()
        users.frame = self._theirs
        unsure = not self._settle(places, keys)
        self._tell_of_twice(self._theirs, self._users, self._people, keys.twice_people)
        alone = self._theirs.filter(keys.is_alone | keys.is_blank)
        if self._settings.only_people == "leave-out":
            users.complete = users.complete and places.complete
            self._tell_of_people(keys)
            if unsure or self._courses.lost_rows:
                users.leave_out(keys.is_alone | keys.is_blank)
            users.frame = users.frame.filter(~(keys.is_alone | keys.is_blank))
        users.frame = users.frame.drop(KEY)
        drafts["users"] = users
        roles = self._people.drafts.get("roles")
        if roles is not None:
            known = users.frame["sourcedId"].drop_nulls().implode()
            drafts["roles"] = replace(roles.copy(), frame=roles.frame.filter(pl.col(USER).is_in(known)))
        self._with_orgs(drafts)
        note = f"People joined by {self._people.key}: {len(keys.both)}; without a place in a class: {alone.height}."
        return drafts, note

    def _places(self, drafts: dict[str, Draft]) -> Draft:
        places = drafts.get("enrollments")
        if places is None:
            raise SettingError(
                f"The source {self._courses.name} delivers neither people nor enrolments.",
                where="source, courses",
                remedy="Name a source that does.",
                code="combined-no-courses",
            )
        if places.frame.is_empty() or not places.readable:
            raise StopError(
                f"The source {self._courses.name} delivered no enrolments. An empty answer is taken for a fault.",
                where=places.file,
                remedy=f"See what is wrong with {self._courses.name}.",
                code="combined-empty",
            )
        return places

    def _tell_of_places(self, places: Draft, keys: Keys) -> None:
        people, courses = self._people, self._courses
        code = "combined-only-courses" if people.certain else "combined-unsure"
        what = f"is enrolled in {courses.name} and not in {people.name}"
        self._tell(code, places.frame.filter(keys.is_alone), places, USER, what)
        self._tell("combined-key-blank", places.frame.filter(keys.is_blank), places, USER, "names nobody")

    def _settle(self, places: Draft, keys: Keys) -> bool:
        """Let enrolments point at people, and leave out those of nobody; returns whether all could be settled."""
        ids = dict(self._theirs.filter(keys.is_both).select(KEY, "sourcedId").drop_nulls().iter_rows())
        places.lost_owners = {found for user in places.lost_owners if (found := self._id(user, ids))}
        places.lost_pairs = {(self._id(user, ids), in_class) for user, in_class in places.lost_pairs}
        unclear = keys.is_twice | keys.is_blank
        if not self._people.certain:
            unclear = unclear | keys.is_alone
        target = pl.col(KEY).replace_strict(ids, default=None, return_dtype=pl.String)
        places.frame = places.frame.with_columns(target.alias(USER))
        before = places.frame.height
        places.leave_out(unclear)
        settled = places.frame.height == before
        places.frame = places.frame.filter(pl.col(USER).is_not_null()).drop(KEY)
        return settled

    def _id(self, user: str, ids: dict[str, str]) -> str:
        key = user.strip().lower() if self._settings.ignore_case else user.strip()
        return ids.get(key, "")
