"""Groups and groupings in courses, made of the enrolments of a roster."""

import polars as pl

from matricula.profiles.documents import GroupRules, Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.profiles.enrolments import begins_before
from matricula.profiles.fields import name_of, properties
from matricula.profiles.moodle_limits import LENGTHS, folded, shortened_to, tidy, with_short_ids
from matricula.profiles.parts import Part, report
from matricula.profiles.vocabulary import ENROLMENTS
from matricula.roster import Finding

#: The only thing to be known of a place in a group or cohort: that it is there.
PLACE = pl.lit('{"member":true}').alias("fields")
_NUMBERED, _NAMED = "id:", "name:"


def names_in_groups(profile: Profile) -> tuple[str, ...]:
    """The properties that a profile's rules for groups name."""
    rules = profile.groups_in_courses
    return properties(*(text for rule in rules for text in (rule.name, rule.idnumber, rule.grouping)))


def desire_groups(rows: pl.DataFrame, profile: Profile) -> dict[str, Part]:
    """Groups, groupings, and who is in which.

    Args:
        rows: what `enrolment_frame.enrolment_rows` gave, with the properties of `names_in_groups`; those of whom the
            enrolment is desired.
        profile: the profile; its rules for groups and its tables.

    Returns:
        The parts `grouping`, `group`, `grouping-member` and `group-member`. A group is known within its course by
        its ID number, one that has none by its name, both as databases compare them: rules that give one name make
        one group. Groups that differ in their ID numbers alone are told apart by them. Groups and groupings are
        `early` where all who belong to them begin before `enrolments.since`.
    """
    placed = _placed(rows, profile)
    groups, findings = _groups(placed)
    groupings = placed.filter(pl.col("grouping") != "").sort("course", "groupingKey", "grouping")
    groupings = groupings.with_columns(early=pl.col("early").all().over("course", "groupingKey"))
    groupings = groupings.unique(["course", "groupingKey"], keep="first", maintain_order=True)
    line = pl.lit(None, pl.Int64).alias("line")
    return {
        "grouping": Part(
            groupings.select(
                key="groupingKey",
                name=pl.concat_str("grouping", pl.lit(" in "), "title"),
                fields=pl.struct(name="grouping").struct.json_encode(),
                line=line,
                title="title",
                course="course",
                label="grouping",
                idnumber=pl.lit(""),
                early="early",
            )
        ),
        "group": Part(groups, tuple(findings)),
        "grouping-member": Part(_in_groupings(placed, groups).with_columns(line)),
        "group-member": Part(_in_groups(placed, groups)),
    }


def _placed(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """A row for each enrolment and rule that puts the person into a group: `tail` is the group's part of keys."""
    found = [
        _by_rule(rows, rule, profile).with_columns(rule=pl.lit(number))
        for number, rule in enumerate(profile.groups_in_courses)
    ]
    if not found:
        return _by_rule(rows.clear(), GroupRules.model_construct(name="", roles=()), profile).with_columns(
            rule=pl.lit(0), tail=pl.lit(""), groupingKey=pl.lit("")
        )
    placed = with_short_ids(pl.concat(found), "idnumber", "group.idnumber")
    numbered = pl.when(pl.col("idnumber") != "").then(pl.lit(_NUMBERED) + folded(pl.col("idnumber")))
    named = folded(pl.col("group"))
    of_name = numbered.min().over("course", named)
    alone = numbered.n_unique().over("course", named) - numbered.is_null().any().over("course", named)
    joined = pl.when(alone == 1).then(of_name)
    return placed.with_columns(
        tail=pl.coalesce(numbered, joined, pl.lit(_NAMED) + named),
        groupingKey=pl.concat_str("course", pl.lit(SEPARATOR), pl.lit(_NAMED), folded(pl.col("grouping"))),
    ).with_columns(early=pl.col("early").all().over("course", "tail"))


def _by_rule(rows: pl.DataFrame, rule: GroupRules, profile: Profile) -> pl.DataFrame:
    meant = pl.col("role").is_in(rule.roles) | pl.col("rule").is_in(rule.roles) if rule.roles else pl.lit(value=True)
    name, idnumber, grouping = (
        tidy(name_of(text or "", ENROLMENTS, profile)) for text in (rule.name, rule.idnumber, rule.grouping)
    )
    return (
        rows.filter(meant)
        .select(
            "user",
            "course",
            "person",
            "title",
            "line",
            early=begins_before(profile.enrolments.since),
            group=shortened_to(name, LENGTHS["group.name"]),
            idnumber=idnumber,
            grouping=shortened_to(grouping, LENGTHS["group.name"]),
        )
        .filter(pl.col("group") != "")
    )


def _groups(placed: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """A row for each group, in the words of the first rule that makes it, one with an ID number before others."""
    first = placed.sort(pl.col("idnumber") == "", "rule", "group", "idnumber")
    groups = first.unique(["course", "tail"], keep="first", maintain_order=True)
    shared = (pl.len().over("course", folded(pl.col("group"))) > 1) & (pl.col("idnumber") != "")
    room = LENGTHS["group.name"] - LENGTHS["group.idnumber"] - len(" ()")
    told = pl.format("{} ({})", shortened_to(pl.col("group"), room), "idnumber")
    groups = groups.with_columns(shared=shared).with_columns(label=pl.when("shared").then(told).otherwise("group"))
    caught = groups.filter("shared").sort("course", "tail")
    findings = report(
        caught.select(sourcedId="idnumber", line="line", value="group", label="title"), "group-name-shared"
    )
    key = pl.concat_str("course", "tail", separator=SEPARATOR)
    return groups.select(
        key=key,
        name=pl.concat_str("label", pl.lit(" in "), "title"),
        fields=pl.struct(name="label", idnumber="idnumber").struct.json_encode(),
        line=pl.lit(None, pl.Int64),
        title="title",
        course="course",
        label="label",
        idnumber="idnumber",
        early="early",
        tail="tail",
    ), findings


def _in_groups(placed: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    held = placed.sort("line").unique(["user", "course", "tail"], keep="first", maintain_order=True)
    return held.join(groups.select("course", "tail", "label"), on=["course", "tail"]).select(
        pl.concat_str("user", "course", "tail", separator=SEPARATOR).alias("key"),
        pl.concat_str("person", pl.lit(" in "), "label").alias("name"),
        PLACE,
        "line",
        "title",
        "person",
    )


def _in_groupings(placed: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    held = placed.filter(pl.col("grouping") != "").sort("grouping")
    held = held.unique(["course", "tail", "groupingKey"], keep="first", maintain_order=True)
    return held.join(groups.select("course", "tail", "label"), on=["course", "tail"]).select(
        pl.concat_str("tail", "groupingKey", separator=SEPARATOR).alias("key"),
        pl.concat_str("label", pl.lit(" in "), "grouping").alias("name"),
        PLACE,
        "title",
    )
