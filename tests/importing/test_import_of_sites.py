"""What was told of one site never comes into the import of another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.hub.documents import remove, save
from matricula.hub.importing import import_settings
from matricula.store import ImportedRow

SITES = "kind: site\nname: oak\nurl: http://oak.example\n---\nkind: site\nname: elm\nurl: http://elm.example\n"
TOLD = "kind: import\nname: {name}\nsite: {site}\n"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Home]:
    with Home.make(tmp_path / "home") as home:
        home.load(SITES, "test", tmp_path)
        yield home


def test_a_name_that_stands_for_another_site_is_refused(two: Home, tmp_path: Path):
    two.load(TOLD.format(name="elm", site="oak"), "test", tmp_path)
    for site, document in (("oak", None), ("elm", None)):
        with pytest.raises(UsageError) as refused:
            import_settings(two, site, document)
        assert refused.value.code == "import-name-taken"


def test_another_site_or_none_begins_anew(two: Home):
    for end in (
        lambda: save(two, "import", "first", TOLD.format(name="first", site="elm")),
        lambda: remove(two, "import", "first"),
    ):
        save(two, "import", "first", TOLD.format(name="first", site="oak"))
        two.store.imported.keep("first", [ImportedRow("person", "5", "moodle-user-5", "{}")])
        save(two, "import", "first", TOLD.format(name="first", site="oak") + "school: Oak\n")
        assert len(two.store.imported.rows("first")) == 1
        end()
        assert two.store.imported.rows("first") == []
