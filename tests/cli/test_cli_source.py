"""Sources at the command line: listed, tried, compared, forgotten; their secrets."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command_desk import Desk
from ruamel.yaml import YAML

from matricula.cli.reference_settings import rows_of
from matricula.sandbox.school import School
from matricula.sources import SOURCES

PEOPLE = 49  # the school's students and staff, and three parents


@pytest.fixture
def source(desk: Desk, school: School, tmp_path: Path) -> Desk:
    school.write(tmp_path / "roster")
    (tmp_path / "sis.yaml").write_text("kind: source\nname: sis\npath: roster\n")
    assert desk("load", tmp_path / "sis.yaml").status == 0
    return desk


@pytest.fixture
def edit(tmp_path: Path) -> Callable[[str, Callable[[list[dict[str, str]]], None]], None]:
    """Changes the rows of a file of the roster."""

    def change(name: str, how: Callable[[list[dict[str, str]]], None]) -> None:
        file = tmp_path / "roster" / f"{name}.csv"
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        header = list(rows[0])
        how(rows)
        out = io.StringIO()
        writer = csv.DictWriter(out, header)
        writer.writeheader()
        writer.writerows(rows)
        file.write_text(out.getvalue(), encoding="utf-8")

    return change


def test_check_counts_shows_and_times(source: Desk, school: School) -> None:
    told = source("source", "check")
    assert told.status == 0
    seen = source("source", "check", "--json").json
    users = next(each for each in seen["tables"] if each["name"] == "users")
    assert (users["rows"], users["usable"], users["complete"]) == (PEOPLE, PEOPLE, True)
    assert len(users["samples"]) == 5
    assert seen["seconds"] > 0
    assert "users" in told.out
    assert str(PEOPLE) in told.out


def test_check_shows_no_name_address_or_number_of_anybody(source: Desk, school: School) -> None:
    told = source("source", "check", "--rows", PEOPLE)
    assert not [
        person for person in school.students if {person.username, person.email} & {*told.words.split(), ""} - {""}
    ]
    seen = source("source", "check", "--rows", PEOPLE, "--json").json
    users = next(each for each in seen["tables"] if each["name"] == "users")["samples"]
    assert len(users) == PEOPLE
    for name in ("givenName", "familyName", "username", "identifier"):
        assert all(re.fullmatch(r".… \(\d+\)", row[name]) for row in users if name in row), name
    assert all(re.fullmatch(r".…@[^@]+", row["email"]) for row in users if "email" in row)


def test_check_lists_what_is_missing_and_what_is_odd(source: Desk, edit: Callable[..., None], tmp_path: Path) -> None:
    edit(
        "users", lambda rows: [row.update(email="" if number < 7 else "a@b.example") for number, row in enumerate(rows)]
    )
    edit("enrollments", lambda rows: rows[0].update(userSourcedId="nobody"))
    (tmp_path / "roster" / "courses.csv").unlink()
    told = source("source", "check")
    assert "users.email is blank in 7 of 49 rows (14%)." in told.words
    assert "courses is not taken as complete" in told.words
    assert "“nobody” is not among the users read." in told.words


def test_check_keeps_nothing_and_diff_only_the_first_time(source: Desk) -> None:
    source("source", "check")
    assert source("source", "list", "--json").json["sources"][0]["read_at"] is None
    assert "had never been read" in source("source", "diff").words
    assert source("source", "list", "--json").json["sources"][0]["counts"]["users"] == PEOPLE
    assert "nothing changed" in source("source", "diff").words


def test_diff_tells_by_name_what_is_new_gone_and_changed(
    source: Desk, edit: Callable[..., None], school: School
) -> None:
    source("source", "diff")
    first, second = school.students[:2]

    def change(rows: list[dict[str, str]]) -> None:
        gone = next(row for row in rows if row["sourcedId"] == second.sourced_id)
        rows.append({**gone, "sourcedId": "new-1", "givenName": "Nova", "familyName": "Newly"})
        rows.remove(gone)
        next(row for row in rows if row["sourcedId"] == first.sourced_id)["familyName"] = "Wedded"

    edit("users", change)
    for _ in range(2):  # nothing was kept by looking
        found = source("source", "diff", "--json").json
        users = next(each for each in found["tables"] if each["table"] == "users")
        assert {(each["state"], each["sourced_id"]) for each in users["records"]} == {
            ("gone", second.sourced_id),
            ("new", "new-1"),
            ("changed", first.sourced_id),
        }
    told = source("source", "diff")
    assert "new: Nova Newly [new-1]" in told.words
    assert f"gone: {second.given} {second.family} [{second.sourced_id}]" in told.words
    assert f"familyName {first.family} → Wedded" in told.words


def test_a_plan_is_the_reading_that_diff_compares_with(
    ready: Desk, deliver: Callable[[School], None], school: School
) -> None:
    ready("plan")
    assert "nothing changed" in ready("source", "diff").words
    listed = ready("source", "list", "--json").json["sources"][0]
    assert listed["profiles"] == ["default"]
    assert listed["counts"]["enrollments"] > 0


def test_a_source_that_cannot_be_read_leaves_what_was_kept(source: Desk, tmp_path: Path) -> None:
    source("source", "diff")
    (tmp_path / "roster" / "users.csv").write_bytes(b"PK\0\0")
    told = source("source", "check")
    assert told.status == 1
    assert "not a text file" in told.words
    assert source("source", "list", "--json").json["sources"][0]["counts"]["users"] == PEOPLE


def test_forgotten_begins_anew(source: Desk) -> None:
    source("source", "diff")
    assert "Forgot" in source("source", "forget", "sis").words
    assert "had never been read" in source("source", "diff").words
    source("source", "forget", "sis")
    assert "Nothing was kept" in source("source", "forget", "sis").words


def test_a_secret_that_no_source_needs_is_refused(source: Desk) -> None:
    told = source("source", "secret", "sis", "password")
    assert told.status == 2
    assert "needs no secret “password”" in told.words


def test_an_unknown_source_is_refused_with_those_there_are(source: Desk) -> None:
    told = source("source", "check", "sas")
    assert told.status == 2
    assert "There is no source named “sas”. There is: sis." in told.words


def test_an_unknown_kind_of_source_is_refused_when_it_is_loaded(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("kind: source\nname: odd\ntype: pigeon\n")
    told = desk("load", tmp_path / "odd.yaml")
    assert told.status == 1
    assert "no kind of source “pigeon”" in told.words
    assert "oneroster-csv" in told.words


def test_every_fault_of_a_source_document_is_told_with_its_line(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("kind: source\nname: odd\ncolour: green\nstrict: perhaps\n")
    told = desk("load", tmp_path / "odd.yaml")
    assert told.status == 1
    assert "3 faults" in told.words
    assert "colour, line 3: there is no such setting" in told.words
    assert "strict, line 4: may be true or false" in told.words
    assert "path: this setting is needed." in told.words


@pytest.mark.parametrize("kind", SOURCES)
def test_an_example_is_yaml_and_names_every_setting(desk: Desk, kind: str) -> None:
    told = desk("source", "example", kind)
    document = YAML(typ="safe").load(told.out)
    assert (document["kind"], document["type"]) == ("source", kind)
    for name, field in SOURCES[kind].Settings.model_fields.items():
        assert re.search(rf"^#?{name}:", told.out, re.MULTILINE), name
        assert (name in document) == (name == "type" or field.is_required())


@pytest.mark.parametrize("kind", SOURCES)
def test_all_settings_of_an_example_are_yaml_too(desk: Desk, kind: str) -> None:
    lines = desk("source", "example", kind).out.splitlines()
    plain = "\n".join(line.removeprefix("#") for line in lines if not line.startswith("##"))
    document = YAML(typ="safe").load(plain)
    assert set(document) == {"kind", "name", *SOURCES[kind].Settings.model_fields}
    for path, *_ in rows_of(SOURCES[kind].Settings):
        found = document
        for name in path.strip("`").split("."):
            found = found[name.removesuffix("[]")]
            found = found[0] if name.endswith("[]") and found else found


def test_kinds_are_listed_with_what_they_read(desk: Desk) -> None:
    told = desk("source", "example")
    assert all(kind in told.out for kind in SOURCES)
    assert desk("source", "example", "pigeon").status == 1
