"""Cohorts, made of the people of a roster."""

import polars as pl

from matricula.profiles.documents import CohortRules, Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.profiles.fields import name_of, properties
from matricula.profiles.groups import PLACE
from matricula.profiles.moodle_limits import LENGTHS, folded, shortened_to, tidy, with_short_ids
from matricula.profiles.parts import Part
from matricula.profiles.person_frame import people, with_kind
from matricula.profiles.vocabulary import PEOPLE
from matricula.roster import Roster


def names_in_cohorts(profile: Profile) -> tuple[str, ...]:
    """The properties that a profile's rules for cohorts name."""
    return properties(*(text for rule in profile.cohorts for text in (rule.name, rule.idnumber)))


def desire_cohorts(roster: Roster, users: Part, profile: Profile) -> dict[str, Part]:
    """Cohorts, and who is in which.

    Args:
        roster: the roster.
        users: the accounts wanted; suspended ones are in no cohort.
        profile: the profile; its rules for cohorts and its tables.

    Returns:
        The parts `cohort` and `cohort-member`. A cohort is known by its ID number; of several names and categories
        for one ID number the first rule's count.
    """
    active = users.frame.filter(~pl.col("suspended").cast(pl.Boolean)).select(sourcedId="key", person="name")
    found = []
    if profile.cohorts:
        named = with_kind(people(roster, names_in_cohorts(profile)), profile.users).join(active, on="sourcedId")
        found = [_by_rule(named, rule, profile).with_columns(rule=pl.lit(n)) for n, rule in enumerate(profile.cohorts)]
    empty = dict.fromkeys(("user", "person", "label", "idnumber", "category"), pl.String)
    schema = {**empty, "line": pl.Int64, "rule": pl.Int32}
    held = pl.concat(found) if found else pl.DataFrame(schema=schema)
    held = with_short_ids(held, "idnumber", "cohort.idnumber").with_columns(cohort=folded(pl.col("idnumber")))
    cohorts = held.sort("rule", "label", "idnumber").unique("cohort", keep="first", maintain_order=True)
    members = held.unique(["user", "cohort"], keep="first", maintain_order=True)
    told = cohorts.select("cohort", told="label")
    title = pl.lit(None, pl.String).alias("title")
    return {
        "cohort": Part(
            cohorts.select(
                "label",
                "idnumber",
                "category",
                title,
                key="cohort",
                name="label",
                fields=pl.struct(name="label", idnumber="idnumber", category="category").struct.json_encode(),
                line=pl.lit(None, pl.Int64),
            )
        ),
        "cohort-member": Part(
            members.join(told, on="cohort").select(
                "line",
                "person",
                PLACE,
                title,
                key=pl.concat_str("user", "cohort", separator=SEPARATOR),
                name=pl.concat_str("person", pl.lit(" in "), "told"),
            )
        ),
    }


def _by_rule(named: pl.DataFrame, rule: CohortRules, profile: Profile) -> pl.DataFrame:
    name, idnumber = (tidy(name_of(text, PEOPLE, profile)) for text in (rule.name, rule.idnumber))
    return named.select(
        "person",
        "line",
        user="sourcedId",
        label=shortened_to(name, LENGTHS["cohort.name"]),
        idnumber=idnumber,
        category=pl.lit(rule.category or ""),
    ).filter((pl.col("label") != "") & (pl.col("idnumber") != ""))
