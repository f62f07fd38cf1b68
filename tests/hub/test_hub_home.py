"""A home whose state stands on another database than the file in its folder."""

from pathlib import Path

import pytest

from matricula.hub import Home

SITE = "kind: site\nname: moodle\nurl: http://127.0.0.1:9\n"


def test_the_state_stands_where_the_variable_says(
    tmp_path: Path, postgres_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRICULA_DATABASE", postgres_address)
    with Home.make(tmp_path / "here") as home:
        home.load(SITE, "test", tmp_path)
        home.keep_token("moodle", "secret-token")
    assert not (tmp_path / "here" / "matricula.db").exists()
    with Home(tmp_path / "here") as home:
        assert home.token(home.site("moodle")) == "secret-token"
    monkeypatch.delenv("MATRICULA_DATABASE")
    with Home.make(tmp_path / "here") as home:
        assert home.names("site") == []
