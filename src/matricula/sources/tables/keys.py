"""What a record is known by where the school's files have no sourcedId for it.

A made sourcedId is put together of the values that stay when titles are mended: codes before names. It has only
characters that OneRoster's binding allows in a GUID (letters, digits, `. - _ / @`), and two different keys never make
the same one: every other character, and the two that have a meaning here, stands as `_` and its bytes in hexadecimal.
"""

import hashlib
import unicodedata
from collections.abc import Sequence

import polars as pl

from matricula.roster.tables import LINE

LONGEST = 90
"""A longer sourcedId is cut and ends in a digest of the whole; Moodle's idnumber takes 100 characters."""

_LEGAL = r"^[0-9A-Za-z.@-]+$"
_BLANK = "_"
"""Stands for a part that is blank; no value is ever written so."""


def escaped(value: str) -> str:
    """A value as part of a sourcedId."""
    plain = unicodedata.normalize("NFC", value)
    letters = (
        letter if letter.isascii() and (letter.isalnum() or letter in ".-@") else _hex(letter) for letter in plain
    )
    return "".join(letters)


def _hex(letter: str) -> str:
    return "".join(f"_{byte:02x}" for byte in letter.encode())


def made(frame: pl.DataFrame, parts: Sequence[str], naming: int = -1) -> pl.Series:
    """The sourcedIds that rows make.

    Args:
        frame: the rows.
        parts: names of the text columns that make it, in order.
        naming: which of these must be filled; without it there is none.

    Returns:
        the sourcedIds, null where the naming part is blank.
    """
    columns = [_escaped_column(frame[name]).fill_null(_BLANK) for name in parts]
    whole = pl.select(pl.concat_str([pl.lit(column) for column in columns], separator="/")).to_series()
    long = whole.filter(whole.str.len_bytes() > LONGEST).unique()
    if long.len():
        whole = whole.replace(long, pl.Series([_shortened(each) for each in long], dtype=pl.String))
    return pl.select(pl.when(pl.lit(frame[parts[naming]]).is_not_null()).then(pl.lit(whole))).to_series()


def joined(*ids: str) -> pl.Expr:
    """The sourcedId of what is known by the records it joins: their ids as they are, but for the marks used here.

    Args:
        ids: names of the columns that hold them; blank ones count as `_`.
    """
    parts = [
        pl.col(name).str.replace_all("_", "_5f", literal=True).str.replace_all("/", "_2f", literal=True) for name in ids
    ]
    return pl.concat_str([part.fill_null(_BLANK) for part in parts], separator="/")


def _escaped_column(column: pl.Series) -> pl.Series:
    odd = column.drop_nulls().unique()
    odd = odd.filter(~odd.str.contains(_LEGAL))
    return column.replace(odd, pl.Series([escaped(each) for each in odd], dtype=pl.String)) if odd.len() else column


def _shortened(key: str) -> str:
    digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    return f"{key[: LONGEST - len(digest) - 1]}-{digest}"


def of_person(frame: pl.DataFrame, kind: str) -> pl.Series:
    """By what people are known: their sourcedId as it is, else their identifier, username or e-mail.

    The first of these that the file has a column for decides, for every row: a person who is given a username later
    must not become someone else.

    Args:
        frame: the rows, with columns such as `person.email`.
        kind: `person` or `teacher`.
    """
    if f"{kind}.sourcedId" in frame.columns:
        return frame[f"{kind}.sourcedId"]
    for field in ("identifier", "username", "email"):
        name = f"{kind}.{field}"
        if name in frame.columns:
            column = frame[name] if field == "identifier" else frame[name].str.to_lowercase()
            return made(column.alias(name).to_frame(), [name])
    return pl.Series([None] * frame.height, dtype=pl.String)


def of_record(
    frame: pl.DataFrame, kind: str, names: Sequence[str], before: Sequence[str] = (), after: Sequence[str] = ()
) -> pl.Series:
    """By what schools, sessions, courses or classes are known: the sourcedId as it is, else made.

    Args:
        frame: the rows.
        kind: the kind of record.
        names: fields by which it may be named, codes before titles; the first that is filled is taken.
        before: columns that belong to the key, such as the school's, that stand before the name.
        after: such that stand after it.
    """
    there = [f"{kind}.{name}" for name in names if f"{kind}.{name}" in frame.columns]
    name = pl.coalesce(there) if there else pl.lit(None, dtype=pl.String)
    parts = frame.select(*before, *after, pl.lit(None, dtype=pl.Int64).alias(LINE), name.alias("name"))
    keys = made(parts, [*before, "name", *after], len(before))
    given = f"{kind}.sourcedId"
    return frame.select(pl.coalesce(given, pl.lit(keys))).to_series() if given in frame.columns else keys
