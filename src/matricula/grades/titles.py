"""Titles that a school's system can tell apart within a class."""

import polars as pl


def told_apart(
    rows: pl.DataFrame, plain: str, number: pl.Expr, idnumber: str = ""
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with a `title` that no other row of their class has.

    The first by number keeps the plain one, so that a title stays as it was when another of the same name comes. The
    others get their ID number added, else how many there are with it before; where even that is taken, their number.

    Args:
        rows: with `class`, which is null for none, and those that are gone, whose titles are not given anew.
        plain: the column with titles as they came; the case of letters does not tell them apart.
        number: what a row is known by in Moodle.
        idnumber: the column with ID numbers, where there are any.

    Returns:
        the rows with `title`, and those of them whose title had to be changed, with `value`, the title they got.
    """
    rows = rows.with_columns(_number=number).sort("_number", "class")
    same = ["class", pl.col(plain).str.strip_chars().str.to_lowercase()]
    place = pl.int_range(pl.len()).over(same)
    added = pl.format("{} ({})", pl.col(plain), place + 1)
    if idnumber:
        mark = pl.col(idnumber).str.strip_chars()
        added = pl.when(mark != "").then(pl.format("{} ({})", pl.col(plain), mark)).otherwise(added)
    rows = rows.with_columns(title=pl.when(place > 0).then(added).otherwise(pl.col(plain)), _first=place == 0)
    # A title that was made can be one that another row came with: those that came as they are keep theirs.
    taken = pl.struct("class", pl.col("title").str.to_lowercase())
    order = rows.with_columns(_taken=taken).sort(~pl.col("_first"), "_number", "class")
    order = order.with_columns(_again=pl.int_range(pl.len()).over("_taken") > 0)
    last = pl.format("{} (#{})", pl.col(plain), "_number")
    told = order.sort("_number", "class").with_columns(title=pl.when("_again").then(last).otherwise("title"))
    changed = told.filter(~pl.col("_first")).with_columns(value="title")
    return told.drop("_number", "_first", "_taken", "_again"), changed
