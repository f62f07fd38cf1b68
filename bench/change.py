"""Takes students out of classes and puts as many into others, one row in a hundred; prints how many rows.

python -m bench.change ROSTER
"""

import sys
from pathlib import Path

import polars as pl

SHARE = 200
"""One row in so many leaves, and as many come."""


def main(roster: str) -> None:
    """Do it."""
    file = Path(roster, "enrollments.csv")
    rows = pl.read_csv(file, infer_schema=False).with_row_index("place")
    students = rows.filter(pl.col("role") == "student")
    leaving = students.filter(pl.col("place") % SHARE == 0)
    # Each goes into the class of a student of another year group, half a list away.
    other = students["classSourcedId"].shift(students.height // 2)
    coming = (
        students.with_columns(classSourcedId=other, sourcedId="new-" + pl.col("sourcedId"))
        .filter(pl.col("place") % SHARE == SHARE // 2)
        .drop_nulls("classSourcedId")
        .join(students.select("userSourcedId", "classSourcedId"), on=["userSourcedId", "classSourcedId"], how="anti")
        .unique(["userSourcedId", "classSourcedId"])
    )
    left = rows.join(leaving.select("place"), on="place", how="anti")
    pl.concat([left, coming.select(left.columns)]).drop("place").write_csv(file)
    print(leaving.height + coming.height)


if __name__ == "__main__":
    main(*sys.argv[1:])
