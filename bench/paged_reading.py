"""Reads a OneRoster service and prints how many bytes the users take as a table.

python -m bench.paged_reading ADDRESS
"""

import sys

import polars as pl

from matricula.sources import Surroundings, open_source

VIEW = 16
"""Bytes that Polars takes for each cell of text, beside its letters."""


def main(address: str) -> None:
    """Read it."""
    settings = {"type": "oneroster-rest", "url": address, "version": "1.1", "auth": {"method": "bearer"}}
    source = open_source(settings, Surroundings(secret=lambda _: "a token"))
    users = source.deliver().drafts["users"].frame
    text = sum(users[name].cast(pl.String).str.len_bytes().sum() or 0 for name in users.columns)
    print(users.height * users.width * VIEW + text)


if __name__ == "__main__":
    main(*sys.argv[1:])
