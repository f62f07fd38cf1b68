"""The page of openSIS Classic: its examples, and the rights it asks for, held against the queries."""

import os
import re
from pathlib import Path

import pytest
from opensis_school import TABLES, MariaSchool
from opensis_school import rows as rows_of
from ruamel.yaml import YAML
from sqlalchemy import make_url

from matricula.errors import SettingError
from matricula.profiles.documents import Profile
from matricula.roster import TABLES as ROSTER
from matricula.sources import Surroundings, open_source
from matricula.sources.sql.presets import open_preset

PAGE = (Path(__file__).parents[2] / "docs" / "sources" / "opensis.md").read_text(encoding="utf-8")
GRANTED = re.findall(r"^GRANT SELECT (?:\(([^)]*)\) )?ON opensis\.(\w+) TO", PAGE, re.MULTILINE)
PRESET = open_preset("opensis")
QUERIES = {name: query.sql for name, query in PRESET.queries("mysql").items()}
BARE = {name: re.sub(r"--[^\n]*", "", query) for name, query in QUERIES.items()}
PASSWORD = "a long password"


def examples() -> list[dict[str, object]]:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return [dict(YAML(typ="safe").load(block)) for block in blocks]


def test_every_example_of_the_page_can_be_used():
    kinds = []
    for document in examples():
        kinds.append(document.pop("kind"))
        if kinds[-1] == "source":
            assert document.pop("name")
            open_source(document)
        else:
            Profile.model_validate(document)
    assert kinds == ["source", "source", "profile"]


def test_the_page_grants_the_tables_that_the_queries_read_and_no_others():
    read = {table for query in BARE.values() for table in re.findall(r"(?:FROM|JOIN) ([a-z_]+)", query)}
    assert {table for _, table in GRANTED} == read == set(TABLES)


def test_of_tables_with_personal_data_the_page_grants_the_columns_that_the_queries_read_and_no_others():
    letters = {"students": "s", "staff": "f", "people": "h", "login_authentication": "l"}
    granted = {table: set(columns.split(", ")) for columns, table in GRANTED if columns}
    assert set(granted) == set(letters)
    for table, letter in letters.items():
        assert granted[table] == set(re.findall(rf"\b{letter}\.(\w+)", BARE["users"])), table


def test_the_page_tells_every_parameter():
    told = re.findall(r"^\| `(\w+)` \| (?!openSIS)", PAGE, re.MULTILINE)
    assert [name for name in told if name in PRESET.head.parameters] == list(PRESET.head.parameters)


def test_the_queries_keep_to_what_mysql_5_7_knows():
    for query in BARE.values():
        assert not re.search(r"\bWITH\b|\bOVER\b|\bLATERAL\b|\bINTERSECT\b|\bEXCEPT\b", query)


def test_what_sqlite_needs_to_hear_otherwise_is_one_function_and_the_rooms():
    own = {path.name for path in PRESET.folder.iterdir() if path.name.endswith(".sqlite.sql")}
    assert own == {"last_day.part.sqlite.sql", "rooms.part.sqlite.sql"}


@pytest.fixture
def reader(maria_80: MariaSchool):
    """The account that the page asks for, on the tests' server: settings and surroundings that read with it."""
    server = make_url(os.environ["MATRICULA_TEST_MARIADB"])
    name = f"matricula_reader_{os.getpid()}"
    lines = re.search(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert lines
    told = (
        lines[1]
        .replace("'matricula'@'moodle.school.example'", f"'{name}'@'%'")
        .replace(" opensis.", f" {maria_80.name}.")
    )
    maria_80.change(*told.strip().splitlines())
    url = server.set(username=name, password=None, database=maria_80.name)
    settings = {"type": "sql", "url": url.render_as_string(), "preset": "opensis"}
    yield settings, Surroundings(secret=lambda _: PASSWORD), f"'{name}'@'%'"
    maria_80.change(f"DROP USER '{name}'@'%'")


def test_the_account_of_the_page_reads_everything_and_no_password(reader, maria_80):
    settings, surroundings, _ = reader
    theirs = open_source(settings, surroundings).deliver().roster()
    ours = open_source(maria_80.settings, Surroundings(secret=lambda _: maria_80.password)).deliver().roster()
    for name in ROSTER:
        assert rows_of(theirs, name, *theirs.table(name).columns) == rows_of(ours, name, *ours.table(name).columns)
    peeping = {"users": "SELECT id AS sourcedId, password AS username, 'student' AS role FROM login_authentication"}
    with pytest.raises(SettingError) as error:
        open_source({**settings, "queries": peeping}, surroundings).deliver()
    assert "login_authentication" in str(error.value)


def test_a_right_that_is_missing_is_named(reader, maria_80):
    settings, surroundings, account = reader
    maria_80.change(f"REVOKE SELECT ON {maria_80.name}.schedule FROM {account}")
    with pytest.raises(SettingError) as error:
        open_source(settings, surroundings).deliver()
    assert "schedule" in str(error.value)
    assert PASSWORD not in str(error.value)
