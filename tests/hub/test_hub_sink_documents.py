"""Sinks as documents: taken in, refused with the setting that is wrong, opened, and begun from an example."""

import pytest

from matricula.cli.sink_example import example_of, kinds
from matricula.errors import SettingError, UsageError
from matricula.hub import Home
from matricula.hub.sink_names import names_in
from matricula.profiles.reading import content_of
from matricula.sandbox.school import School
from matricula.sinks import SINKS, settings_model
from matricula.sources import open_source

SINK = "kind: sink\nname: gradebook\ntype: oneroster-csv\nschool: s\npath: out/grades.zip\n"


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        yield home


def test_a_sink_is_loaded_and_its_path_is_meant_from_the_folder_of_the_file(home, tmp_path):
    assert [each.kind for each in home.load(SINK, "test", tmp_path)] == ["sink"]
    with home.sink("gradebook") as sink:
        assert sink.settings.path == tmp_path / "out" / "grades.zip"
    assert home.names("sink") == ["gradebook"]
    with pytest.raises(UsageError):
        home.sink("another")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("colour: green", "colour"),
        ('version: "1.3"', "version"),
        ("school: a b", "school"),
        ("system_name: ''", "system_name"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(home, tmp_path, line, words):
    lines = [each for each in SINK.splitlines() if not each.startswith(line.partition(":")[0])]
    with pytest.raises(SettingError, match=words):
        home.load("\n".join([*lines, line]) + "\n", "test", tmp_path)
    assert home.names("sink") == []


def test_1_2_without_the_school_is_refused(home, tmp_path):
    with pytest.raises(SettingError, match="names the school of every item"):
        home.load(SINK.replace("school: s\n", ""), "test", tmp_path)


@pytest.mark.parametrize("kind", SINKS)
def test_an_example_is_yaml_and_names_every_setting(kind):
    text = example_of(kind)
    told = content_of(text)
    assert (told["kind"], told["type"]) == ("sink", kind)
    assert all(f"{name}:" in text for name in settings_model(kind).model_fields)


def test_every_kind_of_sink_says_what_it_writes():
    assert list(kinds()) == list(SINKS)
    assert all(kinds().values())


def test_names_for_people_are_those_of_the_roster(tmp_path):
    School.generate(students=12, staff=2, classes=2).write(tmp_path / "roster", "1.2")
    roster = open_source({"type": "oneroster-csv", "path": str(tmp_path / "roster")}).deliver().roster()
    asked: list[str] = []
    names = names_in(lambda: asked.append("roster") or [roster])
    user, class_, session = roster.users.row(0, named=True), roster.table("classes"), roster.table("academicSessions")
    who = user["sourcedId"]
    assert asked == []
    assert names("student", [who, "nobody"]) == {who: f"{user['familyName']}, {user['givenName']}"}
    assert names("class", class_["sourcedId"].to_list()) == dict(class_.select("sourcedId", "title").iter_rows())
    assert names("session", [session["sourcedId"][0]]) == {session["sourcedId"][0]: session["title"][0]}
    assert asked == ["roster"]
