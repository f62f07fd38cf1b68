"""`matricula plugins`: listed, and packed into a folder."""

import json
from zipfile import ZipFile

from matricula.cli.main import run
from matricula.hub.moodle_plugins import moodle_plugins


def test_all_plugins_are_packed_into_a_folder(tmp_path, capsys):
    assert run(["plugins", "build", "--into", str(tmp_path / "zips")]) == 0
    written = [tmp_path / "zips" / each.file_name for each in moodle_plugins()]
    said = "".join(capsys.readouterr().out.split())  # a narrow screen breaks long paths
    assert said == "".join(map(str, written))
    assert sorted((tmp_path / "zips").iterdir()) == sorted(written)
    for path in written:
        with ZipFile(path) as archive:
            assert archive.testzip() is None


def test_one_plugin_is_packed_where_one_is_named(tmp_path, capsys):
    assert run(["plugins", "build", "enrol_matricula", "--into", str(tmp_path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["plugins"]
    assert [str(path) for path in tmp_path.iterdir()] == [told["file"]]
    assert told["name"] == "enrol_matricula"


def test_plugins_are_listed_with_what_they_are_for(capsys):
    assert run(["plugins", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["plugins"]
    assert [each["name"] for each in told] == [each.name for each in moodle_plugins()]
    assert all(each["what_for"] and each["moodle_oldest"] == "4.1" for each in told)


def test_a_plugin_that_is_not_there_is_refused(tmp_path, capsys):
    assert run(["plugins", "build", "local_nothing", "--into", str(tmp_path)]) == 2
    assert "There is no plugin local_nothing" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(["plugins", "build", "--into", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err
