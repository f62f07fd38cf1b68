"""The plugins for Moodle: packed so that Moodle's installer takes them, and the same each time."""

import os
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.errors import SettingError, UsageError
from matricula.hub.moodle_plugins import WHAT_FOR, moodle_plugin, moodle_plugins
from matricula.hub.plugins_seen import standings

VERSION = """<?php
$plugin->component = '{name}';
$plugin->version   = {version};
$plugin->requires  = 2022112800; // Moodle 4.1.
$plugin->supported = [401, 501];
$plugin->release   = '0.1';
"""
GOOD = VERSION.format(name="local_thing", version=2026010100)


@pytest.fixture
def planted(tmp_path):
    """A folder with one plugin."""

    def plant(text=GOOD, name="local_thing"):
        (tmp_path / name / "lang" / "en").mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "version.php").write_text(text, "utf-8")
        (tmp_path / name / "lang" / "en" / f"{name}.php").write_text("<?php\n", "utf-8")
        (tmp_path / name / ".git").write_text("no part of it", "utf-8")
        return tmp_path

    return plant


def names_in(packed):
    with ZipFile(BytesIO(packed)) as archive:
        return archive.namelist()


@pytest.mark.parametrize("plugin", moodle_plugins(), ids=lambda each: each.name)
def test_each_plugin_is_packed_as_moodles_installer_wants_it(plugin):
    top = plugin.name.partition("_")[2]
    names = names_in(plugin.packed())
    assert f"{top}/version.php" in names
    assert f"{top}/lang/en/{plugin.name}.php" in names, "the installer refuses a plugin without its words"
    assert {name.partition("/")[0] for name in names} == {top}
    assert names == sorted(names)
    assert plugin.file_name == f"{plugin.name}-{plugin.version}.zip"
    assert (plugin.oldest, plugin.newest) == ("4.1", "5.1")


def test_it_is_told_what_each_plugin_is_for():
    assert {each.name for each in moodle_plugins()} == set(WHAT_FOR)


def test_the_same_sources_give_the_same_bytes_whatever_their_times(planted):
    place = planted()
    before = moodle_plugin("local_thing", place).packed()
    for path in (place / "local_thing").rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    assert moodle_plugin("local_thing", place).packed() == before


def test_hidden_files_are_no_part_of_it(planted):
    assert names_in(moodle_plugin("local_thing", planted()).packed()) == [
        "thing/lang/en/local_thing.php",
        "thing/version.php",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<?php\n", "component and version and requires"),
        (VERSION.format(name="local_thing", version="'soon'"), "does not say version"),
        (VERSION.format(name="local_other", version=2026010100), "it is local_other"),
    ],
)
def test_a_plugin_that_moodle_would_not_install_is_refused(planted, text, why):
    with pytest.raises(SettingError, match=why) as refused:
        moodle_plugins(planted(text))
    assert refused.value.code == "plugin-unreadable"


def test_a_plugin_without_a_version_is_refused(tmp_path):
    (tmp_path / "local_thing").mkdir()
    with pytest.raises(SettingError, match="missing"):
        moodle_plugins(tmp_path)


def test_a_plugin_that_is_not_there_is_refused_with_those_that_are(planted):
    with pytest.raises(UsageError) as refused:
        moodle_plugin("local_nothing", planted())
    assert "local_thing" in refused.value.remedy


@given(st.integers(2022010100, 2099123199))
def test_a_newer_plugin_is_told_just_where_the_sites_is_older(version):
    ours = moodle_plugin("local_matricula").version
    (standing,) = [
        each for each in standings({"local_matricula": {"version": version}}) if each.name == "local_matricula"
    ]
    assert standing.newer == (version < ours)
    assert standing.enabled


def test_a_plugin_that_a_site_has_not_is_neither_there_nor_old():
    assert {(each.version, each.enabled, each.newer) for each in standings({})} == {(None, False, False)}


def test_they_come_in_the_order_in_which_they_are_installed():
    assert [each.name for each in moodle_plugins()] == [
        "local_matricula",
        "enrol_matricula",
        "auth_matricula",
        "block_matricula",
    ]
