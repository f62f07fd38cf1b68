"""What Moodle accepts in a field, so that a value it would refuse is met before it is sent.

Source: the column lengths of Moodle's tables `user`, `course`, `course_categories`, `groups` and `cohort`, and the
cleaning of `PARAM_USERNAME`, `PARAM_NOTAGS` and `PARAM_EMAIL`. A value that is too long is not refused neatly by
Moodle: it is a database error that refuses the whole batch.
"""

from hashlib import sha256

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
    "group.name": 254,
    "group.idnumber": 100,
    "cohort.name": 254,
    "cohort.idnumber": 100,
}

#: A tag as PHP's strip_tags sees one: "<" followed by anything but white space, up to ">" or the end.
TAG = r"<(?:>|[^\s>][^>]*>?)"
#: A "<" at the very end, which strip_tags takes for the beginning of a tag.
_OPEN_END = r"(?:\s*<)+\s*$"
_BLANKS = r"[\s\x00-\x1f\x7f]+"
USERNAME = r"^[a-z0-9.@_\-]+$"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LAST_LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: As PHP's FILTER_VALIDATE_EMAIL, by which Moodle judges, without quoted and numeric forms.
EMAIL = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LAST_LABEL}$"
_SHORT_LOCAL_PART = "^[^@]{1,64}@"


def tidy(column: pl.Expr) -> pl.Expr:
    """Text without tags, without white space around it and without runs of it; empty for null.

    Moodle refuses names with tags and keeps leading blanks, which sort people to the top of every list.
    """
    plain = column.fill_null("").str.replace_all(_BLANKS, " ").str.replace_all(TAG, "").str.replace_all(" {2,}", " ")
    return plain.str.replace(_OPEN_END, "").str.strip_chars()


def cut(column: pl.Expr, field: str) -> pl.Expr:
    """Text shortened to what Moodle's column for the field holds, in characters; a clean text stays clean."""
    return shortened_to(column, LENGTHS[field])


def shortened_to(column: pl.Expr, length: int) -> pl.Expr:
    """Clean text shortened to a number of characters; it stays clean."""
    return column.str.slice(0, length).str.replace(_OPEN_END, "").str.strip_chars_end()


def usable_email(column: pl.Expr) -> pl.Expr:
    """Whether Moodle takes a text for an e-mail address."""
    return (
        column.str.contains(EMAIL)
        & column.str.contains(_SHORT_LOCAL_PART)
        & (column.str.len_chars() <= LENGTHS["email"])
    )


def short_id(identifier: str, field: str) -> str:
    """An ID number that fits Moodle's column for the field and stays one of a kind: long ones end in a digest."""
    if len(identifier) <= LENGTHS[field]:
        return identifier
    return f"{identifier[:60]}~{digest(identifier)}"


def with_short_ids(frame: pl.DataFrame, column: str, field: str) -> pl.DataFrame:
    """A frame whose column holds `short_id` of what it held; null stays null."""
    long = frame.filter(pl.col(column).str.len_chars() > LENGTHS[field])[column].unique()
    short = pl.Series([short_id(identifier, field) for identifier in long], dtype=pl.String)
    return frame if long.is_empty() else frame.with_columns(pl.col(column).replace(long, short))


def with_unique_ids(frame: pl.DataFrame, column: str, field: str) -> pl.DataFrame:
    """A frame whose column, of identifiers that differ, holds ID numbers that differ for a database, too.

    Those that differ in nothing but case and accents all end in a digest.
    """
    alike = frame.filter(folded(pl.col(column)).is_duplicated())[column]
    marked = pl.Series([f"{identifier[:60]}~{digest(identifier)}" for identifier in alike], dtype=pl.String)
    if not alike.is_empty():
        frame = frame.with_columns(pl.col(column).replace(alike, marked))
    return with_short_ids(frame, column, field)


def folded(column: pl.Expr) -> pl.Expr:
    """The form in which many databases compare texts (`utf8mb4_unicode_ci`): without case and accents."""
    plain = column.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return plain.str.replace_all("ß", "ss", literal=True).str.strip_chars_end()


def digest(text: str) -> str:
    """Sixteen letters and digits that stand for a text."""
    return sha256(text.encode()).hexdigest()[:16]
