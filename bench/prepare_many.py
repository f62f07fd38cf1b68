"""Makes a home with many profiles, each of a site of its own, as it is after everything has been applied.

python -m bench.prepare_many FOLDER URL NUMBER PEOPLE CLASSES ENROLMENTS

The first is truly applied, to the sandbox in `site.db` of the folder; the ledgers of all others are copies of its
ledger, as their sites will be copies of its site. The state is where MATRICULA_DATABASE says.
"""

import sys
from pathlib import Path

from sqlalchemy import insert, literal, select

from bench.prepare import school
from bench.prepared import TOKEN_VARIABLE, Size
from matricula.hub import Home, Hub
from matricula.store import schema

FIRST = """
kind: site
name: first
url: {url}
token_env: {variable}
---
kind: source
name: first
path: {roster}
---
kind: profile
name: first
source: first
site: first
"""
ONE = """
kind: site
name: s{number}
url: {url}/{number}
token_env: {variable}
---
kind: source
name: s{number}
path: {roster}
---
kind: profile
name: s{number}
source: s{number}
site: s{number}
"""


_COPIED = (
    (schema.ledger, "profile"),
    (schema.observed_share, "profile"),
    (schema.kept_delivery, "source"),
    (schema.kept_table, "source"),
)


def main(folder: str, url: str, number: str, *size: str) -> None:
    """Do it; without a number the first one alone is applied, else all others are made of it."""
    roster = Path(folder, "roster")
    with Home.make(Path(folder, "home")) as home:
        if int(number) == 0:
            people, classes, enrolments = map(int, size)
            school(Size(people, classes, enrolments)).write(roster)
            home.load(FIRST.format(url=url, variable=TOKEN_VARIABLE, roster=roster), "bench", Path(folder))
            hub = Hub(home)
            hub.apply(hub.plan("first").number)
            return
        documents = [
            ONE.format(number=each, url=url, variable=TOKEN_VARIABLE, roster=roster) for each in range(int(number))
        ]
        home.load("---".join(documents), "bench", Path(folder))
        _copy_ledgers(home, int(number))


def _copy_ledgers(home: Home, number: int) -> None:
    with home.store.begin() as connection:
        for table, of in _COPIED:
            names = [column.name for column in table.c]
            for each in range(number):
                columns = [literal(f"s{each}") if name == of else table.c[name] for name in names]
                rows = select(*columns).where(table.c[of] == "first")
                connection.execute(insert(table).from_select(names, rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
