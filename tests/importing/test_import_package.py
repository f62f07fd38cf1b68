"""The package: read without a finding, there as a whole or not at all, and never in the place of something else."""

import csv
import stat
import zipfile
from pathlib import Path

import pytest
from import_bench import account_rows, as_roster, course, importing, of, place, site, small, total
from import_bench import user as account

from matricula.errors import StopError
from matricula.importing import package
from matricula.importing.package import files_in, write_package
from matricula.importing.package_rows import GRADEBOOK, score
from matricula.sources import open_source

TOTALS = {(3, 6): total(85.5, feedback="Well done", graded_at=1782000000), (3, 7): total(0.0)}


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_the_own_source_reads_it_by_the_letter_of_the_standard(tmp_path):
    roster = as_roster(importing(small(), totals=TOTALS), tmp_path / "package")
    assert roster.findings == ()
    assert roster.counts() == {
        "orgs": 2,
        "academicSessions": 4,
        "courses": 2,
        "classes": 2,
        "users": 3,
        "roles": 3,
        "enrollments": 6,
    }
    assert roster.scope.complete == frozenset(roster.counts())


def test_older_courses_end_with_their_year_and_those_of_this_year_do_not(tmp_path):
    roster = as_roster(importing(small()), tmp_path / "package")
    ends = dict(roster.enrollments.select("classSourcedId", "endDate").unique().iter_rows())
    assert {key: end and end.isoformat() for key, end in ends.items()} == {"ART": None, "moodle-course-3": "2026-07-31"}


def test_totals_are_results_of_a_line_item_with_its_category():
    files = files_in(importing(small(), totals=TOTALS), of())
    assert list(lines(files["categories.csv"])[0]) == list(GRADEBOOK["categories"])
    (item,) = lines(files["lineItems.csv"])
    assert item["classSourcedId"] == "moodle-course-3"
    assert item["academicSessionSourcedId"] == "year-2026-whole"
    assert item["resultValueMax"] == "100"
    first, second = lines(files["results.csv"])
    assert (first["studentSourcedId"], first["score"], first["scoreStatus"]) == ("S1", "85.5", "fully graded")
    assert (first["comment"], first["scoreDate"]) == ("Well done", "2026-06-21")
    assert (second["score"], second["scoreDate"]) == ("0", "2026-07-31")


def test_without_totals_there_is_no_gradebook():
    files = files_in(importing(small()), of())
    assert not {f"{name}.csv" for name in GRADEBOOK} & set(files)
    assert "file.results,absent" in files["manifest.csv"].splitlines()


def test_who_teaches_and_studies_has_both_roles():
    seen = site([account(5)], [course(2), course(3)], [place(2, 5, "teacher"), place(3, 5, "student")])
    roles = lines(files_in(importing(seen), of())["roles.csv"])
    assert [(row["roleType"], row["role"]) for row in roles] == [("primary", "teacher"), ("secondary", "student")]


def test_own_fields_are_columns_and_those_of_opensis_are_not():
    fields = [{"moodle": "house", "to": "metadata.house"}, {"moodle": "x", "to": "students.custom_1"}]
    seen = site([account(5, custom_fields={"house": "Oak", "x": "1"})])
    (row,) = account_rows(importing(seen, unenrolled="students", fields=fields))
    assert row["metadata.house"] == "Oak"
    assert "students.custom_1" not in row


@pytest.mark.parametrize(("value", "told"), [(85.5, "85.5"), (90.0, "90"), (0.0, "0"), (33.33333333, "33.33333")])
def test_points_are_written_as_people_write_them(value, told):
    assert score(value) == told


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_it_takes_the_place_of_an_older_one_and_leaves_nothing_beside(tmp_path: Path, name):
    path = tmp_path / "below" / name
    write_package(importing(small(), totals=TOTALS), of(), path)
    write_package(importing(small()), of(), path)
    roster = open_source({"type": "oneroster-csv", "path": str(path)}).deliver().roster()
    assert roster.users.height == 3
    assert [each.name for each in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_nobody_else_may_read_it(tmp_path: Path, name):
    path = tmp_path / name
    write_package(importing(small()), of(), path)
    told = [path, *path.iterdir()] if path.is_dir() else [path]
    assert {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in told} == {0}


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_what_no_import_wrote_is_left_as_it_is(tmp_path: Path, name):
    path = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("manifest.csv", "propertyName,value\n")
    else:
        path.mkdir()
        (path / "users.csv").write_text("mine")
    before = path.stat().st_mtime_ns
    with pytest.raises(StopError) as caught:
        write_package(importing(small()), of(), path)
    assert caught.value.code == "import-not-ours"
    assert path.stat().st_mtime_ns == before


def test_a_file_of_somebody_elses_in_our_package_is_left_as_it_is(tmp_path: Path):
    path = tmp_path / "package"
    write_package(importing(small()), of(), path)
    (path / "notes.txt").write_text("mine")
    with pytest.raises(StopError):
        write_package(importing(small()), of(), path)


@pytest.mark.parametrize("name", ["package", "package.zip"])
def test_when_writing_fails_the_old_one_is_there_as_it_was(tmp_path: Path, name, monkeypatch):
    path = tmp_path / name
    write_package(importing(small()), of(), path)

    def fails(self: Path, target: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    monkeypatch.setattr(package, "_write_folder", _half_written)
    with pytest.raises(StopError) as caught:
        write_package(importing(site([account(5)]), unenrolled="staff"), of(), path)
    assert caught.value.code == "import-not-written"
    roster = open_source({"type": "oneroster-csv", "path": str(path)}).deliver().roster()
    assert roster.users.height == 3
    assert [each.name for each in tmp_path.iterdir()] == [name]


_written = package._write_folder


def _half_written(files, path):
    """As a disk that is full at the last file."""
    count = len(files)
    real = Path.write_text

    def limited(self, text, **how):
        nonlocal count
        count -= 1
        if count <= 0:
            raise OSError(28, "No space left on device")
        return real(self, text, **how)

    Path.write_text = limited
    try:
        _written(files, path)
    finally:
        Path.write_text = real


def test_an_old_package_returns_where_the_new_one_cannot_take_its_place(tmp_path: Path, monkeypatch):
    path = tmp_path / "package"
    write_package(importing(small()), of(), path)
    real, moves = Path.rename, []

    def second_fails(self: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == 2:
            raise OSError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(StopError):
        write_package(importing(small()), of(), path)
    assert (path / "users.csv").is_file()
    assert [each.name for each in tmp_path.iterdir()] == ["package"]
