"""Comparing ledger, roster and site completely: everything that differs, by name, and what mends it.

A plan that looks at everything says most of it; nothing of it is stored. What no plan is concerned with is looked for
here: records of the ledger that share one record of the site, and doubles on the site.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import polars as pl

from matricula.planning.change import Change, read_changes
from matricula.planning.drift import PUT_BACK
from matricula.planning.ground import Ground
from matricula.planning.plan import ENTITIES, make_plan
from matricula.profiles.desired import Desired

PLAN, PLAN_FULL = "matricula plan", "matricula plan --full"
IDENTITIES = "matricula identities"

#: What can differ, in words, and the command that mends it. Where none can, a person has to do something in Moodle.
DIFFERENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "site-went-back": ("the newest records of the ledger are not on the site", PLAN),
        "missing": ("in the roster and the ledger, not on the site", PLAN_FULL),
        "not-made-yet": ("in the roster, not on the site", PLAN),
        "unknown-to-ledger": ("in the roster and on the site, unknown to the ledger", f"{PLAN} --adopt"),
        "other-id": ("on the site under another id than the ledger has", PLAN_FULL),
        "somebody-else": ("the ledger's id is another record's on the site", PLAN_FULL),
        "unclear": ("in the roster, and unclear which account it is", IDENTITIES),
        "not-written-yet": ("the roster says something new", PLAN),
        "still-active": ("left the roster, and is in use on the site", PLAN),
        "ledger-behind": ("the site is as it should be, and the ledger does not know", PLAN_FULL),
        "edited": ("the site holds something else than was last written", "matricula drift"),
        "shared-id": ("several records of the ledger have one id on the site", "matricula why"),
        "double": ("on the site more than once", ""),
    }
)
#: Fields that one account alone should have.
_UNIQUE: Mapping[Literal["idnumber", "email"], str] = {"idnumber": "ID number", "email": "e-mail address"}
#: The number that Moodle puts behind the short name of a course whose name is taken when it is restored.
_RESTORED = re.compile(r"(.+)_\d+")


@dataclass(frozen=True)
class Difference:
    """One thing in which ledger, roster and site differ.

    Args:
        code: of `DIFFERENCES`.
        kind: kind of record; empty where the whole site is meant.
        key: the record's key.
        name: its name.
        moodle_id: its id on the site, where one is known.
        told: what differs.
    """

    code: str
    kind: str
    key: str
    name: str
    moodle_id: int | None
    told: str

    @property
    def remedy(self) -> str:
        """The command that mends it, or what to do in Moodle."""
        return DIFFERENCES[self.code][1]


def differences(ground: Ground, desired: Desired) -> list[Difference]:
    """Everything in which ledger, roster and site differ.

    Args:
        ground: profile, ledger and site; nothing is written to any of them.
        desired: what the site should hold.
    """
    ground.full = True
    changes = read_changes(make_plan(ground, desired, ()).changes)
    went = ground.looked.went_back
    found = [Difference("site-went-back", "", "", "the site", None, went.message)] if went else []
    found += _others(ground)
    puzzles = {(each.kind, each.key) for each in found}
    found += _unclear(ground, puzzles)
    found += _edited(ground)
    live = {kind: set(ground.ledger(kind).filter(~pl.col("removed"))["key"].to_list()) for kind in ENTITIES}
    found += [each for change in changes if (each := _of_change(change, live[change.kind])) is not None]
    found += _shared_ids(ground)
    ground.say("looking for doubles")
    found += _double_accounts(ground, desired.parts["user"].frame)
    found += _double_courses(ground, desired.parts["course"].frame)
    codes, kinds = list(DIFFERENCES), ["", *ENTITIES]
    return sorted(found, key=lambda each: (codes.index(each.code), kinds.index(each.kind), each.name, each.key))


def _others(ground: Ground) -> Iterator[Difference]:
    for kind, others in ground.looked.others.items():
        named = _names(ground, kind, {key for key, _ in others})
        for (key, number), seen in others.items():
            shown = next((str(seen[name]) for name in ("username", "fullname", "name") if seen.get(name)), "?")
            yield Difference("somebody-else", kind, key, named.get(key, key), number, f"id {number} is “{shown}” now")


def _unclear(ground: Ground, puzzles: set[tuple[str, str]]) -> Iterator[Difference]:
    for each in ground.unclear:
        if ("user", each.key) not in puzzles:
            yield Difference("unclear", "user", each.key, each.name, None, each.message)


def _edited(ground: Ground) -> Iterator[Difference]:
    for edit in ground.watch.edits:
        if edit.state != "accepted":
            told = f"{edit.field} was written as “{edit.written}” and is “{edit.seen}”"
            number = ground.ids(edit.kind, [edit.key]).get(edit.key) if ENTITIES[edit.kind].identity else None
            yield Difference("edited", edit.kind, edit.key, edit.name, number, told)


def _of_change(change: Change, live: set[str]) -> Difference | None:
    known = change.key in live
    if change.action == "create":
        code = "missing" if known else "not-made-yet"
    elif change.action == "match":
        code = "other-id" if known else "unknown-to-ledger"
    elif change.action == "note":
        code = "ledger-behind"
    elif change.removes:
        code = "still-active"
    else:
        code = "not-written-yet"
    if code == "not-written-yet" and change.reason.startswith(PUT_BACK):
        return None
    return Difference(code, change.kind, change.key, change.name, change.moodle_id, change.reason)


def _shared_ids(ground: Ground) -> Iterator[Difference]:
    for kind, entity in ENTITIES.items():
        if not entity.identity:
            continue
        live = ground.ledger(kind).filter(~pl.col("removed") & pl.col("moodle_id").is_not_null())
        shared = live.filter(pl.col("moodle_id").is_duplicated()).sort("moodle_id", "key")
        named = _names(ground, kind, set(shared["key"]))
        for key, number in shared.select("key", "moodle_id").iter_rows():
            others = ", ".join(shared.filter((pl.col("moodle_id") == number) & (pl.col("key") != key))["key"])
            yield Difference("shared-id", kind, key, named.get(key, key), number, f"so has {others}")


def _double_accounts(ground: Ground, wanted: pl.DataFrame) -> Iterator[Difference]:
    """Active accounts that carry a person's ID number or e-mail address beside the person's own, and are nobody's."""
    expected = ground.expected.get("user", {}).values()
    ours = pl.Series([*ground.ledger("user")["moodle_id"], *expected], dtype=pl.Int64).drop_nulls()
    known = ground.ids("user", wanted["key"])
    people = wanted.filter(pl.col("key").is_in(list(known)))
    whole = _active_accounts(ground)
    for name, word in _UNIQUE.items():
        values = people.select("key", "name", value=pl.col("fields").str.json_path_match(f"$.{name}"))
        values = values.filter(pl.col("value") != "")
        strange: dict[str, list[str]] = defaultdict(list)
        seen = _having(ground, name, values["value"].to_list()) if whole is None else whole
        nobodys = seen.filter(~pl.col("id").is_in(ours.implode())).select("id", "username", pl.col(name).fill_null(""))
        for number, username, found in nobodys.iter_rows():
            if not ground.protected(number, username):
                strange[found.casefold()].append(f"{username} (id {number})")
        for key, who, value in values.iter_rows() if strange else ():
            if others := strange.get(value.casefold()):
                told = f"the {word} “{value}” is also that of {', '.join(sorted(others))}: merge or delete in Moodle"
                yield Difference("double", "user", key, who, known[key], told)


def _active_accounts(ground: Ground) -> pl.DataFrame | None:
    """All accounts in use, which the plugin tells in the time that it takes to send the values; None without it."""
    if not ground.moodle.plugin.there:
        return None
    return ground.moodle.plugin.snapshot("user", ("id", "username", "suspended", *_UNIQUE)).filter(suspended=0)


def _having(ground: Ground, field: Literal["idnumber", "email"], values: list[str]) -> pl.DataFrame:
    """Accounts in use that have one of the values."""
    found = [user for user in ground.moodle.users.find(field, values) if not user.suspended]
    rows = [(user.id, user.username, getattr(user, field)) for user in found]
    return pl.DataFrame(rows, {"id": pl.Int64(), "username": pl.String(), field: pl.String()}, orient="row")


def _double_courses(ground: Ground, wanted: pl.DataFrame) -> Iterator[Difference]:
    """Courses that were restored beside one of ours, whose short name they have with a number."""
    ours = set(ground.ledger("course")["moodle_id"]) | set(ground.expected.get("course", {}).values())
    names = {
        shortname.casefold(): (key, name)
        for key, name, shortname in wanted.select("key", "name", "shortname").iter_rows()
    }
    for number, shortname in _courses(ground):
        found = _RESTORED.fullmatch(shortname)
        if number in ours or found is None or shortname.casefold() in names:
            continue
        if (double := names.get(found[1].casefold())) is not None:
            key, name = double
            told = f"“{shortname}” (id {number}) seems to be a restored copy: keep what is needed, delete it"
            yield Difference("double", "course", key, name, number, told)


def _courses(ground: Ground) -> list[tuple[int, str]]:
    """Ids and short names of all courses."""
    if ground.moodle.plugin.there:
        return list(ground.moodle.plugin.snapshot("course", ("id", "shortname")).iter_rows())
    return [(course.id, course.shortname) for course in ground.moodle.courses.all()]


def _names(ground: Ground, kind: str, keys: Iterable[str]) -> dict[str, str]:
    rows = ground.ledger(kind).filter(pl.col("key").is_in(sorted(keys)))
    return dict(ENTITIES[kind].names(ground, rows).select("key", "name").iter_rows()) if rows.height else {}
