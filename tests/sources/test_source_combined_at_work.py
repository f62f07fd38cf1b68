"""People of a real directory and classes of a school's files: read by the hub, planned, and what goes wrong."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from deliveries import ROSTER_11, deliver, user
from directory_school import OAK, PASSWORD, READER, oak, schools, settings
from slapd_server import Slapd

from matricula.cli.main import run
from matricula.errors import SettingError
from matricula.hub.deliveries import Reader, keep_secret
from matricula.hub.home import Home
from matricula.sandbox import Running, running

LOGINS = {1: "ann", 2: "ben", 3: "cleo"}


def load(home: Home, *documents: dict[str, object]) -> None:
    home.load("\n---\n".join(map(json.dumps, documents)), "school.yaml", Path.cwd())


def source(name: str, **told: object) -> dict[str, object]:
    return {"kind": "source", "name": name} | told


def school(folder: Path) -> dict[str, object]:
    """The school's files, in which people have numbers that the directory knows, and no logins."""
    users = [user(n, "teacher" if n == 1 else "student", username=f"sis{n}", identifier=f"N-{login}", email="")
             for n, login in LOGINS.items()]  # fmt: skip
    return source("sis", type="oneroster-csv", path=str(deliver(folder / "sis", ROSTER_11 | {"users": users})))


BOTH = source("both", type="combined", courses="sis", people="ad", join="identifier")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home.make(tmp_path / "home") as made:
        yield made


def test_the_hub_reads_both(home: Home, tmp_path: Path) -> None:
    load(home, school(tmp_path), source("ad", **settings(bind_dn=READER)), BOTH)
    keep_secret(home, "ad", "password", PASSWORD)
    said: list[str] = []
    roster = Reader(home, said.append).read("both")
    assert dict(roster.users.select("sourcedId", "username").iter_rows()) == {
        "u1": "ann",
        "u2": "ben",
        "u3": "cleo",
    }
    assert [home.store.kept.last(name).counts["users"] for name in ("sis", "ad", "both")] == [3, 6, 3]
    assert any(line.startswith("users 1") for line in said)
    assert [finding.sourced_id for finding in roster.findings if finding.code == "combined-only-people"]


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([source("ad", type="combined", courses="sis", people="both", join="email")], "source-circle"),
        ([source("both", type="combined", courses="sis", people="both", join="email")], "source-circle"),
        ([source("both", type="combined", courses="sis", people="nobody", join="email")], "source-unknown"),
    ],
)
def test_circles_and_unknown_names(home: Home, tmp_path: Path, documents: list[dict], code: str) -> None:
    others = [each for each in (BOTH,) if each["name"] not in {document["name"] for document in documents}]
    load(home, school(tmp_path), *others, *documents)
    with pytest.raises(SettingError) as error:
        Reader(home).read("both")
    assert error.value.code == code
    assert error.value.remedy


def test_a_refusal_of_one_side_leaves_what_was_kept(home: Home, tmp_path: Path) -> None:
    load(home, school(tmp_path), source("ad", **settings()), BOTH)
    Reader(home).read("both")
    before = home.store.kept.delivery("both")
    load(home, source("ad", **settings(users=[{"base": f"ou=empty,{OAK}", "role": "student"}])))
    with pytest.raises(Exception, match="empty answer"):
        Reader(home).read("both")
    kept = home.store.kept.delivery("both")
    assert kept is not None
    assert before is not None
    assert kept.drafts["users"].frame.equals(before.drafts["users"].frame)


class Desk:
    """A person at the command line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *arguments: object) -> tuple[int, str]:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = run(["--home", str(self._folder), *map(str, arguments)])
        return status, " ".join(out.getvalue().split())


PROFILE = {"kind": "profile", "name": "default", "source": "both", "site": "moodle", "enabled": True}


def test_from_directory_and_files_to_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRICULA_SOURCE_AD_PASSWORD", PASSWORD)
    certificate = schools().authority.certificate("localhost")
    own = Slapd(tmp_path / "slapd", {OAK: oak()}, certificate=certificate)
    directory = settings(url=own.url, bind_dn=READER)
    clubs = {"base": f"ou=clubs,{OAK}", "make": "cohorts", "column": "club", "most": 2}
    cohorts = [{"name": f"{{person.metadata.{each}}}", "idnumber": f"club-{{person.metadata.{each}.id}}"}
               for each in ("club", "club.2")]  # fmt: skip
    with own, running("empty") as site:
        with Home.make(tmp_path / "home") as home:
            load(
                home,
                school(tmp_path),
                source("ad", **directory, groups=[clubs]),
                BOTH,
                {"kind": "site", "name": "moodle", "url": site.url},
                PROFILE | {"cohorts": cohorts},
            )
            home.keep_token("moodle", site.tokens["admin"])
        desk = Desk(tmp_path / "home")
        status, told = desk("plan")
        assert status == 0, told
        assert "create 3 users" in told
        assert desk("apply", 1)[0] == 0
        status, told = desk("plan")
        assert "Nothing to do" in told
        assert _cohorts(site) == {("Chess", "ben"), ("Chess", "cleo"), ("Choir", "ben")}

        with Home(tmp_path / "home") as home:
            good = home.store.kept.delivery("both")
            load(home, source("ad", **directory, groups=[clubs | {"base": f"ou=empty,{OAK}"}]))
        status, told = desk("plan")
        assert (status, "An empty answer is taken for a fault" in told) == (1, True), told
        own.kill()
        status, told = desk("plan")
        assert (status, "is out of reach" in told, "Connection refused" in told) == (1, True, True), told
        with Home(tmp_path / "home") as home:
            still = home.store.kept.delivery("both")
        assert good is not None
        assert still is not None
        assert still.drafts["users"].frame.equals(good.drafts["users"].frame)
        assert PASSWORD not in told


def _cohorts(site: Running) -> set[tuple[str, str]]:
    """Names of cohorts and logins of who is in them."""
    rows = site.state.all(
        "SELECT cohort.name, user.username FROM cohort_members JOIN cohort ON cohort.id = cohortid "
        "JOIN user ON user.id = userid"
    )
    return {(row["name"], row["username"]) for row in rows}
