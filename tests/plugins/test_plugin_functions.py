"""What the functions of the plugins say of themselves, held against what Matricula calls."""

import re
from pathlib import Path

import pytest
from plugin_folders import FOLDERS, described, named

from matricula.moodle.plugin_calls import CALLS, PLUGIN_VERSION
from matricula.planning.functions import FUNCTIONS

LOCAL = next(folder for folder in FOLDERS if folder.name == "local_matricula")
OFFERING = [folder for folder in FOLDERS if (folder / "db" / "services.php").is_file()]


def service() -> list[str]:
    (found,) = described(LOCAL)["services"].values()
    assert found["shortname"] == "local_matricula"
    functions: list[str] = found["functions"]
    return functions


def test_they_take_and_answer_what_the_client_says() -> None:
    told = {
        name: (
            function["type"] == "write",
            {
                key: (value["type"], value["required"], value["default"])
                for key, value in function["parameters"].items()
            },
            {key: value["type"] for key, value in function["returns"].items()},
        )
        for name, function in described(LOCAL)["functions"].items()
    }
    assert told == {
        name: (
            call.writes,
            {key: (value.type, value.required, value.default) for key, value in call.parameters.items()},
            dict(call.returns),
        )
        for name, call in CALLS.items()
    }


@pytest.mark.parametrize("folder", OFFERING, ids=named)
def test_each_class_is_a_function_and_each_function_is_described(folder: Path) -> None:
    functions = described(folder)["functions"]
    classes = {
        f"{folder.name}\\external\\{path.stem}"
        for path in (folder / "classes" / "external").glob("*.php")
        if "abstract class" not in path.read_text(encoding="utf-8")
    }
    assert {function["class"] for function in functions.values()} == classes
    for name, function in functions.items():
        assert name == f"{folder.name}_{function['class'].rsplit(chr(92), 1)[1]}"
        assert function["callable"]
        assert function["arguments"] == len(function["parameters"])
        assert function["description"].endswith(".")
        assert all(value["description"] for value in [*function["parameters"].values(), *function["returns"].values()])


def test_the_service_has_all_that_matricula_calls() -> None:
    functions = service()
    assert len(functions) == len(set(functions))
    assert set(CALLS) | set(FUNCTIONS) <= set(functions)


def test_every_function_asks_for_the_one_capability() -> None:
    assert {each["capabilities"] for each in described(LOCAL)["functions"].values()} == {"local/matricula:synchronise"}


def test_the_client_knows_the_version_that_it_comes_with() -> None:
    """Else nobody is told that the site's plugin is older than the client's."""
    text = (LOCAL / "version.php").read_text(encoding="utf-8")
    assert re.findall(r"\$plugin->version += (\d+);", text) == [str(PLUGIN_VERSION)]
