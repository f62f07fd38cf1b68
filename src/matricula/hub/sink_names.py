"""Names for sinks that people read: sinks themselves know sourcedIds alone."""

from collections.abc import Callable, Collection, Iterable, Mapping

import polars as pl

from matricula.roster import Roster

_NONE = pl.DataFrame(schema={"sourcedId": pl.String, "name": pl.String})
_TABLES = {"class": "classes", "student": "users", "session": "academicSessions"}


def names_in(rosters: Callable[[], Iterable[Roster]]) -> Callable[[str, Collection[str]], Mapping[str, str]]:
    """What gives names to `SinkSurroundings`, by the rosters of those who send grades there.

    Args:
        rosters: gives them; asked for at the first name that is wanted, and once.

    Returns:
        a function of the kind (`class`, `student` or `session`) and of sourcedIds, that gives titles, and of students
        family name and given name, so that they can be ordered by them.
    """
    known: dict[str, pl.DataFrame] = {}

    def names(kind: str, sourced_ids: Collection[str]) -> Mapping[str, str]:
        if not known:
            found = [_names(each) for each in rosters()]
            known.update({kind: pl.concat([_NONE, *(each[kind] for each in found)]) for kind in _TABLES})
        wanted = pl.Series(list(sourced_ids), dtype=pl.String).implode()
        return dict(known[kind].filter(pl.col("sourcedId").is_in(wanted)).iter_rows())

    return names


def _names(roster: Roster) -> dict[str, pl.DataFrame]:
    parts = pl.concat_str(pl.col("familyName", "givenName").str.strip_chars(), separator=", ", ignore_nulls=True)
    told = {"class": pl.col("title"), "student": parts, "session": pl.col("title")}
    return {
        kind: roster.table(table).select("sourcedId", told[kind].alias("name")).drop_nulls()
        for kind, table in _TABLES.items()
    }
