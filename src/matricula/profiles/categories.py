"""The categories that courses stand in: where each course belongs, and the tree that all of them need."""

from collections.abc import Sequence

import polars as pl

from matricula.profiles.class_frame import escaped
from matricula.profiles.documents import CategoryRules, Level, Profile
from matricula.profiles.documents.courses import LEVEL_NAMES
from matricula.profiles.fields import properties, text_of
from matricula.profiles.moodle_limits import cut, tidy, with_unique_ids
from matricula.profiles.parts import Part, as_json, report
from matricula.profiles.vocabulary import COURSES
from matricula.roster import Finding

#: Keys of the categories for courses without a place, and for those that are put away.
UNSORTED, ARCHIVE = "unsorted", "archive"
_SCHEMA = {
    "key": pl.String,
    "name": pl.String,
    "idnumber": pl.String,
    "parent": pl.String,
    "depth": pl.Int64,
    "match": pl.String,
    "sourcedId": pl.String,
    "line": pl.Int64,
}


def named_by(rules: CategoryRules) -> tuple[str, ...]:
    """Properties of classes that the levels are made of."""
    templates = [text for level in rules.levels for text in (_name_of(level), level.idnumber)]
    return tuple(dict.fromkeys((*(f"{level.level}.id" for level in rules.levels), *properties(*templates))))


def placed(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Courses with the category they stand in.

    Args:
        frame: one row a course, with the properties of `named_by`.
        profile: the profile, of which the levels count.

    Returns:
        the rows with `category` (key: the path `institute:ID/period:2027`, a stroke in an id escaped) and `placed`:
        whether every level is known. A course of which one is not has the category `unsorted`.
    """
    levels = profile.categories.levels
    known = pl.all_horizontal(pl.lit(value=True), *(_known(level, profile) for level in levels))
    path = _path(levels) if levels else pl.lit(UNSORTED)
    frame = frame.with_columns(placed=known)
    return frame.with_columns(category=pl.when("placed").then(path).otherwise(pl.lit(UNSORTED)))


def desire_categories(frame: pl.DataFrame, profile: Profile) -> Part:
    """The tree that courses need: every level of every path once.

    Args:
        frame: what `placed` gave, with `class` and `line`; the first class of a category names it.
        profile: the profile; its part on categories and whether courses are put into the archive.

    Returns:
        Rows with `key`, `name`, `idnumber`, `parent` (key), `depth`, `match` (as the level has it), `fields`, `line`.
    """
    rules = profile.categories
    rows = frame.filter("placed").sort("class", "course")
    nodes = [_level(rows, rules.levels[: depth + 1], profile) for depth in range(len(rules.levels))]
    if (frame["category"] == UNSORTED).any() or any(link.fullname for link in profile.meta_links):
        nodes.append(_alone(UNSORTED, rules.unsorted))
    if profile.courses.gone == "archive":
        nodes.append(_alone(ARCHIVE, rules.archive))
    tree = pl.concat([pl.DataFrame(schema=_SCHEMA), *nodes])
    tree, findings = _identified(tree)
    packed = tree.with_columns(as_json("name", "idnumber", "parent"), line=pl.lit(None, pl.Int64))
    return Part(packed.drop("sourcedId"), tuple(findings))


def _level(rows: pl.DataFrame, levels: Sequence[Level], profile: Profile) -> pl.DataFrame:
    """The categories of the last of some levels."""
    own = levels[-1]
    wanted = text_of(own.idnumber, COURSES[profile.basis], profile) if own.idnumber is not None else pl.lit("")
    return (
        rows.select(
            key=_path(levels),
            name=_named(own, profile),
            idnumber=wanted.str.strip_chars(),
            parent=_path(levels[:-1]) if levels[1:] else pl.lit(""),
            depth=pl.lit(len(levels) - 1, pl.Int64),
            match=pl.lit(own.match),
            sourcedId="class",
            line="line",
        )
        .unique("key", keep="first", maintain_order=True)
        .cast(pl.Schema(_SCHEMA))
    )


def _alone(key: str, name: str) -> pl.DataFrame:
    """A category of Matricula's own at the top."""
    node = {"key": key, "name": name, "idnumber": f"matricula-{key}", "parent": "", "depth": 0, "match": "idnumber"}
    return pl.DataFrame([node | {"sourcedId": "", "line": None}], schema=_SCHEMA)


def _identified(tree: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Categories with ID numbers that differ: their paths where none is mapped or several would have the same."""
    shared = (pl.col("idnumber") != "") & pl.col("idnumber").is_duplicated()
    caught = tree.filter(shared).select("sourcedId", "line", value="idnumber", label="name")
    own = pl.when((pl.col("idnumber") == "") | shared).then("key").otherwise("idnumber")
    found = report(caught, "category-idnumber-shared")
    return with_unique_ids(tree.with_columns(idnumber=own), "idnumber", "category.idnumber"), found


def _name_of(level: Level) -> str:
    return LEVEL_NAMES[level.level] if level.name is None else level.name


def _named(level: Level, profile: Profile) -> pl.Expr:
    return cut(tidy(text_of(_name_of(level), COURSES[profile.basis], profile)), "category.name")


def _known(level: Level, profile: Profile) -> pl.Expr:
    return pl.col(f"{level.level}.id").is_not_null() & (_named(level, profile) != "")


def _path(levels: Sequence[Level]) -> pl.Expr:
    steps = (pl.concat_str(pl.lit(f"{level.level}:"), escaped(pl.col(f"{level.level}.id"))) for level in levels)
    return pl.concat_str(*steps, separator="/")
