"""Edits made in a real Moodle: found by field and put back; and none is found where nobody made any."""

from __future__ import annotations

from typing import Any

import pytest
from corridor import Corridor
from real_site import ON_A_REAL_SITE
from small_school import SmallSchool

from matricula.moodle.plugin_calls import ENROL

pytestmark = ON_A_REAL_SITE

PROFILE = "kind: profile\nname: default\nsource: school\nsite: moodle\n"
#: Every field that Moodle might keep in a form of its own, kept in step.
IN_STEP = """
users:
  fields:
    department: "R&D <3  {{person.familyName}} "
    institution: " Oak & Söhne "
    city: ""
    country: ""
    lang: {{value: "", write: in-step}}
    timezone: {{value: "Europe/Berlin", write: in-step}}
    description: {{value: "a <b>bold</b> & x < y", write: in-step}}
    interests: {{value: "chess,go & more", write: in-step}}
    mailformat: {{value: plain, write: in-step}}
    maildisplay: {{value: course, write: in-step}}
    phone1: " 0123 &4 "
    address: "x  y"
  profile_fields: {{nobody-made-it: "{{person.id}}"}}
courses:
  fields:
    fullname: "{{group.title}} & “more” '{{group.id}}' "
    shortname: {{value: "{mark} {{group.code}}", write: in-step}}
    idnumber: {{value: "{{group.id}}", write: in-step}}
    summary: {{value: "<p>Hello & <script>x</script> welcome</p>", write: in-step}}
    format: {{value: {format}, write: in-step}}
    lang: {{value: "", write: in-step}}
    numsections: {{value: 7, write: in-step}}
    newsitems: {{value: 3, write: in-step}}
    maxbytes: {{value: 1048576, write: in-step}}
    groupmode: {{value: visible, write: in-step}}
    visible: {{value: true, write: in-step}}
  custom_fields: {{nobody-made-it: x}}
groups: [{{name: "G & {{group.title}}", idnumber: "{{group.id}}g"}}]
drift: {{default: put-back}}
"""


def deliver(corridor: Corridor, school: SmallSchool, rules: str) -> None:
    corridor.home.load(PROFILE + rules, "test", corridor.folder)
    school.write(corridor.folder)
    planned = corridor.plan()
    assert corridor.hub.apply(planned.number, planned.words).left == 0


def nothing_is_found(corridor: Corridor) -> None:
    assert corridor.hub.plan("default", full=True).changes.rows() == []
    assert corridor.hub.store.drift.all("default") == []


@pytest.mark.parametrize("course_format", ["topics", "weeks", "social"])
def test_what_was_just_written_has_not_drifted(corridor: Corridor, mark: str, course_format: str) -> None:
    school = SmallSchool(mark)
    deliver(corridor, school, IN_STEP.format(mark=mark, format=course_format))
    nothing_is_found(corridor)
    deliver(corridor, school.without(3).renamed(4, "R&B"), IN_STEP.format(mark=mark, format=course_format))
    nothing_is_found(corridor)


def test_edits_are_found_by_field_and_put_back(corridor: Corridor, mark: str) -> None:
    school = SmallSchool(mark)
    rules = "enrolments: {gone: suspend-without-roles}\ndrift: {default: put-back, user: {email: accept}}"
    deliver(corridor, school, rules)
    deliver(corridor, school.without(3), rules)
    nothing_is_found(corridor)
    by_hand(corridor, mark)
    planned = corridor.hub.plan("default", full=True)
    assert {tuple(row) for row in planned.changes.select("kind", "action").rows()} == {
        ("user", "update"),
        ("user", "suspend"),
        ("course", "update"),
        ("enrolment", "revive"),
        ("enrolment", "suspend"),
    }
    assert corridor.hub.apply(planned.number).left == 0
    assert [(each.field, each.state) for each in corridor.hub.store.drift.all("default")] == [("email", "accepted")]
    assert corridor.hub.plan("default", full=True).changes.rows() == []


def by_hand(corridor: Corridor, mark: str) -> None:
    known: dict[str, dict[str, Any]] = {
        kind: dict(corridor.hub.store.ledger.frame("default", kind).select("key", "moodle_id").iter_rows())
        for kind in ("user", "course")
    }
    users, courses = known["user"], known["course"]
    with corridor.moodle() as moodle:
        moodle.users.update(
            [
                {"id": users[f"{mark}-s0"], "firstname": "Edited & Co"},
                {"id": users[f"{mark}-s1"], "email": f"{mark}other@school.example"},
                {"id": users[f"{mark}-s3"], "suspended": 0},
            ]
        )
        moodle.courses.update([{"id": courses[f"{mark}-cl0"], "fullname": "Edited & 'it'"}])
        enrolments = [
            {"roleid": 5, "userid": users[f"{mark}-s{pupil}"], "courseid": courses[f"{mark}-cl{pupil % 4}"]}
            | {"suspended": suspended}
            for pupil, suspended in ((5, True), (3, False))
        ]
        if moodle.plugin.offers(ENROL):  # what was written is of Matricula's own method
            dates = {"method": "matricula", "timestart": 0, "timeend": 0}
            assert not any(outcome.code for outcome in moodle.plugin.enrol([row | dates for row in enrolments]))
        else:
            moodle.enrolments.enrol([row | {"suspend": row.pop("suspended")} for row in enrolments])
