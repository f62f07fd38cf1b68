"""Writes a school's export, makes a home with documents, and fills its ledger if asked to.

python -m bench.prepare FOLDER URL PEOPLE CLASSES ENROLMENTS fresh|applied RULES
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from bench.prepared import PROFILE, TOKEN_VARIABLE, Size
from matricula.applying.outcomes import ledger_rows
from matricula.hub import Home, Hub
from matricula.planning import KINDS, make_plan
from matricula.planning.change import read_changes
from matricula.profiles import desire
from matricula.sandbox.school import School
from matricula.store import LedgerRow

DOCUMENTS = """
kind: site
name: bench
url: {url}
token_env: {variable}
---
kind: source
name: bench
path: {roster}
---
kind: profile
name: {profile}
source: bench
site: bench
{rules}
"""
PEOPLE_PER_STAFF = 20
TEACHERS_PER_CLASS = 1.12
FIRST_ID = 1001
"""Ids of records begin here, beyond those that an empty sandbox has."""


def main(folder: str, url: str, people: str, classes: str, enrolments: str, ledger: str, rules: str) -> None:
    """Do it."""
    roster = Path(folder, "roster")
    school(Size(int(people), int(classes), int(enrolments))).write(roster)
    with Home.make(Path(folder, "home")) as home:
        names = {"url": url, "variable": TOKEN_VARIABLE, "roster": roster, "profile": PROFILE}
        documents = DOCUMENTS.format(**names, rules=rules)
        home.load(documents, "bench", Path(folder))
        if ledger == "applied":
            _fill_ledger(home)


def school(size: Size) -> School:
    """A school of about this size, the same each time."""
    staff = max(1, size.people // PEOPLE_PER_STAFF)
    students = size.people - staff
    return School.generate(
        students=students,
        staff=staff,
        classes=size.classes,
        enrolments_per_student=(size.enrolments - TEACHERS_PER_CLASS * size.classes) / students,
    )


def _fill_ledger(home: Home) -> None:
    """Enter a first plan into the ledger as if it had been carried out.

    The plan is worked out as always and turned into ledger rows as a run does it; only the site is left out, and
    the ids it would have given are counted instead.
    """
    profile = home.profile(PROFILE)
    roster = home.source(profile.source).deliver().roster()
    with Hub(home).ground(profile) as ground:
        draft = make_plan(ground, desire(roster, profile), roster.findings)
    home.store.ledger.upsert(None, PROFILE, _carried_out(draft.changes))


def _carried_out(changes: pl.DataFrame) -> Iterator[LedgerRow]:
    ids: Counter[str] = Counter(dict.fromkeys(KINDS, FIRST_ID - 1))
    for change in read_changes(changes):
        ids[change.kind] += 1
        # Moodle gives no id of an enrolment away.
        yield from ledger_rows(change, None if change.kind == "enrolment" else ids[change.kind])


if __name__ == "__main__":
    main(*sys.argv[1:])
