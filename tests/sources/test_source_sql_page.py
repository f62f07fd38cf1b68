"""The page on SQL: its example works as it stands there."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sql_school import deliver, server
from sqlalchemy import Engine, create_engine

from matricula.roster import Roster
from matricula.sources import open_source

PAGE = (Path(__file__).parents[2] / "docs" / "sources" / "sql.md").read_text(encoding="utf-8")
BLOCKS = {kind: re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for kind in ("yaml", "sql")}
ROWS = """
INSERT INTO years VALUES (27, '2026/27', '2026-08-01', '2027-07-31', 2027);
INSERT INTO subjects VALUES (1, 'PH', 'Physics');
INSERT INTO sections VALUES (7, 1, 'Physics 7a', 27);
INSERT INTO people VALUES (1, 'staff', 'Ada', 'Byron', 'ada', 'ada@school.example', NULL, NULL);
INSERT INTO people VALUES (2, 'student', 'Bo', 'Lind', 'bo', 'bo@school.example', 'Red', '2999-12-31');
INSERT INTO people VALUES (3, 'student', 'Cy', 'Gone', 'cy', 'cy@school.example', 'Red', '2020-12-31');
INSERT INTO places VALUES (1, 7, '2026-08-01', NULL);
INSERT INTO places VALUES (2, 7, '2026-08-01', '2027-07-31');
INSERT INTO places VALUES (3, 7, '2026-08-01', '2027-07-31');
"""


def document(block: str) -> dict[str, object]:
    content = YAML(typ="safe").load(block)
    return {name: value for name, value in content.items() if name not in ("kind", "name")}


def make(engine: Engine) -> None:
    statements = [sql for sql in BLOCKS["sql"] if sql.startswith(("CREATE TABLE", "CREATE VIEW"))]
    with engine.begin() as connection:
        for statement in "".join([statements[0], ROWS, *statements[1:]]).split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def check(roster: Roster) -> None:
    assert roster.findings == ()
    assert roster.users["sourcedId"].to_list() == ["1", "2"]
    assert roster.users["metadata.house"].to_list() == [None, "Red"]
    assert roster.enrollments["sourcedId"].to_list() == ["1-7", "2-7"]
    assert all(count for count in roster.counts().values())


@pytest.mark.parametrize("block", BLOCKS["yaml"])
def test_every_document_of_the_page_is_taken(block):
    assert open_source(document(block)).settings.type == "sql"


def test_the_example_works_on_sqlite(tmp_path):
    path = tmp_path / "sis.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    make(engine)
    engine.dispose()
    settings = {name: value for name, value in document(BLOCKS["yaml"][0]).items() if name != "url"}
    check(deliver(settings | {"path": str(path)}).roster())


def test_the_example_works_on_postgresql():
    with server("postgresql") as sis:
        make(sis.engine)
        check(deliver(document(BLOCKS["yaml"][0]) | {"url": str(sis.url), "passwordless": True}).roster())
