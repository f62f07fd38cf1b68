"""What libraries log becomes events: of what kind and where, without their words."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula import logs
from matricula.errors import SettingError
from matricula.logs import servers
from matricula.store.database import Database


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(logs.VARIABLE, str(tmp_path / "log"))
    loggers = [logging.getLogger(name) for name in servers.LOGGERS]
    before = [(each.handlers, each.propagate, each.level) for each in loggers]
    servers.listen()
    yield tmp_path / "log"
    for each, (handlers, propagate, level) in zip(loggers, before, strict=True):
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


def test_an_error_is_told_by_kind_and_place_and_not_by_its_words(log: Path) -> None:
    try:
        json.loads("Ann Lee")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception for Ann Lee")
    logging.getLogger("uvicorn.error").warning("%s sent a request that is wrong", "Ann Lee")
    logging.getLogger("uvicorn.error").info("Started")
    text = log.read_text(encoding="utf-8")
    told = [json.loads(line) for line in text.splitlines() if "uvicorn" in line]
    assert [(each["event"], each["level"], each.get("kind")) for each in told] == [
        ("uvicorn error", "error", "JSONDecodeError"),
        ("uvicorn warning", "warning", None),
    ]
    assert "Ann" not in text


def test_the_place_is_the_innermost_one_in_the_package() -> None:
    with pytest.raises(SettingError) as ours:
        Database("mysql://x")
    with pytest.raises(ValueError) as another:  # noqa: PT011 - any
        int("x")
    assert servers.place_of(ours.value).startswith("store.database:")
    assert servers.place_of(another.value) == ""
