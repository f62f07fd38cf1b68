"""The same school into the same real Moodle, by Moodle's own External database plugins and by Matricula."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import processes
from bench.figures import Figure
from bench.prepared import PROFILE, TOKEN_VARIABLE, Prepared, Size, prepare
from bench.real_moodle import ROOT_VARIABLE, RealMoodle, Server
from bench.real_moodle import TOKEN_VARIABLE as MOODLE_TOKEN_VARIABLE
from bench.site import Site

SIZE = Size(people=5_000, classes=300, enrolments=30_000)
FIRST_LOAD_BOUND = 0.6
VERIFICATION_BOUND = 1.0
UNCHANGED_BOUND = 1.0
TABLES = "matricula_bench"
"""The database that the plugins read."""
# The same for both: accounts of the same sign-on that keep no password in Moodle, courses in the default category.
RULES = """\
users: {auth: db, password: none}
categories: {levels: []}
"""
_TASKS = (r"\auth_db\task\sync_users", r"\enrol_database\task\sync_enrolments")
_MADE = ("user WHERE auth = 'db' AND deleted = 0", "course WHERE id > 1", "user_enrolments")


@dataclass(frozen=True)
class Took:
    """Seconds of one way.

    Args:
        first: the first load.
        unchanged: a run with nothing changed.
        verified: a complete verification; 0 where the way has none.
        told: what they consist of.
    """

    first: float
    unchanged: float
    verified: float
    told: str


def possible() -> bool:
    """Whether a Moodle is named that the measurement may use."""
    return RealMoodle.named() is not None


def measure(size: Size, rounds: int) -> list[Figure]:
    """Load a school into a real Moodle both ways, then run both with nothing changed.

    The Moodle's database is put back as it was at the end.

    Args:
        size: of the school.
        rounds: how often; the medians count.

    Raises:
        RuntimeError: no Moodle is named, or one of the two did not load everything.
    """
    moodle = RealMoodle.named()
    if moodle is None:
        raise RuntimeError(f"{ROOT_VARIABLE} and {MOODLE_TOKEN_VARIABLE} name no Moodle that may be overwritten")
    with TemporaryDirectory(prefix="matricula-bench-") as named, moodle.served():
        folder = Path(named)
        moodle.server.dump(moodle.database, folder / "before.sql")
        try:
            moodle.forget()  # what it remembers of a database that somebody put back by hand
            _read_tables(moodle, moodle.server)
            moodle.server.dump(moodle.database, folder / "fresh.sql")
            took = [_both(moodle, folder, str(number), size) for number in range(rounds)]
        finally:
            moodle.put_back(folder / "before.sql")
            moodle.server.run(f"DROP DATABASE IF EXISTS {TABLES}")
    theirs, ours = [each[0] for each in took], [each[1] for each in took]
    return _figures(theirs, ours)


def _figures(theirs: list[Took], ours: list[Took]) -> list[Figure]:
    told = f"External database: {theirs[-1].told}; Matricula: {ours[-1].told}"
    return [
        Figure(
            "first load / External database's",
            median(each.first for each in ours) / median(each.first for each in theirs),
            FIRST_LOAD_BOUND,
            "×",
            told,
        ),
        Figure("verification", median(each.verified for each in ours), VERIFICATION_BOUND, "s", "in the service"),
        Figure(
            "nothing changed / External database's",
            median(each.unchanged for each in ours) / median(each.unchanged for each in theirs),
            UNCHANGED_BOUND,
            "×",
            ", ".join(f"{a.unchanged:.2f} s of theirs, {b.unchanged:.2f} s" for a, b in zip(theirs, ours, strict=True)),
        ),
    ]


def _both(moodle: RealMoodle, folder: Path, number: str, size: Size) -> tuple[Took, Took]:
    prepared = prepare(folder / number, Site(moodle.url, moodle.token), size, "fresh", RULES)
    _publish(moodle.server, prepared)
    moodle.put_back(folder / "fresh.sql")
    theirs = _theirs(moodle)
    loaded = _loaded(moodle)
    published = tuple(moodle.server.count(f"{TABLES}.matricula_{kind}") for kind in ("user", "course", "enrolment"))
    if loaded != published:
        raise RuntimeError(f"the plugins loaded {loaded} of {published} people, courses, enrolments")
    moodle.put_back(folder / "fresh.sql")
    ours = _ours(prepared)
    if _loaded(moodle) != loaded:
        raise RuntimeError(f"the plugins loaded {loaded}, Matricula {_loaded(moodle)}: people, courses, enrolments")
    return theirs, ours


def _loaded(moodle: RealMoodle) -> tuple[int, int, int]:
    people, courses, enrolments = map(moodle.count, _MADE)
    return people, courses, enrolments


def _publish(server: Server, prepared: Prepared) -> None:
    """Fill the plugins' tables with just what Matricula would write to the site."""
    server.run(f"DROP DATABASE IF EXISTS {TABLES}; CREATE DATABASE {TABLES} CHARACTER SET utf8mb4")
    to = f"mariadb://{server.user}@{server.host}:{server.port}/{TABLES}"
    password = {"MATRICULA_PUBLISH_PASSWORD": server.password, TOKEN_VARIABLE: prepared.site.token}
    home = str(prepared.folder / "home")
    processes.run(["-m", "matricula", "--home", home, "publish", PROFILE, "--to", to, "--yes"], password)


def _theirs(moodle: RealMoodle) -> Took:
    first = [moodle.task(name) for name in _TASKS]
    unchanged = [moodle.task(name) for name in _TASKS]
    people, courses, enrolments = _loaded(moodle)
    told = (
        f"{people:,} people in {first[0]:.1f} s, {courses:,} courses and {enrolments:,} enrolments in {first[1]:.1f} s"
    )
    return Took(sum(first), sum(unchanged), 0, f"{told}; nothing changed: {unchanged[0]:.2f} and {unchanged[1]:.2f} s")


def _ours(prepared: Prepared) -> Took:
    prepared.matricula("check", "bench")
    used = prepared.matricula("run", PROFILE, "--yes")
    home = str(prepared.folder / "home")
    said = processes.run(["-m", "bench.in_service", home, PROFILE], {TOKEN_VARIABLE: prepared.site.token})
    took = json.loads(said.output)
    told = f"{used.wall:.1f} s, {used.processor:.1f} s of it the client's processor time"
    return Took(used.wall, took["run"], took["verify"], told)


def _read_tables(moodle: RealMoodle, server: Server) -> None:
    """Have Moodle's External database plugins read the published tables, as docs/publish.md has it."""
    shared = {"host": server.address, "user": server.user, "pass": server.password, "name": TABLES}
    enrol = {f"db{name}": value for name, value in shared.items()} | {
        "dbtype": "mysqli",
        "dbsetupsql": "SET NAMES 'utf8mb4'",
        "dbsybasequoting": 1,
        "localcoursefield": "idnumber",
        "localuserfield": "username",
        "localrolefield": "shortname",
        "localcategoryfield": "idnumber",
        "remoteenroltable": "matricula_enrolment",
        "remotecoursefield": "course_idnumber",
        "remoteuserfield": "username",
        "remoterolefield": "role",
        "unenrolaction": 2,  # ENROL_EXT_REMOVED_SUSPEND
        "newcoursetable": "matricula_course",
        "newcoursecategory": "category",
    }
    enrol |= {f"newcourse{name}": name for name in ("fullname", "shortname", "idnumber", "startdate", "enddate")}
    auth: dict[str, object] = shared | {
        "type": "mysqli",
        "setupsql": "SET NAMES 'utf8mb4'",
        "sybasequoting": 0,
        "table": "matricula_user",
        "fielduser": "username",
        "fieldpass": "matricula_key",
        "passtype": "md5",  # passwords that are kept elsewhere: none is made
        "removeuser": 1,  # AUTH_REMOVEUSER_SUSPEND
        "updateusers": 1,
    }
    for name in ("firstname", "lastname", "email", "idnumber"):
        auth |= {f"field_map_{name}": name, f"field_updatelocal_{name}": "onlogin"}
    moodle.settings({"enrol_database": enrol, "auth_db": auth})
    moodle.enable("enrol_plugins_enabled", "database")
    moodle.enable("auth", "db")
