"""Users: how people of the roster and accounts of the site are brought together and written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

import polars as pl

from matricula.moodle import Moodle, NewUser, UserUpdate
from matricula.planning.accounts import (
    PREFERENCE_PREFIX,
    Accounts,
    accounts_told,
    as_row,
    fields_told,
    ways_of_writing,
)
from matricula.planning.as_written import compared, in_step_names
from matricula.planning.change import Change, changes_frame
from matricula.planning.difference import place_of
from matricula.planning.entity import AsWritten, Entity, Fields, Known, Removal, Row, alike
from matricula.planning.ground import Ground
from matricula.planning.identities import recognise
from matricula.planning.merged import report_merged
from matricula.planning.step import Result, Step
from matricula.planning.taken import without_taken_values
from matricula.planning.unclear import Decisions
from matricula.planning.usernames import numbered
from matricula.profiles.documents import PERSON_KINDS
from matricula.profiles.moodle_fields import Write
from matricula.profiles.people import MATCH

CREATE = Step("create users", "core_user_create_users", frozenset({"create"}))
UPDATE = Step(
    "update users", "core_user_update_users", frozenset({"match", "update", "suspend", "revive"}), whole=False
)
#: The preference by which Moodle makes people choose a password of their own.
_FORCED = f"{PREFERENCE_PREFIX}auth_forcepasswordchange"

_TOLD = ("username", "firstname", "lastname", "email", "suspended")


class Users(Entity):
    """Accounts. Recognised by the profile's match fields at first, by Moodle's id ever after."""

    kind = "user"
    stamps = ("user",)
    table = "users"
    marks = frozenset({"kind"})
    gone: ClassVar[Fields] = {"suspended": True}
    gone_action = "suspend"
    back_action = "revive"
    steps = (CREATE, UPDATE)
    identity = ("username", "idnumber", "email")

    def may_update(self, ground: Ground, fields: Fields) -> bool:
        """Whether the profile keeps accounts of the person's kind in step."""
        return ground.profile.users.of_kind(fields["kind"]).update

    def removal(self, ground: Ground, key: str, written: Fields) -> Removal | None:
        """Suspension, where the profile deactivates people of the kind that the person was."""
        del key
        rules = ground.profile.users.of_kind(written["kind"])
        return Removal("suspend", {"suspended": True}) if rules.deactivate else None

    def writes(self, ground: Ground) -> Mapping[str, Write]:
        """How fields are written: as they are mapped, preferences with the account alone."""
        return ways_of_writing(ground)

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match new people with accounts, make accounts for the others, and report those who are neither.

        A person whom the school's system has disabled and who has no account gets none.
        """
        accounts = Accounts.look_up(ground, fresh)
        found = recognise(ground, fresh, wanted, accounts)
        entered = changes_frame(found.matched, kind=self.kind, origin="matched")
        settled = pl.Series([row["key"] for row in found.matched] + found.unclear, dtype=pl.String)
        rules = ground.profile.users
        kinds = [kind for kind in PERSON_KINDS if rules.of_kind(kind).create]
        new = fresh.filter(
            ~pl.col("key").is_in(settled.implode()),
            ~pl.col("suspended"),
            pl.col("kind").is_in(kinds),
            (pl.col("enrolled") & (~pl.col("early") | bool(ground.only))) | rules.without_enrolments,
            ~pl.col("placeholder") | (rules.missing_email == "placeholder"),
        )
        if rules.taken_username == "number":
            waiting = fresh.filter(pl.col("key").is_in(pl.Series(found.unclear, dtype=pl.String).implode()))
            new = numbered(ground, new, waiting["username"], accounts)
        return pl.concat([entered, self._made(ground, new)])

    def _made(self, ground: Ground, new: pl.DataFrame) -> pl.DataFrame:
        rules = ground.profile.users
        fixed = {"auth": rules.auth, "password": rules.password} | ({_FORCED: "1"} if rules.force_change else {})
        named = [pl.col(name) for name in rules.mapped() if name not in fixed]
        after = pl.struct(*named, *(pl.lit(value).alias(name) for name, value in fixed.items()))
        reason = pl.lit("new in the roster")
        if "bare" in new.columns:
            told = pl.format("new in the roster; the user name “{}” is taken", "bare")
            reason = pl.when(pl.col("bare") != pl.col("username")).then(told).otherwise(reason)
        made = new.with_columns(
            kind=pl.lit(self.kind),
            after=after.struct.json_encode(),
            written="fields",
            person="name",
            place=place_of(self.table),
            reason=reason,
        )
        return changes_frame(made, action="create")

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Accounts as they are now; deleted ones, which Moodle still finds by id, are left out."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        names = dict.fromkeys((*ground.profile.users.mapped(), "suspended", *self._telling(ground)))
        return {
            keys[user.id]: fields_told(user, names) for user in ground.moodle.users.find("id", keys) if not user.deleted
        }

    def as_written(self, ground: Ground, rows: pl.DataFrame) -> AsWritten:
        """Accounts that hold what was written, by one call of the plugin."""
        telling = self._telling(ground)
        names = in_step_names(rows, self.marks, self.writes(ground))
        seen = accounts_told(ground, (*names, *telling, "suspended"), rows["moodle_id"].drop_nulls().to_list())
        return AsWritten() if seen is None else compared(rows, seen, {*names, "suspended"}, telling)

    def known(self, ground: Ground, row: Mapping[str, Any]) -> Known:
        """What is known of a person of the ledger, with the values that they are matched by."""
        known = super().known(ground, row)
        pairs = enumerate(ground.profile.users.match)
        by = {pair.field: row.get(f"{MATCH}{position}") for position, pair in pairs}
        return replace(known, fields=(*known.fields, by))

    def is_same(self, ground: Ground, known: Known, seen: Fields) -> bool:
        """Whether it is the account that it was.

        One that was matched and is never written to need not have anything of the roster but the person's name.
        """
        if alike(self._telling(ground), known, seen, strict=ground.restore):
            return True
        written = next((each for each in known.fields if "kind" in each), {})
        may_write = ground.profile.users.of_kind(written["kind"]).update if written else True
        named = all(seen.get(name) and seen[name] == written.get(name) for name in ("firstname", "lastname"))
        return known.origin == "matched" and not may_write and named

    def _telling(self, ground: Ground) -> list[str]:
        """Fields that tell accounts from one another."""
        return list(dict.fromkeys((*self.identity, *(pair.field for pair in ground.profile.users.match))))

    def inspect(self, ground: Ground, known: pl.DataFrame, seen: Mapping[str, Fields]) -> set[str]:
        """Report people who seem to have another account by now."""
        return report_merged(ground, known, seen)

    def lost(self, ground: Ground, known: pl.DataFrame) -> set[str]:
        """People of whom somebody said that another account than the ledger's is theirs."""
        asked = known.filter(pl.col("key").is_in(sorted(ground.reaffirmed))).select("key", "moodle_id").iter_rows()
        chosen = Decisions.of(ground).accounts
        return {key for key, number in asked if chosen.get(key, number) != number}

    def acceptable(self, ground: Ground, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without user names and e-mails that another account has: Moodle would refuse them every night anew."""
        return without_taken_values(ground, rows)

    def is_uncertain(self, name: str) -> bool:
        """All but what every account has, and what every token that may write accounts is told."""
        return name not in _TOLD

    def is_protected(self, ground: Ground, moodle_id: int | None, seen: Fields) -> bool:
        """Whether it is the token's own account, or one that the site document has come to name."""
        return moodle_id is not None and ground.protected(moodle_id, seen.get("username", ""))

    def names(self, ground: Ground, ledger: pl.DataFrame) -> pl.DataFrame:
        """Names as they were last written."""
        del ground
        name = pl.concat_str(
            pl.col("written").str.json_path_match("$.firstname"),
            pl.lit(" "),
            pl.col("written").str.json_path_match("$.lastname"),
        )
        return ledger.with_columns(name=name, person=name)

    def row(self, ground: Ground, change: Change, step: Step, ids: Mapping[str, Mapping[str, int]]) -> Row:
        """The row of `core_user_create_users` or `core_user_update_users`."""
        del ids
        if step is CREATE:
            return _new_account(ground, change)
        return {"id": change.moodle_id} | as_row(change.after)

    def send(self, moodle: Moodle, step: Step, rows: Sequence[Row]) -> list[Result]:
        """Create or update accounts."""
        if step is CREATE:
            return [Result(moodle_id=made.id) for made in moodle.users.create(cast("list[NewUser]", rows))]
        refused = {
            told.item_id: f"{told.message} ({told.code})"
            for told in moodle.users.update(cast("list[UserUpdate]", rows))
        }
        return [Result(moodle_id=row["id"], refused=refused.get(row["id"], "")) for row in rows]

    def find_made(self, ground: Ground, changes: Sequence[Change]) -> dict[int, int | None]:
        """Accounts that carry the user name and ID number of a person to be created."""
        found = {
            user.username: user
            for user in ground.moodle.users.find("username", [change.after["username"] for change in changes])
        }
        return {
            change.number: found[change.after["username"]].id
            for change in changes
            if change.after["username"] in found
            and found[change.after["username"]].idnumber == (change.after["idnumber"] or "")
        }

    def references(self, change: Change) -> dict[str, str]:
        """None: accounts stand alone."""
        del change
        return {}


def _new_account(ground: Ground, change: Change) -> Row:
    given = {name: value for name, value in change.after.items() if name != "password" and value not in ("", None)}
    row = as_row(given)
    if change.after["password"] == "generate":  # noqa: S105 - the rule's name
        row["password"] = ground.password_of(change.key, change.after["username"])
    elif change.after["password"] == "mail":  # noqa: S105 - the rule's name
        row["createpassword"] = 1
    return row
