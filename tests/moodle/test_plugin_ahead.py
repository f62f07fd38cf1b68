"""What is read ahead is what is read when it is asked for, with fewer calls."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from random_school import RandomSchool

from matricula.moodle import Asked, Moodle, Refused
from matricula.sandbox import running

ACCOUNT = ("id", "username", "email", "suspended")
ENROLMENT = ("id", "courseid", "userid", "roles")


class Ahead(NamedTuple):
    """A site with a school, its client, and how often it has been asked for a snapshot."""

    site: Any
    school: RandomSchool
    moodle: Moodle

    def snapshots(self) -> int:
        return self.site.faults.seen()["calls"].get("local_matricula_get_snapshot", 0)

    def asked_by(self, kind, fields, where=None):
        """What is told, and by how many further calls."""
        before = self.snapshots()
        told = self.moodle.plugin.snapshot(kind, fields, where)
        return told, self.snapshots() - before


@pytest.fixture
def here() -> Iterator[Ahead]:
    with running("empty", plugins=True) as site:
        school = RandomSchool(site.state, 3)
        with Moodle(site.url, site.tokens["admin"]) as moodle:
            yield Ahead(site, school, moodle)


@pytest.mark.parametrize(
    ("asked", "kind", "fields", "where"),
    [
        (Asked("user", ACCOUNT), "user", ACCOUNT, None),
        (Asked("user", ACCOUNT), "user", ("suspended", "id"), None),
        (Asked("user", ACCOUNT), "user", ("id", "email"), {"id": [5, 3, 999]}),
        (Asked("user", ACCOUNT), "user", ("username",), {"id": []}),
        (Asked("user", ACCOUNT, {"id": [3, 4, 5]}), "user", ("username",), {"id": [4, 5]}),
        (Asked("enrolment", ENROLMENT), "enrolment", ENROLMENT, {"courseid": [2, 3]}),
    ],
)
def test_taken_out_of_what_was_read(here, asked, kind, fields, where):
    plain = here.moodle.plugin.snapshot(kind, fields, where)
    with here.moodle.plugin.ahead([asked]):
        here.moodle.plugin.snapshot(kind, fields, where)  # by now it has been read
        told, calls = here.asked_by(kind, fields, where)
    assert told.equals(plain)
    assert not calls


@pytest.mark.parametrize(
    ("asked", "kind", "fields", "where"),
    [
        (Asked("user", ACCOUNT), "course", ("id",), None),
        (Asked("user", ACCOUNT), "user", (*ACCOUNT, "city"), None),
        (Asked("user", ACCOUNT), "user", (), None),
        (Asked("user", ACCOUNT), "user", ACCOUNT, {"email": ["USER2@school.example"]}),
        (Asked("user", ACCOUNT, {"id": [3, 4]}), "user", ACCOUNT, {"id": [4, 5]}),
        (Asked("user", ACCOUNT, {"id": [3, 4]}), "user", ACCOUNT, None),
        (Asked("enrolment", ENROLMENT[:-1]), "enrolment", ENROLMENT, None),
        (Asked("enrolment", ("id", "userid")), "enrolment", ("id",), {"courseid": [2, 3]}),
    ],
)
def test_what_was_not_read_is_asked_for(here, asked, kind, fields, where):
    plain = here.moodle.plugin.snapshot(kind, fields, where)
    with here.moodle.plugin.ahead([asked]):
        here.moodle.plugin.snapshot(asked.kind, asked.fields, asked.where)
        told, calls = here.asked_by(kind, fields, where)
    assert told.equals(plain)
    assert calls


def test_what_could_not_be_read_is_asked_for(here):
    with here.moodle.plugin.ahead([Asked("user", (*ACCOUNT, "profile_field_nosuch"))]):
        told, calls = here.asked_by("user", ACCOUNT)
        assert told.height
        assert calls
        with pytest.raises(Refused):
            here.moodle.plugin.snapshot("user", ("profile_field_nosuch",))


def test_nothing_is_kept_of_it(here):
    with here.moodle.plugin.ahead([Asked("user", ACCOUNT)]):
        here.moodle.plugin.snapshot("user", ACCOUNT)
    assert here.asked_by("user", ACCOUNT)[1] == 1


def test_a_site_without_the_plugin_is_left_alone():
    with running("school") as site, Moodle(site.url, site.tokens["admin"]) as moodle:
        with moodle.plugin.ahead([Asked("user", ACCOUNT)]):
            pass
        assert not moodle.plugin.there
        assert "local_matricula_get_snapshot" not in site.faults.seen()["calls"]
