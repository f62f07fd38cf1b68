"""Where rows stand, by the names of what their tables were read from: a file, a sheet, a query, an address."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from matricula.roster import Finding


def findings_placed(findings: Iterable[Finding], files: Mapping[str, str]) -> tuple[Finding, ...]:
    """Findings of rules, which know tables alone, with the names of what these were read from.

    Args:
        findings: the findings.
        files: what each of the roster's tables was read from.
    """
    return tuple(
        replace(found, file=files[found.table])
        if found.file == f"{found.table}.csv" and found.table in files
        else found
        for found in findings
    )


def changes_placed(changes: pl.DataFrame, files: Mapping[str, str]) -> pl.DataFrame:
    """Changes with the same in their `place`; parameters as in `findings_placed`."""
    place = pl.col("place")
    for table, file in files.items():
        if file != f"{table}.csv":
            place = place.str.replace(rf"^{table}(?:\.csv)?( line \d+)?$", file.replace("$", "$$") + "$1")
    return changes.with_columns(place)
