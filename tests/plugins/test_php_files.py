"""Each PHP file of the plugins: its syntax, its licence, and the words it names."""

import re
from pathlib import Path

import pytest
from plugin_folders import FILES, FOLDERS, named, php

#: What PHP 7.4, the oldest that Moodle 4.1 runs on, does not know.
NEWER = re.compile(
    r"\?->|\bmatch \(|\bstr_(contains|starts_with|ends_with)\(|\)\s*:\s*(static|mixed|never)\b|\breadonly\b|^enum |#\["
    r"|catch \(\\?\w+\)|__construct\(\s*(public|private|protected)|\barray_is_list\(",
    re.MULTILINE,
)
USED = re.compile(
    r"(?:get_string|new \\?lang_string|moodle_exception)\(\s*'(?P<name>[^']+)'\s*,\s*'(?P<component>[a-z_]+)'"
)
DEFINED = re.compile(r"^\$string\['([^']+)'\]", re.MULTILINE)
CAPABILITY = re.compile(r"^    '(\w+)/(\w+:\w+)' => \[", re.MULTILINE)


def test_there_are_plugins() -> None:
    assert {"local_matricula", "enrol_matricula"} <= {folder.name for folder in FOLDERS}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_php_understands_it(path: Path) -> None:
    told = php("-l", str(path))
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("path", FILES, ids=named)
def test_each_file_has_the_licence_and_says_whose_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    component = path.relative_to(path.parents[len(path.parts) - len(FOLDERS[0].parent.parts) - 1]).parts[0]
    assert "GNU General Public License" in text
    assert f"@package    {component}" in text
    assert max(map(len, text.splitlines())) <= 180 or path.parent.name == "en"
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=named)
def test_the_oldest_php_will_do(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not NEWER.search(code)


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_each_word_used_is_defined(folder: Path) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*.php")}
    words = {name for path, text in texts.items() if path.parent.name == "en" for name in DEFINED.findall(text)}
    used = {
        found["name"] for text in texts.values() for found in USED.finditer(text) if found["component"] == folder.name
    }
    access = texts.get(folder / "db" / "access.php", "")
    capabilities = {name for _, name in CAPABILITY.findall(access)}
    assert used | capabilities | {"pluginname"} <= words
    assert any(name.startswith("privacy:metadata") for name in words)


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_each_plugin_says_which_moodle_it_needs(folder: Path) -> None:
    text = (folder / "version.php").read_text(encoding="utf-8")
    assert re.search(rf"\$plugin->component += '{folder.name}';", text)
    assert re.search(r"\$plugin->requires += 2022112800;", text)
    assert re.search(r"\$plugin->supported += \[401, 501\];", text)
    assert (folder / "classes" / "privacy" / "provider.php").is_file()
