"""Taking a transfer back, as an ordinary plan: what it made is removed, what it changed is as before.

What was changed since the transfer is left and told.
"""

import polars as pl

from matricula.grades.difference import Kept, without_filled
from matricula.grades.drafting import finding, too_many
from matricula.grades.judging import as_json, changes_of, unlike
from matricula.grades.sent import Standing, sent_before
from matricula.planning import Draft, checksum
from matricula.planning.change import SCHEMA
from matricula.planning.plan import numbered
from matricula.profiles.documents.grades import GradeRules
from matricula.roster import Finding
from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook, fields_frame, fields_of, fields_text
from matricula.sinks import Abilities


def draft_undo(
    run: int, done: pl.DataFrame, standing: Gradebook | None, kept: Kept, abilities: Abilities, rules: GradeRules
) -> Draft:
    """Work out what takes a transfer back.

    Args:
        run: the run that wrote it.
        done: the changes that it carried out.
        standing: what stands; None where the sink cannot tell, and what was sent is taken to stand.
        kept: ledger and names.
        abilities: what the sink can take.
        rules: the profile's part on grades.
    """
    told = Standing(standing) if standing is not None else None
    parts, findings, sent = [pl.DataFrame(schema=SCHEMA)], [], 0
    for kind in KINDS:
        rows = _rows(kind, done.filter(pl.col("kind") == kind), told, kept)
        sent += rows.height if kind in ("result", "final-grade") else 0
        rows, of_kind = _judged(kind, rows, run, kept.sink, abilities)
        findings += of_kind
        undone = changes_of(kind, rows, kept.sink)
        parts.append(undone.with_columns(reason=pl.lit(f"undone: run {run} did it")))
    changes = numbered(without_filled(pl.concat(parts), told))
    return Draft(changes, tuple(findings), tuple(too_many(changes, sent, rules.limits)), checksum(changes))


def _rows(kind: str, done: pl.DataFrame, told: Standing | None, kept: Kept) -> pl.DataFrame:
    """Each record as the transfer wrote it (`wrote.…`), as it was before (`was.…`), and as it stands (`now.…`)."""
    last = sent_before(kind, kept.ledger[kind], kept.sink)
    if told is None:
        now = last.select(*KINDS[kind]).with_columns(seen=fields_text(kind, last))
    else:
        now = told.of(kind, last, last.select(*KINDS[kind]).clear())
    written = done.filter(pl.col("action").is_in(["create", "update", "remove"]))
    wrote = fields_frame(kind, written["written"]).rename(lambda name: f"wrote.{name}")
    before = fields_frame(kind, written["before"])
    if told is not None and kind in REFERENCES:
        before = told.in_our_keys(kind, before)
    before = before.rename(lambda name: f"was.{name}")
    plain = written.select("key", "name", "person", "course", did="action").hstack(wrote).hstack(before)
    return (
        plain.join(_prefixed(last, "last"), on="key", how="left")
        .join(_prefixed(now, "now"), on="key", how="left")
        .with_columns(adopted=pl.lit(False))
    )


def _judged(
    kind: str, rows: pl.DataFrame, run: int, sink: str, abilities: Abilities
) -> tuple[pl.DataFrame, list[Finding]]:
    fields = fields_of(kind)
    there, did = pl.col("now.id").is_not_null(), pl.col("did")
    touched = {name: unlike(f"was.{name}", f"wrote.{name}") | (did != "update") for name in fields}
    edited = pl.any_horizontal(
        [
            touched[name] & unlike(f"now.{name}", f"wrote.{name}") & unlike(f"now.{name}", f"was.{name}")
            for name in fields
        ]
    )
    as_before = ~pl.any_horizontal([touched[name] & unlike(f"now.{name}", f"was.{name}") for name in fields])
    rows = rows.with_columns(
        edited=pl.when(did == "remove").then(there).otherwise(there & edited),
        as_before=(did == "update") & as_before,
    )
    rows = rows.with_columns(
        act=pl.when(pl.col("edited") | pl.col("as_before"))
        .then(None)
        .when((did == "create") & there)
        .then(pl.lit("remove"))
        .when((did == "update") & there)
        .then(pl.lit("update"))
        .when(did == "remove")
        .then(pl.lit("create"))
    )
    findings = [
        finding("undo-grade-edited", key, name=name, run=run)
        for key, name in rows.filter("edited").select("key", "name").iter_rows()
    ]
    if not abilities.removes:
        stays = pl.col("act").eq_missing("remove")
        findings += [
            finding("undo-grade-stays", key, name=name, run=run, sink=sink)
            for key, name in rows.filter(stays).select("key", "name").iter_rows()
        ]
        rows = rows.filter(~stays)
    return _as_judged(kind, rows.filter(pl.col("act").is_not_null())), findings


def _as_judged(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as `changes_of` takes them."""
    fields, update = fields_of(kind), pl.col("act") == "update"
    touched = {name: unlike(f"was.{name}", f"wrote.{name}") for name in fields}
    made = ("class", "student", "item", "session")
    rows = rows.with_columns(
        pl.when(update & touched[name])
        .then(f"was.{name}")
        .when(update)
        .then(f"now.{name}")
        .otherwise(f"was.{name}")
        .alias(name)
        for name in fields
    )
    # What the transfer did not set is remembered as it was, whatever stands there.
    rows = rows.with_columns(
        pl.when(update & ~touched[name])
        .then(f"last.{name}")
        .when(update)
        .then(name)
        .otherwise(f"wrote.{name}" if name in made else name)
        .alias(f"said.{name}")
        for name in fields
    )
    return rows.with_columns(
        fields=pl.lit(""),
        ours=as_json(fields, {name: unlike(name, f"now.{name}") for name in fields}, ""),
        ends=pl.col("act") == "remove",
        sent=pl.lit(False),
    )


def _prefixed(frame: pl.DataFrame, word: str) -> pl.DataFrame:
    return frame.rename({name: f"{word}.{name}" for name in frame.columns if name != "key"})
