"""The page on the sink of openSIS: its document, and the account that it asks for, do what it says."""

import os
import re
from pathlib import Path

import pytest
from gradebooks import finals, small
from opensis_gradebooks import KEPT, READ, opensis
from ruamel.yaml import YAML
from sink_benches import Writer
from sqlalchemy import make_url

from matricula.errors import SettingError
from matricula.sinks import SinkSurroundings, settings_model

PAGE = (Path(__file__).parents[2] / "docs" / "sinks" / "opensis.md").read_text(encoding="utf-8")
GRANTED = re.findall(r"^GRANT ([A-Z, ]+) ON opensis\.(\w+) TO", PAGE, re.MULTILINE)
PASSWORD = "a long password"


def test_the_document_of_the_page_can_be_used():
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    document = dict(YAML(typ="safe").load(block))
    assert document.pop("kind") == "sink"
    assert document.pop("name")
    assert settings_model(document["type"]).model_validate(document).secrets() == ("password",)


def test_the_page_grants_writing_to_four_tables_and_our_own_alone():
    written = {table for rights, table in GRANTED if rights != "SELECT"}
    assert written == {*KEPT, "matricula_grade_keys"}
    assert {table for rights, table in GRANTED if rights == "SELECT"} == set(READ)


@pytest.fixture(scope="module")
def account():
    """The school, to be written with an account that has some rights; gives a way to grant them."""
    with opensis("9.2") as bench:
        name = f"matricula_grades_{os.getpid()}"
        bench.run(f"CREATE USER {name} IDENTIFIED BY '{PASSWORD}'")
        bench.settings |= {
            "url": make_url(bench.settings["url"]).set(username=name).render_as_string(),
            "passwordless": False,
        }
        bench.surroundings = SinkSurroundings(secret=lambda _: PASSWORD)
        yield bench, name
        bench.run(f"DROP USER {name}")


def test_the_account_of_the_page_can_do_all_and_without_it_the_page_is_named(account):
    bench, name = account
    bench.clear()
    where = bench.url.database
    bench.run(f"GRANT SELECT ON {where}.courses TO {name}")
    with pytest.raises(SettingError) as error:
        Writer(bench).read()
    assert PASSWORD not in str(error.value)
    for rights, table in GRANTED:
        bench.run(f"GRANT {rights} ON {where}.{table} TO {name}")
    writer = Writer(bench)
    writer.fill(small(bench) | {"final-grade": finals(bench, 91.5)})
    assert writer.read().frames["result"]["score"].to_list() == [71.5]
