"""A person is taken out of every table, as a row of their own or as a word in a sentence; namesakes and others stay."""

from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import LargeBinary, insert, select
from store_making import changes_frame, plan_record

from matricula.roster import TABLES, Delivery, Draft, Finding, FindingBook
from matricula.store import FindingRecord, Identity, LedgerRow, Outcome, Person, schema
from matricula.store.terms import Terms

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ANN = Person(
    "school",
    frozenset({"u-77x"}),
    frozenset({"sis"}),
    frozenset({"u-77x", "ann.odd", "ann@odd.example", "Ann Oddity"}),
    frozenset({"ann.odd"}),
    frozenset({"e-901"}),
    "moodle",
    frozenset({90177}),
)
TEXTS = ("u-77x", "90177", "ann.odd", "odd.example", "oddity", "e-901")
FIELDS = '{"username":"ann.odd","email":"ann@odd.example","lastname":"Oddity"}'


def draft(name, rows, **more):
    columns = {column for row in rows for column in row}
    frame = pl.DataFrame([{column: row.get(column) for column in columns} for row in rows], infer_schema_length=None)
    return Draft(TABLES[name], frame.with_columns(line=pl.lit(1, pl.Int64)), f"{name}.csv", complete=True, **more)


def delivery():
    users = [
        {"sourcedId": "u-77x", "username": "ann.odd", "familyName": "Oddity", "agentSourcedIds": None},
        {"sourcedId": "p-5", "username": "Ann.Odd", "familyName": "Oddity", "agentSourcedIds": None},
        {"sourcedId": "u-8", "username": "bob", "familyName": "Low", "agentSourcedIds": "u-9,u-77x"},
        {"sourcedId": "u-77", "username": "cem", "familyName": "Odd", "agentSourcedIds": None},
    ]
    enrolments = [
        {"sourcedId": "e-901", "userSourcedId": "u-77x", "classSourcedId": "c1"},
        {"sourcedId": "e-902", "userSourcedId": "u-8", "classSourcedId": "c1"},
    ]
    drafts = {
        "users": draft("users", users, lost={"u-3", "u-77x"}),
        "enrollments": draft(
            "enrollments", enrolments, lost_owners={"u-77x", "u-8"}, lost_pairs={("u-77x", "c2"), ("u-8", "c2")}
        ),
    }
    found = [
        Finding("x", "error", "Oddity is no name.", table="users", sourced_id="u-77x"),
        Finding("y", "error", "The user name ann.odd is there twice.", table="users", sourced_id="u-8"),
    ]
    return Delivery(drafts, "1.1", "sis", FindingBook(found), marker={"since": "1"})


@pytest.fixture
def filled(store):
    """A state in which each table knows Ann, and Bob beside her."""
    changes = changes_frame(4).with_columns(
        key=pl.Series(["u-77x", "u-77x\tc1", "u-77", "u-8\tc1"]),
        kind=pl.Series(["user", "enrolment", "user", "enrolment"]),
        name=pl.Series(["Ann Oddity", "Ann Oddity in Maths", "Cem Odd", "Bob Low in Maths"]),
        person=pl.Series(["Ann Oddity", "Ann Oddity", "Cem Odd", "Bob Low"]),
        after=pl.Series([FIELDS, "{}", "{}", "{}"]),
    )
    findings = [
        FindingRecord("a", "error", "No name.", subject="u-77x", value="Oddity"),
        FindingRecord("b", "error", "Not usable.", subject="e-901"),
        FindingRecord("c", "error", "ANN@ODD.EXAMPLE is Bob's, too; annuity is not.", subject="u-8"),
    ]
    plan = store.plans.add(plan_record(), changes, findings)
    run = store.runs.start(plan, "school", "moodle", "tester")
    batch = store.journal.prepare(run, "create users", "core_user_create_users", 0, [1])
    store.journal.refused(batch, "ann.odd is taken")
    refused = Outcome(3, "refused", None, "It belongs to “ann.odd” (Ann Oddity, id 9).")
    store.journal.record(run, [Outcome(1, "refused", 9, "Oddity?"), refused, Outcome(4, "done", 1)])
    store.runs.finish(run, "done", {})
    for key in ("u-77x", "u-77", "u-8"):
        store.ledger.upsert(None, "school", [LedgerRow("user", key, 9, "made", FIELDS if key == "u-77x" else "{}")])
        store.ledger.upsert(None, "school", [LedgerRow("enrolment", f"{key}\tc1", None, "made", "{}")])
        store.ledger.upsert(None, "school", [LedgerRow("cohort-member", f"{key}\tk1", None, "made", "{}")])
        store.problems.open("school", "user", key, "Ann Oddity" if key == "u-77x" else key, "like Ann Oddity", run)
    account = {"id": 9, "username": "ann.odd", "name": "Ann Oddity", "email": "ann@odd.example", "idnumber": "u-77x"}
    queue = [Identity("school", "user", key, key, "x", "Is it Ann Oddity?", [account]) for key in ("u-77x", "u-8")]
    store.identities.keep("school", "user", queue)
    with store.begin() as connection:
        for key, name in (("u-77x", "Ann Oddity"), ("u-8", "Bob Low")):
            values = {"profile": "school", "kind": "user", "key": key, "field": "lastname", "name": name}
            values |= {"written": '"Oddity"' if key == "u-77x" else '"Low"', "seen": '""', "state": "open"}
            connection.execute(insert(schema.drift).values(**values, since=NOW, at=NOW))
            grade = {"plan": plan, "profile": "school", "person_key": key, "course_key": "c1", "person": name}
            grade |= {"course": "Maths", "user_id": 9, "course_id": 1, "grades": "{}", "at": NOW}
            connection.execute(insert(schema.kept_grade).values(**grade))
    learn(store)
    store.plans.set_state(plan, "applied", "tester", "Ann Oddity said so")
    store.kept.keep("sis", delivery(), "s", NOW)
    return store


def learn(store):
    """Ann is account 90177 on the site and 3 on another; Bob's feedback names her."""
    about = {"site": "moodle", "course": 1, "name": "Maths", "shortname": "m", "idnumber": "", "start": 0, "end": 0}
    handed = {"course": 1, "module": "assign", "instance": 1, "attempt": 0, "status": "new", "grading": ""}
    texts = {"shown": "1", "percentage": "", "letter": "", "hidden": 0, "locked": 0, "overridden": 0, "former": 0}
    with store.begin() as connection:
        connection.execute(insert(schema.learnt_course).values(**about, marks='{"alone":[90177,8],"since":5}'))
        for site, user, said in (("moodle", 90177, "Good"), ("moodle", 8, "As good as Ann Oddity."), ("other", 3, "")):
            row = {"site": site, "item": 1, "user": user, "course": 1, "state": "graded", "feedback": said}
            connection.execute(insert(schema.learnt_grade).values(**row, **texts, changed_at=NOW))
            row = {"site": site, "user": user, "created": 0, "modified": 0} | handed
            connection.execute(insert(schema.learnt_submission).values(**row))


def dumped(store):
    with store.begin() as connection:
        tables = {
            table.name: connection.execute(
                select(*(column for column in table.c if not isinstance(column.type, LargeBinary)))
            ).all()
            for table in schema.metadata.sorted_tables
        }
    kept = store.kept.delivery("sis")
    packed = [
        each.frame.write_csv() + str((each.lost, each.lost_owners, each.lost_pairs)) for each in kept.drafts.values()
    ]
    return {name: str(rows) for name, rows in tables.items()} | {"packed": str(packed)}


def test_no_table_knows_her_afterwards_and_every_one_did(filled):
    known = {name for name, told in dumped(filled).items() if any(text in told.casefold() for text in TEXTS)}
    tables = {"ledger", "change", "finding", "outcome", "batch", "problem", "identity", "drift", "kept_grade"}
    tables |= {"learnt_course", "learnt_grade", "learnt_submission"}
    assert known == tables | {"plan_audit", "kept_table", "kept_delivery", "packed"}
    counts = filled.forgetting.forget([ANN], "forgotten-0", "officer")
    left = {name: told for name, told in dumped(filled).items() if any(text in told.casefold() for text in TEXTS)}
    assert left == {}
    assert counts["ledger"] == 3
    assert counts["kept_table"] == 3


def test_others_stay_as_they_are(filled):
    filled.forgetting.forget([ANN], "forgotten-0", "officer")
    assert set(filled.ledger.frame("school", "user")["key"]) == {"u-77", "u-8"}
    changes = filled.plans.changes(1)
    assert changes["key"].to_list() == ["forgotten-0", "forgotten-0\tc1", "u-77", "u-8\tc1"]
    assert changes["name"].to_list() == ["forgotten-0", "forgotten-0", "Cem Odd", "Bob Low in Maths"]
    assert [found.message for found in filled.plans.findings(1)] == ["forgotten-0 is Bob's, too; annuity is not."]
    assert [each.key for each in filled.identities.all("school")] == ["u-8"]
    assert {each.key: each.reason for each in filled.problems.all("school")} == {
        "u-77": "like forgotten-0",
        "u-8": "like forgotten-0",
    }
    assert filled.learning.frame("grade", "moodle").select("user", "feedback").rows() == [
        (8, "As good as forgotten-0.")
    ]
    assert filled.learning.frame("submission", "other").height == 1
    assert filled.learning.marks("moodle")[1].more == {"alone": [8], "since": 5}
    kept = filled.kept.delivery("sis")
    assert kept.marker == {"since": "1"}
    users = {row["sourcedId"]: row["agentSourcedIds"] for row in kept.drafts["users"].frame.iter_rows(named=True)}
    assert users == {"u-8": "u-9", "u-77": None}
    assert kept.drafts["users"].lost == {"u-3"}
    assert kept.drafts["enrollments"].lost_pairs == {("u-8", "c2")}
    assert [found.code for found in kept.book] == ["y"]


def test_looking_changes_nothing(filled):
    before = dumped(filled)
    counts = filled.forgetting.counts([ANN])
    assert dumped(filled) == before
    assert (counts["ledger"], counts["change"], counts["kept_table"], counts["drift"]) == (3, 2, 3, 1)
    assert filled.forgetting.named_in_plans("school", "ann oddity") == {"u-77x": "Ann Oddity"}


def test_former_keys_are_found_by_what_took_their_place(store):
    store.ledger.upsert(None, "school", [LedgerRow("user", "new", 9, "made", '{"replaces":"old","username":"ann"}')])
    assert store.forgetting.traces("school", ["new"]).keys == {"new", "old"}
    assert store.forgetting.traces("school", ["old"]).keys == {"new", "old"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ann.lee and ANN.LEE.", "x and x."),
        ("joann.lee, ann.leeds", "joann.lee, ann.leeds"),
        ("the 12 of 123456", "the 12 of x"),
    ],
)
def test_only_whole_terms_are_taken_out_of_sentences(text, left):
    assert Terms(["ann.lee", "12", "123456", ""], "x").scrub(text) == left
    assert Terms([], "x").scrub(text) == text
