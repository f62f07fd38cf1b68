"""People and their roles, made of what the files told; and pointers to them."""

from collections.abc import Iterator

import polars as pl

from matricula.roster import Draft
from matricula.roster.extensions import METADATA
from matricula.roster.tables import LINE
from matricula.sources.tables import keys
from matricula.sources.tables.fields import AGENT, ENROLMENT, PERSON, PERSON_POINTERS, TEACHER
from matricula.sources.tables.ground import Ground, first_of
from matricula.sources.tables.merging import FILE, ID, different, merge
from matricula.sources.tables.pointers import Target, resolve
from matricula.sources.tables.told import OF_ROLES, Told

_IDENTITY = ("username", "email", "identifier", "givenName", "familyName")
_NO_FIELDS = ("sourcedId", "name", *OF_ROLES)


def people(ground: Ground) -> dict[str, Draft]:
    """The tables `users` and `roles`; none where nobody tells of people."""
    telling = ground.tellers(PERSON)
    rows = [_rows(ground, told, kind) for told, kind in _told_people(ground)]
    if not rows:
        return {}
    for told in telling:
        if f"{PERSON}.id" in told.frame.columns:
            ground.note_blank(told, PERSON)
    whole = pl.concat([different(each) for each in rows], how="diagonal")
    merged = merge(whole.drop(*OF_ROLES, "school.id", "part", strict=False), "users", ground.book, _IDENTITY)
    roles = _roles(whole.filter(~pl.col(ID).is_in(sorted(merged.lost))))
    users = merged.frame
    first = roles.group_by(ID, maintain_order=True).agg(pl.col("role").first())
    _point(ground, users.join(first, on=ID, how="left", maintain_order="left"))
    users = _with_agents(ground, users)
    # By its number a person can be found again who has neither username nor e-mail.
    nameless = pl.all_horizontal(first_of(users, name).is_null() for name in ("username", "email", "identifier"))
    number = pl.when(nameless).then(pl.col(ID)).otherwise(first_of(users, "identifier"))
    users = users.with_columns(number.alias("identifier"))
    enabled = pl.col("enabledUser").fill_null("true") if "enabledUser" in users.columns else pl.lit("true")
    made = {"users": ground.draft("users", users.with_columns(enabled.alias("enabledUser")), telling, merged.lost)}
    roles = roles.with_columns(keys.joined(ID, "role", "orgSourcedId").alias(ID), pl.col(ID).alias("userSourcedId"))
    if roles["orgSourcedId"].null_count() == roles.height:
        roles = roles.drop("orgSourcedId")
    made["roles"] = ground.draft("roles", roles, telling)
    return made


def _told_people(ground: Ground) -> Iterator[tuple[Told, str]]:
    """The files that tell of people, each with the prefix of these people's fields."""
    for told in ground.tellers(PERSON):
        kinds = (PERSON,) if ground.plan.held(PERSON) else (PERSON, TEACHER)
        for kind in kinds:
            if set(told.fields(kind)) - {"name"}:
                yield told, kind


def _rows(ground: Ground, told: Told, kind: str) -> pl.DataFrame:
    told.frame = told.frame.with_columns(keys.of_person(told.frame, kind).alias(f"{kind}.id"))
    frame = told.frame
    role = first_of(frame, f"{kind}.role")
    if kind == TEACHER:
        role = pl.coalesce(role, pl.lit("teacher"))
    elif told.part.role:
        role = pl.coalesce(role, pl.lit(told.part.role))
    elif not ground.plan.held(PERSON):
        role = pl.coalesce(role, first_of(frame, f"{ENROLMENT}.role"), pl.lit("student"))
    fields = [name for name in told.fields(kind) if name not in _NO_FIELDS or name.startswith(METADATA)]
    return frame.select(
        pl.col(f"{kind}.id").alias(ID),
        *(pl.col(f"{kind}.{name}").alias(name) for name in fields),
        role.alias("role"),
        *(pl.col(f"{kind}.{name}").alias(name) for name in told.fields(kind) if name in OF_ROLES and name != "role"),
        ground.of_school(frame).alias("school.id"),
        pl.lit(list(ground.told).index(told), dtype=pl.Int32).alias("part"),
        LINE,
        pl.lit(told.file).alias(FILE),
    ).filter(pl.col(ID).is_not_null())


def _roles(rows: pl.DataFrame) -> pl.DataFrame:
    """Who is what in which school: one row for each, those of a person's first file first."""
    held = rows.filter(pl.col("role").is_not_null())
    others = [name for name in ("roleType", "beginDate", "endDate") if name in rows.columns]
    roles = held.group_by(ID, "role", "school.id", maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in others), pl.col("part").min(), pl.col(LINE).first()
    )
    stated = pl.col("roleType")
    roles = roles.with_columns(first_of(roles, "roleType").alias("roleType"))
    roles = roles.sort(ID, stated.ne_missing("primary"), "part", "role", "school.id", nulls_last=True)
    # A person has one primary role in each school; where no column says which, it is the first.
    rank = pl.int_range(pl.len()).over(ID, "school.id")
    primary = pl.when(rank == 0).then(pl.lit("primary")).otherwise(pl.lit("secondary"))
    return roles.with_columns(pl.coalesce(stated, primary).alias("roleType")).rename({"school.id": "orgSourcedId"})


def _point(ground: Ground, known: pl.DataFrame) -> None:
    """Give every row that points to people their ids."""
    target = Target(PERSON, known, [each for each in PERSON_POINTERS if each != "sourcedId"])
    for told in ground.told:
        for kind in (PERSON, TEACHER, AGENT):
            if told.fields(kind) and f"{kind}.id" not in told.frame.columns:
                ids = resolve(told, kind, target, ground.book)
                told.frame = told.frame.with_columns(ids.alias(f"{kind}.id"))


def _with_agents(ground: Ground, users: pl.DataFrame) -> pl.DataFrame:
    pairs = [
        told.frame.select(pl.col(f"{PERSON}.id").alias(ID), pl.col(f"{AGENT}.id").alias("agent")).drop_nulls()
        for told in ground.told
        if {f"{PERSON}.id", f"{AGENT}.id"} <= set(told.frame.columns)
    ]
    if not pairs:
        return users
    agents = pl.concat(pairs).group_by(ID).agg(pl.col("agent").unique().sort().str.join(",").alias("agentSourcedIds"))
    return users.join(agents, on=ID, how="left", maintain_order="left")
