"""A profile's mappings worked out: for every record the value of each Moodle field, as Moodle takes it."""

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from matricula.profiles.days import day_of, midnight
from matricula.profiles.documents import Mapped, Profile
from matricula.profiles.mapping import Template, Vocabulary, all_or_nothing, compiled, parse
from matricula.profiles.moodle_fields import CUSTOM, PREFERENCE, MoodleField
from matricula.profiles.moodle_limits import shortened_to, tidy
from matricula.profiles.parts import report
from matricula.roster import Finding, Roster

#: Stands before the name of a field in the column of what its mapping gave, before it was made fit for Moodle.
CAME = "="
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def field_of(name: str, known: Mapping[str, MoodleField]) -> MoodleField:
    """What is known of a field by the name a profile's rules give it (`profile:…`, `preference:…`, `custom:…`)."""
    return known.get(name) or (PREFERENCE if name.startswith("preference:") else CUSTOM)


def properties(*templates: str | None) -> tuple[str, ...]:
    """Names of all properties that some templates use, each once."""
    return tuple(dict.fromkeys(name for text in templates if text is not None for name in parse(text).names))


#: Tables of the roster by the first word of properties; their extension columns are properties, too.
_TABLES = {
    "person": "users",
    "group": "classes",
    "subject": "courses",
    "institute": "orgs",
    "enrolment": "enrollments",
}


def not_delivered(roster: Roster, names: Iterable[str]) -> frozenset[str]:
    """Of some properties those that are extension columns which the delivery does not have.

    What is made of them is not known: a vendor who forgets a column one night must not empty fields of a site.
    """
    named = ((name, *name.split(".", 1)) for name in names)
    return frozenset(
        name
        for name, word, column in named
        if column.startswith("metadata.") and column not in roster.extensions(_TABLES[word])
    )


def text_of(template: str, vocabulary: Vocabulary, profile: Profile) -> pl.Expr:
    """A template as an expression: text, empty where it gives nothing."""
    return compiled(parse(template), vocabulary, profile.tables)


def name_of(template: str, vocabulary: Vocabulary, profile: Profile) -> pl.Expr:
    """A template that names a thing as an expression: text, empty where a placeholder of it is empty.

    `Year {person.grade}` names no cohort for people without a grade.
    """
    return compiled(all_or_nothing(parse(template)), vocabulary, profile.tables)


def with_fields(
    frame: pl.DataFrame,
    mapped: Mapping[str, Mapped],
    known: Mapping[str, MoodleField],
    vocabulary: Vocabulary,
    profile: Profile,
    missing: Collection[str] = (),
) -> pl.DataFrame:
    """A frame with two columns more for each field: what its mapping gave (`=NAME`) and what Moodle is to get (`NAME`).

    Args:
        frame: records, with a column for each property that the mappings name.
        mapped: the mappings by field.
        known: the fields of the kind of record.
        vocabulary: the properties that the mappings may name.
        profile: the profile, for its tables and time zone.
        missing: properties of which the delivery tells nothing (`not_delivered`).

    Returns:
        the frame. Values are text, or whole numbers for numbers, switches, choices and days. Text that is empty is
        empty, any other kind of value that is empty or cannot be used is null: it is not known. Null, too, are all
        fields made of what is missing.
    """
    came = {
        f"{CAME}{name}": compiled(_parsed(each), vocabulary, profile.tables, case=each.case)
        for name, each in mapped.items()
    }
    frame = frame.with_columns(**came)
    return frame.with_columns(
        **{
            name: pl.lit(None, pl.String if field.kind in ("text", "prose") else pl.Int64)
            if set(_parsed(each).names).intersection(missing)
            else _fit(pl.col(f"{CAME}{name}"), field, profile.timezone)
            for name, each in mapped.items()
            for field in [field_of(name, known)]
        }
    )


def findings_of(
    frame: pl.DataFrame, mapped: Mapping[str, Mapped], known: Mapping[str, MoodleField], of: str
) -> list[Finding]:
    """What was wrong with values that `with_fields` worked out, by name.

    Args:
        frame: what it returned, with `sourcedId`, `line` and `label` (the record's name).
        mapped: the mappings by field.
        known: the fields of the kind of record.
        of: `user` or `course`.
    """
    findings: list[Finding] = []
    for name in mapped:
        field, came = field_of(name, known), pl.col(f"{CAME}{name}")
        told = frame.select(
            "sourcedId", "line", "label", came=came, value=pl.format("{} “{}”", pl.lit(name), came), fit=name
        )
        if field.kind == "text" and field.length is not None:
            cut = told.filter(tidy(pl.col("came")).str.len_chars() > field.length)
            findings += report(cut, f"{of}-value-cut")
        elif field.kind not in ("text", "prose"):
            unusable = told.filter(pl.col("fit").is_null() & (pl.col("came").str.strip_chars() != ""))
            findings += report(unusable, f"{of}-value-unusable")
    return findings


def _parsed(mapped: Mapped) -> Template:
    return parse(mapped.value)


def _fit(came: pl.Expr, field: MoodleField, zone: str) -> pl.Expr:
    word = came.str.strip_chars().str.to_lowercase()
    if field.kind == "text":
        return shortened_to(tidy(came), field.length) if field.length is not None else tidy(came)
    if field.kind == "prose":
        return came
    if field.kind == "date":
        day = day_of(came)
        return midnight(day.dt.offset_by("1d") if field.closing else day, zone)
    if field.kind == "boolean":
        return pl.when(word.is_in(_TRUE)).then(1).when(word.is_in(_FALSE)).then(0).cast(pl.Int64)
    if field.kind == "choice":
        numbers = {str(number): number for number in field.choices.values()}
        words = dict(field.choices) | numbers
        return word.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.Int64)
    return word.cast(pl.Int64, strict=False)
