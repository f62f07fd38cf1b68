"""Maps the rows of a school by templates and by hand, in turns, and prints the seconds of each as JSON.

python -m bench.mapping_turns PEOPLE CLASSES ENROLMENTS ROUNDS
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from matricula.profiles.mapping import Property, Vocabulary, compiled, parse
from matricula.profiles.mapping.vocabulary import PropertyKind

TEMPLATES = {
    "username": "{person.givenName|ascii|lower|first(1)}.{person.familyName|slug}",
    "firstname": "{person.preferredName, person.givenName|first}",
    "lastname": "{person.familyName|trim|upper}",
    "email": "{person.email|lower|default('nobody@school.example')}",
    "alternatename": "{person.givenName, person.middleName, person.familyName|join(' ')}",
    "department": "{person.metadata.house|lookup(houses, 'no house')}",
    "fullname": "[{group.title} – ]{subject.title}",
    "shortname": "{subject.id|upper}[-{group.id|replace('/', '-')}][ ({academicSession.title|substring(1, 7)})]",
    "timestart": "{enrolment.beginDate|date('%d.%m.%Y')|default('open')}",
    "cohort": "{person.grades|join('/')}",
}
HOUSES = {"R": "Red house", "B": "Blue house", "G": "Green house"}
GIVEN = ["Zoë", "Anna", "Jürgen", "Søren", "Marie-Claire", "Li", "André", "Åsa", "Mohammed", "Françoise"]
FAMILY = ["Østergård", "O'Neill", "Müller", "van den Berg", "Strauß", "García Pérez", "Smith", "Nováková"]
SPELLED = dict(zip("éëíáåüøçßÅØ", ("e", "e", "i", "a", "a", "u", "o", "c", "ss", "A", "O"), strict=True))


def main(people: str, classes: str, enrolments: str, rounds: str) -> None:
    """Do it; the first turn of each is not counted."""
    rows = _rows(int(people), int(classes), int(enrolments))
    sides: dict[str, Callable[[], pl.DataFrame]] = {
        "templates": lambda: rows.select(**_compiled()),
        "by_hand": lambda: rows.select(**_by_hand()),
    }
    results = {name: fields() for name, fields in sides.items()}
    if not results["templates"].equals(results["by_hand"]):
        raise RuntimeError("the templates and the expressions written by hand do not give the same")
    turns = [{name: _seconds(fields) for name, fields in sides.items()} for _ in range(int(rounds))]
    print(json.dumps({name: [turn[name] for turn in turns] for name in sides}))


def _seconds(fields: Callable[[], pl.DataFrame]) -> float:
    start = time.perf_counter()
    fields()
    return time.perf_counter() - start


def _compiled() -> dict[str, pl.Expr]:
    kinds: dict[str, PropertyKind] = {"person.grades": "list", "enrolment.beginDate": "date"}
    templates = {field: parse(text) for field, text in TEMPLATES.items()}
    names = {name for template in templates.values() for name in template.names}
    vocabulary = Vocabulary({name: Property(name, kinds.get(name, "text"), "") for name in names})
    return {field: compiled(template, vocabulary, {"houses": HOUSES}) for field, template in templates.items()}


def _by_hand() -> dict[str, pl.Expr]:
    """The same fields as one would write them at a desk, knowing that blanks are null and which letters there are."""
    given, family = pl.col("person.givenName"), pl.col("person.familyName")
    code, session = pl.col("group.id"), pl.col("academicSession.title")
    ascii_family = family.str.replace_many(SPELLED).str.to_lowercase()
    return {
        "username": pl.concat_str(
            given.str.replace_many(SPELLED).str.to_lowercase().str.head(1),
            pl.lit("."),
            ascii_family.str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-"),
        ),
        "firstname": pl.coalesce("person.preferredName", given),
        "lastname": family.str.strip_chars().str.to_uppercase(),
        "email": pl.col("person.email").str.to_lowercase().fill_null("nobody@school.example"),
        "alternatename": pl.concat_str(given, "person.middleName", family, separator=" ", ignore_nulls=True),
        "department": pl.when(pl.col("person.metadata.house").is_null())
        .then(pl.lit(""))
        .otherwise(pl.col("person.metadata.house").replace_strict(HOUSES, default="no house")),
        "fullname": pl.concat_str(
            pl.concat_str("group.title", pl.lit(" – ")), pl.col("subject.title"), ignore_nulls=True
        ),
        "shortname": pl.concat_str(
            pl.col("subject.id").str.to_uppercase(),
            pl.concat_str(pl.lit("-"), code.str.replace_all("/", "-", literal=True)),
            pl.concat_str(pl.lit(" ("), session.str.slice(0, 7), pl.lit(")")),
            ignore_nulls=True,
        ),
        "timestart": pl.col("enrolment.beginDate").dt.to_string("%d.%m.%Y").fill_null("open"),
        "cohort": pl.col("person.grades").list.join("/").fill_null(""),
    }


def _rows(people: int, classes: int, enrolments: int) -> pl.DataFrame:
    """One row for each enrolment, with what it tells of its person and its class."""
    number = pl.int_range(pl.len())
    persons = pl.select(pl.repeat(0, people)).select(
        _one_of(GIVEN, number).alias("person.givenName"),
        pl.when(number % 9 == 0).then(_one_of(GIVEN, number // 9)).alias("person.preferredName"),
        pl.when(number % 3 == 0).then(_one_of(GIVEN, number // 3)).alias("person.middleName"),
        pl.format("{} {}", _one_of(FAMILY, number), _one_of(FAMILY, number // 7)).alias("person.familyName"),
        pl.when(number % 20 > 0).then(pl.format("Person.{}@School.example", number)).alias("person.email"),
        pl.when(number % 4 > 0).then(_one_of(["R", "B", "G", "?"], number // 4)).alias("person.metadata.house"),
        pl.when(number % 5 > 0)
        .then(pl.concat_list(_one_of(["07", "08", "09"], number), _one_of(["A", "B"], number // 3)))
        .alias("person.grades"),
    )
    groups = pl.select(pl.repeat(0, classes)).select(
        pl.format("cls/{}/{}", number % 40, number).alias("group.id"),
        pl.when(number % 6 > 0).then(pl.format("{}{}", number % 13, _one_of(["A", "B"], number))).alias("group.title"),
        pl.format("sub{}", number % 60).alias("subject.id"),
        pl.format("Subject {} – theory", number % 60).alias("subject.title"),
        pl.when(number % 8 > 0).then(pl.lit("2026/27 school year")).alias("academicSession.title"),
    )
    rows = pl.select(pl.repeat(0, enrolments)).select(
        person=number * 7 % people,
        group=number * 11 % classes,
        begin=pl.when(number % 10 > 0).then(pl.lit(date(2026, 8, 1)) + (number % 90) * pl.lit(timedelta(days=1))),
    )
    return pl.concat(
        [
            persons[rows["person"]],
            groups[rows["group"]],
            rows.select(pl.col("begin").cast(pl.Date).alias("enrolment.beginDate")),
        ],
        how="horizontal",
    )


def _one_of(values: list[str], number: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(number % len(values))


if __name__ == "__main__":
    main(*sys.argv[1:])
