"""Import, then synchronise back: there is nothing to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from import_bench import begins, home_of, look, written

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub import Home, Hub
from matricula.hub.import_profile import make_import_profile
from matricula.hub.importing import import_settings, write_import
from matricula.hub.verifying import verify
from matricula.moodle import Moodle
from matricula.sandbox import Running, running
from matricula.sandbox.school import School


def nothing_to_do(home: Home, profile: str) -> None:
    """A plan is empty, one that looks at everything too, nothing is edited, and all three agree."""
    hub = Hub(home)
    for full in (False, True):
        planned = hub.plan(profile, full=full)
        assert [(row["kind"], row["action"], row["name"]) for row in planned.changes.iter_rows(named=True)] == []
        assert [finding.code for finding in planned.findings if finding.severity == "error"] == []
    assert [each for each in home.store.drift.all(profile) if each.state == "open"] == []
    assert verify(hub, profile) == []


def test_a_site_that_people_worked_on_for_a_while(home: Home):
    shown = written(home)
    assert shown.counts["person"] == {"add": 39}
    made = make_import_profile(home, shown, "back")
    assert made.entered == {"category": 6, "user": 39, "course": 9, "enrolment": 114}
    nothing_to_do(home, "back")


def test_matching_alone_finds_everybody_and_writes_nothing_to_the_site(home: Home):
    make_import_profile(home, written(home), "back")
    for kind in ("user", "course", "enrolment"):
        home.store.ledger.forget("back", kind, home.store.ledger.frame("back", kind)["key"])
    planned = Hub(home).plan("back")
    acts = planned.changes.group_by("kind", "action").len().rows()
    assert sorted(acts) == [("course", "match", 9), ("enrolment", "match", 114), ("user", "match", 39)]
    assert set(planned.changes.filter(planned.changes["kind"] == "user")["after"]) == {"{}"}


def test_what_the_school_says_from_then_on_is_written(home: Home):
    shown = written(home)
    make_import_profile(home, shown, "back")
    users = Path(shown.to) / "users.csv"
    users.write_text(users.read_text().replace("Kiri,Chen", "Kiri,Married"))
    planned = Hub(home).plan("back")
    assert planned.changes.select("kind", "action", "after").rows() == [("user", "update", '{"lastname":"Married"}')]


def test_custom_fields_come_back(tmp_path: Path, lived_in: Running):
    fields = "[{moodle: housename, to: metadata.house}, {moodle: yeargroup, to: grades}]"
    with Moodle(lived_in.url, lived_in.tokens["admin"]) as moodle:
        custom = [{"type": "housename", "value": "Oak"}, {"type": "yeargroup", "value": "09"}]
        assert moodle.users.update([{"id": number, "customfields": custom} for number in range(5, 30)]) == []
    with home_of(tmp_path / "home", lived_in, fields=fields) as home:
        shown = written(home)
        make_import_profile(home, shown, "back")
        nothing_to_do(home, "back")
        users = Path(shown.to) / "users.csv"
        users.write_text(users.read_text().replace("Oak", "Elm", 1))
        changes = Hub(home).plan("back").changes
        assert changes["after"].to_list() == ['{"profile:housename":"Elm"}']


def test_who_was_deleted_in_moodle_is_planned_by_name_and_never_taken_for_there(home: Home, lived_in: Running):
    written(home)
    with Moodle(lived_in.url, lived_in.tokens["admin"]) as moodle:
        moodle.users.delete([20])
    shown = written(home)
    assert shown.school.vanished["person"] == 1
    make_import_profile(home, shown, "back")
    changes = Hub(home).plan("back").changes
    assert set(changes["action"]) == {"create"}
    assert changes.filter(changes["kind"] == "user").height == 1


def test_making_the_profile_again_adds_whoever_came(home: Home, lived_in: Running):
    make_import_profile(home, written(home), "back")
    with Moodle(lived_in.url, lived_in.tokens["admin"]) as moodle:
        new = {
            "username": "new",
            "firstname": "New",
            "lastname": "Pupil",
            "email": "n@x.example",
            "password": "Ab1!efgh",
        }
        (made,) = moodle.users.create([new])
        moodle.enrolments.enrol([{"roleid": 5, "userid": made.id, "courseid": 2}])
    shown = written(home)
    assert shown.counts == {"person": {"add": 1}, "enrolment": {"add": 1}}
    again = make_import_profile(home, shown, "back")
    assert (again.made, again.entered) == ((), {"user": 1, "enrolment": 1})
    nothing_to_do(home, "back")


@pytest.fixture(scope="module")
def synchronised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, School]]:
    """A site that Matricula itself filled from an invented school."""
    folder = tmp_path_factory.mktemp("synchronised")
    school = School.generate(seed=5, students=40, staff=6, classes=6)
    school.write(folder / "roster")
    with (
        running("empty") as served,
        home_of(folder / "home", served, year=school.year + 1, year_begins="'08-01'") as home,
    ):
        source = f"kind: source\nname: sis\ntype: oneroster-csv\npath: {folder / 'roster'}\n"
        home.load(f"{source}---\nkind: profile\nname: there\nsource: sis\nsite: moodle\n", "test", folder)
        hub = Hub(home)
        hub.apply(hub.plan("there").number)
        yield home, school


def test_an_invented_school_after_a_real_synchronisation(synchronised: tuple[Home, School], tmp_path: Path):
    home, school = synchronised
    shown = written(home, to=str(tmp_path / "out"))
    people = {record.key for record in shown.school.of("person")}
    assert {each.sourced_id for each in school.students} <= people
    make_import_profile(home, shown, "back")
    nothing_to_do(home, "back")


def test_a_synchronised_school_keeps_its_keys(synchronised: tuple[Home, School]):
    home, school = synchronised
    shown = look(home)
    assert {each.key for each in shown.school.of("course")} == {each.sourced_id for each in school.classes}


def test_an_older_course_with_its_grades_is_history_and_no_course_of_the_profile(tmp_path: Path):
    with running("contract") as served:
        with Moodle(served.url, served.tokens["admin"]) as moodle:
            (graded,) = moodle.courses.all()
            assert moodle.courses.update([{"id": graded.id, "startdate": 1760000000, "enddate": 1765000000}]) == []
        with home_of(tmp_path / "home", served, year=2027, year_begins="'08-01'") as home:
            shown = written(home)
            results = [record.body for record in shown.school.of("result")]
            assert [(each["person"], each["score"] > 0) for each in results] == [("P-ada", True)]
            assert (Path(shown.to) / "results.csv").is_file()
            make_import_profile(home, shown, "back")
            nothing_to_do(home, "back")
            assert home.store.ledger.counts("back") == {"user": 4}


# What was shown is what is written


def test_looking_writes_nothing(home: Home):
    shown = look(home)
    assert not Path(shown.to).exists()
    assert home.store.imported.rows("first") == []


def test_again_nothing_is_new(home: Home):
    written(home)
    assert look(home).changes == ()


def test_a_package_elsewhere_is_all_new_with_the_same_keys(home: Home, tmp_path: Path):
    first = written(home)
    other = look(home, to=str(tmp_path / "other.zip"))
    assert other.counts == first.counts
    write_import(home, other)
    assert (tmp_path / "other.zip").is_file()


def test_somebody_imported_meanwhile(home: Home, lived_in: Running):
    shown = look(home)
    written(home)
    with Moodle(lived_in.url, lived_in.tokens["admin"]) as moodle:
        new = {
            "username": "new",
            "firstname": "New",
            "lastname": "Pupil",
            "email": "n@x.example",
            "password": "Ab1!efgh",
        }
        (made,) = moodle.users.create([new])
        moodle.enrolments.enrol([{"roleid": 5, "userid": made.id, "courseid": 2}])
    written(home)
    with pytest.raises(StopError) as caught:
        write_import(home, shown)
    assert caught.value.code == "import-changed"


def test_when_the_package_cannot_be_written_nothing_is_remembered(home: Home, tmp_path: Path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(StopError):
        written(home, to=str(tmp_path / "mine"))
    assert home.store.imported.rows("first") == []


def test_without_categories_nobody_knows_where_courses_stand(tmp_path: Path, lived_in: Running):
    with home_of(tmp_path / "home", lived_in, categories="none") as home:
        shown = written(home)
        with pytest.raises(SettingError) as caught:
            make_import_profile(home, shown, "back")
        assert caught.value.code == "import-profile-categories"
        assert home.names("profile") == []


# Which import is meant


def test_without_a_document_a_site_is_imported_as_it_is(home: Home):
    home.store.documents.remove("import", "first")
    settings = import_settings(home, "moodle")
    assert (settings.name, settings.school, settings.to) == ("moodle", "School", None)


def test_the_documents_of_a_site(home: Home):
    home.load("kind: import\nname: second\nsite: moodle\nschool: Oak\n", "test", home.folder)
    assert import_settings(home, "", "second", year=2030).school == "Oak"
    with pytest.raises(UsageError) as caught:
        import_settings(home, "moodle")
    assert caught.value.code == "import-unsaid"
    with pytest.raises(UsageError) as caught:
        import_settings(home, "elsewhere", "second")
    assert caught.value.code == "import-of-another-site"


def test_the_year_of_the_bench_holds_the_sandboxs_courses():
    month, day = map(int, begins().split("-"))
    assert 1 <= month <= 12
    assert 1 <= day <= 28
