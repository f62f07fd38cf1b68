"""Users: how people of the roster and accounts of the site are brought together and written."""

import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

import polars as pl

from matricula.moodle import Moodle, NewUser, UserUpdate
from matricula.planning.change import Change, changes_frame
from matricula.planning.difference import place_of
from matricula.planning.entity import Entity, Fields, Result, Row, Step
from matricula.planning.ground import Ground
from matricula.planning.identities import Accounts, recognise

CREATE = Step("create users", "core_user_create_users", frozenset({"create"}))
UPDATE = Step(
    "update users", "core_user_update_users", frozenset({"match", "update", "suspend", "revive"}), whole=False
)


class Users(Entity):
    """Accounts. Recognised by the profile's match field at first, by Moodle's id ever after."""

    kind = "user"
    table = "users"
    gone: ClassVar[Fields] = {"suspended": True}
    gone_action = "suspend"
    back_action = "revive"
    steps = (CREATE, UPDATE)

    def may_update(self, ground: Ground) -> bool:
        """Whether the profile keeps accounts in step."""
        return ground.profile.users.update

    def may_remove(self, ground: Ground) -> bool:
        """Whether accounts of people who left are suspended."""
        return ground.profile.users.gone == "suspend"

    def enter(self, ground: Ground, fresh: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
        """Match new people with accounts, make accounts for the others, and report those who are neither.

        A person whom the school's system has disabled and who has no account gets none.
        """
        accounts = Accounts.look_up(ground, fresh)
        matched, unclear = recognise(ground, fresh, wanted, accounts)
        settled = pl.Series([row["key"] for row in matched] + unclear, dtype=pl.String)
        new = fresh.filter(~pl.col("key").is_in(settled.implode()) & ~pl.col("suspended"))
        entered = changes_frame(matched, kind=self.kind, origin="matched")
        if not ground.profile.users.create:
            return entered
        rules = ground.profile.users
        after = pl.struct(
            "username",
            "firstname",
            "lastname",
            "email",
            "idnumber",
            pl.lit(rules.auth).alias("auth"),
            pl.lit(rules.password).alias("password"),
        )
        made = new.with_columns(
            after=after.struct.json_encode(), written="fields", person="name", place=place_of(self.table)
        )
        return pl.concat([entered, changes_frame(made, kind=self.kind, action="create", reason="new in the roster")])

    def observe(self, ground: Ground, records: Sequence[tuple[str, int | None]]) -> dict[str, Fields]:
        """Accounts as they are now; deleted ones, which Moodle still finds by id, are left out."""
        keys = {moodle_id: key for key, moodle_id in records if moodle_id is not None}
        return {
            keys[user.id]: {
                "username": user.username,
                "firstname": user.firstname,
                "lastname": user.lastname,
                "email": user.email,
                "idnumber": user.idnumber,
                "suspended": user.suspended,
            }
            for user in ground.moodle.users.find("id", keys)
            if not user.deleted
        }

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
        del ground, ids
        if step is CREATE:
            return _with_password(change.after)
        return {"id": change.moodle_id} | {name: _plain(value) for name, value in change.after.items()}

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
            and found[change.after["username"]].idnumber == change.after["idnumber"]
        }

    def references(self, change: Change) -> dict[str, str]:
        """None: accounts stand alone."""
        del change
        return {}


def _with_password(after: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in after.items() if name != "password" and value != ""}
    if after["password"] == "generate":  # noqa: S105 - the rule's name
        row["password"] = strong_password()
    elif after["password"] == "mail":  # noqa: S105 - the rule's name
        row["createpassword"] = 1
    return row


_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "*-_.!?")


def strong_password(length: int = 24) -> str:
    """A password nobody knows, with every class of characters that Moodle's policy can ask for.

    Args:
        length: characters, at least 8.
    """
    letters = bytearray(secrets.token_bytes(length))
    for place, byte in enumerate(letters):
        group = _CLASSES[place % len(_CLASSES)]
        letters[place] = ord(group[byte % len(group)])
    return letters.decode()


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
