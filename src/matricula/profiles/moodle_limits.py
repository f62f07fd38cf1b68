"""What Moodle accepts in a field, so that a value it would refuse is met before it is sent.

Source: the column lengths of Moodle's tables `user`, `course` and `course_categories`, and the cleaning of
`PARAM_USERNAME` and `PARAM_NOTAGS`. A value that is too long is not refused neatly by Moodle: it is a database
error that refuses the whole batch.
"""

import polars as pl

LENGTHS = {
    "username": 100,
    "firstname": 100,
    "lastname": 100,
    "email": 100,
    "idnumber": 255,
    "fullname": 254,
    "shortname": 255,
    "course.idnumber": 100,
    "category.name": 255,
    "category.idnumber": 100,
}

#: A tag as PHP's strip_tags sees one: "<" followed by anything but white space, up to ">" or the end.
TAG = r"<[^\s>][^>]*>?"
USERNAME = r"^[a-z0-9.@_\-]+$"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EMAIL = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+$"


def tidy(column: pl.Expr) -> pl.Expr:
    """Text without tags, without white space around it and without runs of it; empty for null.

    Moodle refuses names with tags and keeps leading blanks, which sort people to the top of every list.
    """
    return column.fill_null("").str.replace_all(TAG, "").str.replace_all(r"\s+", " ").str.strip_chars()


def cut(column: pl.Expr, field: str) -> pl.Expr:
    """Text shortened to what Moodle's column for the field holds, in characters."""
    return column.str.slice(0, LENGTHS[field])
