"""The functions of the plugin local_matricula as a sandbox plays them, row by row."""

import json

import pytest
from sandbox_callers import Caller

from matricula.sandbox import Sandbox, running
from matricula.sandbox.functions.gradebook import set_grade


@pytest.fixture
def site():
    with running("empty", plugins=True) as served:
        yield served


@pytest.fixture
def send(ask):
    """Sends rows to a function of the plugin; gives the outcomes."""

    def to(name, *rows, **more):
        answer = ask(f"local_matricula_{name}", rows=json.dumps(rows), **more)
        assert "outcomes" in answer, answer
        return json.loads(answer["outcomes"])

    return to


@pytest.fixture
def taken(ask):
    """What a snapshot tells, as rows."""

    def of(kind, **where):
        asked = {"kind": kind} | ({"filter": json.dumps(where)} if where else {})
        columns = json.loads(ask("local_matricula_get_snapshot", **asked)["columns"])
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    return of


def enrolment(course, user, **more):
    return {"courseid": course, "userid": user, "roleid": 5, "method": "matricula", "suspended": False, **more}


def codes(outcomes):
    return [outcome.get("code", "done") for outcome in outcomes]


def test_without_the_option_a_site_does_not_know_them():
    with running("empty") as bare:
        ask = Caller(bare)
        assert ask("local_matricula_get_site")["errorcode"] == "invalidrecordunknown"
        names = {each["name"] for each in ask("core_webservice_get_site_info")["functions"]}
        assert not [name for name in names if name.startswith("local_matricula")]


def test_a_file_and_a_reset_keep_the_plugins(tmp_path):
    file = str(tmp_path / "site.db")
    Sandbox("empty", database=file, plugins=True).close()
    kept = Sandbox("empty", database=file)
    assert kept.state.plugins
    kept.reset()
    assert kept.state.plugins
    kept.close()


def test_who_may_not_synchronise_is_refused(site, ask):
    site.state.run("DELETE FROM role_capability WHERE capability = 'local/matricula:synchronise'")
    site.state.run("INSERT INTO role_capability VALUES ('webservice/rest:use', 7)")
    plain = ask.as_token(site.tokens["plain"])
    for name, params in {"get_site": {}, "get_stamps": {}, "enrol": {"rows": "[]"}}.items():
        assert plain(f"local_matricula_{name}", **params)["errorcode"] == "nopermissions"


def test_enrolments_by_the_own_method(site, send, taken, class_of):
    course, (ann, bob) = class_of("ann", "bob")
    (made,) = send("enrol", enrolment(course, ann, timestart=10, timeend=2000000000))
    rows = {row["method"]: row for row in taken("enrolment", userid=[ann])}
    assert set(rows) == {"manual", "matricula"}
    assert (rows["matricula"]["id"], rows["matricula"]["timestart"]) == (made["id"], 10)
    (again,) = send("enrol", enrolment(course, ann, suspended=True, id=made["id"]))
    assert again == made
    assert [row["status"] for row in taken("enrolment", id=[made["id"]])] == [1]
    assert codes(send("enrol", enrolment(course, bob, id=made["id"]))) == ["other"]
    owned = site.state.all("SELECT component FROM role_assignments WHERE userid = ? ORDER BY component", ann)
    assert [row["component"] for row in owned] == ["", "enrol_matricula"]


def test_one_bad_row_costs_one_row(site, send, class_of, taken):
    course, (ann,) = class_of("ann")
    site.state.run("UPDATE enrol SET status = 1 WHERE enrol = 'manual' AND courseid = ?", course)
    outcomes = send(
        "enrol",
        enrolment(course, 999),
        enrolment(999, ann),
        enrolment(course, ann, roleid=7),
        enrolment(course, ann, method="manual"),
        enrolment(course, ann, method="meta"),
        {"courseid": course},
        enrolment(course, ann),
    )
    assert codes(outcomes) == ["nouser", "nocourse", "norole", "noinstance", "failed", "failed", "done"]
    site.state.set_setting("off_enrol_matricula", "1")
    assert codes(send("enrol", enrolment(course, ann))) == ["noplugin"]
    assert len(taken("enrolment")) == 2


def test_rows_that_the_database_refuses(site, send, class_of):
    course, (ann, bob) = class_of("ann", "bob")
    site.faults.set(refuse_rows=[f"userid={ann}"])
    assert codes(send("enrol", enrolment(course, ann), enrolment(course, bob))) == ["failed", "done"]


def test_a_deadlock_takes_the_whole_call_back(site, ask, class_of, taken):
    course, (ann,) = class_of("ann")
    site.faults.set(deadlock={"times": 1, "function": "local_matricula_enrol"})
    rows = json.dumps([enrolment(course, ann)])
    assert ask("local_matricula_enrol", rows=rows)["errorcode"] == "dmlwriteexception"
    assert [row["method"] for row in taken("enrolment")] == ["manual"]


def test_ending_one_enrolment_leaves_the_other(send, taken, class_of):
    course, (ann,) = class_of("ann")
    (made,) = send("enrol", enrolment(course, ann))
    row = {"courseid": course, "userid": ann, "method": "matricula"}
    assert codes(send("unenrol", row | {"id": made["id"] + 1})) == ["other"]
    assert codes(send("unenrol", row, row, row | {"courseid": 999})) == ["done"] * 3
    assert [(each["method"], each["roles"]) for each in taken("enrolment")] == [("manual", "5")]


def test_roles_by_hand_and_of_the_own_method_are_taken_others_stay(site, send, class_of, ask):
    course, (ann,) = class_of("ann")
    cohort = {"categorytype": {"type": "system", "value": ""}, "name": "A", "idnumber": "a"}
    made = ask("core_cohort_create_cohorts", cohorts=[cohort])[0]["id"]
    send("save_cohort_syncs", {"courseid": course, "cohortid": made, "roleid": 4, "groupid": 0})
    member = {"cohorttype": {"type": "id", "value": made}, "usertype": {"type": "id", "value": ann}}
    ask("core_cohort_add_cohort_members", members=[member])
    send("enrol", enrolment(course, ann))
    assert codes(send("take_roles", *({"courseid": course, "userid": ann, "roleid": role} for role in (4, 5, 3)))) == [
        "done",
        "done",
        "done",
    ]
    left = site.state.all("SELECT roleid, component FROM role_assignments WHERE userid = ?", ann)
    assert [tuple(row.values()) for row in left] == [(4, "enrol_cohort")]


def test_moving_an_enrolment_keeps_everything_but_the_method(site, send, taken, class_of, ask):
    course, (ann, bob) = class_of("ann", "bob")
    send("unenrol", {"courseid": course, "userid": bob, "method": "manual"})
    (item,) = send("save_grade_items", {"courseid": course, "idnumber": "x", "name": "X", "max": 10, "min": 0})
    send("save_grades", {"courseid": course, "itemid": item["id"], "userid": ann, "grade": 7})
    before = taken("enrolment")
    row = {"courseid": course, "userid": ann}
    told = {"id": before[0]["id"], "from": "manual", "grades": 1}
    assert send("move_enrolments", row, row | {"userid": bob}, preview=1)[0] == told
    assert taken("enrolment") == before
    outcomes = send("move_enrolments", row, row | {"userid": bob}, row | {"courseid": 9}, row | {"userid": 9999}, row)
    assert outcomes[0] == told
    assert codes(outcomes) == ["done", "notmanual", "nocourse", "nouser", "done"]
    assert outcomes[4]["from"] == "matricula"
    (after,) = taken("enrolment")
    changed = {name for name in after if after[name] != before[0][name]}
    assert changed == {"method", "instanceid"}


def test_grades_of_items_by_hand(site, send, class_of):
    course, (ann, bob) = class_of("ann", "bob")
    row = {"courseid": course, "idnumber": "t1", "name": "Test 1", "max": 20, "min": 0, "category": "Tests"}
    (item,) = send("save_grade_items", row)
    assert send("save_grade_items", row | {"name": "Test One"}, row | {"id": item["id"]}) == [item, item]
    wrong = [row | {"id": 9999}, row | {"idnumber": "t2", "max": 0}]
    assert codes(send("save_grade_items", *wrong)) == ["noitem", "failed"]
    category = site.state.value("SELECT categoryid FROM grade_items WHERE id = ?", item["id"])
    assert send("save_grade_items", {name: row[name] for name in row if name != "category"}) == [item]
    assert site.state.value("SELECT categoryid FROM grade_items WHERE id = ?", item["id"]) == category

    def grade(user, points, **more):
        return {"courseid": course, "itemid": item["id"], "userid": user, "grade": points, **more}

    written, beyond, nobody, noitem = send(
        "save_grades", grade(ann, 12.5, feedback="Good"), grade(ann, 21), grade(3, 1), grade(ann, 1, itemid=9999)
    )
    assert written["grade"] == 12.5
    assert codes([beyond, nobody, noitem]) == ["beyond", "notenrolled", "noitem"]
    set_grade(site.state, item["id"], bob, 3, overridden=1)
    assert codes(send("save_grades", grade(bob, 4))) == ["overridden"]
    assert send("save_grades", grade(ann, None))[0]["grade"] is None
    site.state.update("grade_items", item["id"], locked=1)
    assert codes(send("save_grades", grade(ann, 1))) == ["locked"]
    assert codes(send("delete_grade_items", {"courseid": course, "id": item["id"]})) == ["done"]
    assert not site.state.all("SELECT 1 FROM grade_items WHERE idnumber = 't1'")


def test_copies_links_and_fields(site, send, class_of, ask):
    course, _ = class_of("ann")
    site.state.insert("course_field", shortname="term", name="Term")
    row = {"templateid": course, "fullname": "Copy", "shortname": "C2", "categoryid": 1, "idnumber": "K2"}
    (made,) = send("copy_courses", row | {"visible": False, "startdate": 86400, "customfields": {"term": "1"}})
    copied = ask("core_course_get_courses", options={"ids": [made["id"]]})[0]
    assert (copied["idnumber"], copied["visible"], copied["startdate"]) == ("K2", 0, 86400)
    assert copied["customfields"][0]["valueraw"] == "1"
    assert not site.state.all(
        "SELECT 1 FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid WHERE courseid = ?", made["id"]
    )
    wrong = [row, row | {"shortname": "C3"}, row | {"templateid": 99}, row | {"categoryid": 99, "shortname": "C4"}]
    assert codes(send("copy_courses", *wrong)) == ["taken", "taken", "nocourse", "nocategory"]
    link = {"courseid": made["id"], "linkedid": course}
    first, second = send("save_links", link, link)
    assert first == second
    wrong = [link | {"linkedid": 99}, link | {"linkedid": made["id"]}]
    assert codes(send("save_links", *wrong)) == ["nocourse", "failed"]
    assert codes(send("delete_links", link, link)) == ["done", "done"]
    assert not site.state.all("SELECT 1 FROM enrol WHERE enrol = 'meta'")
    site.state.insert("course_field", shortname="level", name="Level", datatype="select", choices="Low\nHigh")
    values = [{"term": "2", "level": "High"}, {"none": "2"}, {"level": "Middle"}]
    outcomes = send("save_course_fields", *({"courseid": course, "fields": each} for each in values))
    assert codes(outcomes) == ["done", "nofield", "badvalue"]
    kept = site.state.all("SELECT data FROM course_data WHERE courseid = ? ORDER BY fieldid", course)
    assert [row["data"] for row in kept] == ["2", "2"]


def test_a_synchronised_cohort_enrols_its_members(site, send, taken, class_of, ask):
    course, (ann, bob) = class_of("ann", "bob")
    cohort = {"categorytype": {"type": "system", "value": ""}, "name": "A", "idnumber": "a"}
    key = ask("core_cohort_create_cohorts", cohorts=[cohort])[0]["id"]

    def member(user):
        return {"cohorttype": {"type": "id", "value": key}, "usertype": {"type": "id", "value": user}}

    ask("core_cohort_add_cohort_members", members=[member(ann)])
    sync = {"courseid": course, "cohortid": key, "roleid": 5}
    assert codes(send("save_cohort_syncs", sync, sync | {"cohortid": 99}, sync | {"roleid": 7})) == [
        "done",
        "nocohort",
        "norole",
    ]
    ask("core_cohort_add_cohort_members", members=[member(bob)])
    ask("core_cohort_delete_cohort_members", members=[{"cohortid": key, "userid": ann}])
    assert [row["userid"] for row in taken("enrolment") if row["method"] == "cohort"] == [bob]
    assert codes(send("delete_cohort_syncs", sync, sync)) == ["done", "done"]
    assert not [row for row in taken("enrolment") if row["method"] == "cohort"]


def test_silence_and_site(site, ask, class_of):
    course, _ = class_of("ann")
    outcomes = json.loads(ask("local_matricula_silence", courseids=json.dumps([course, 99]))["outcomes"])
    assert codes(outcomes) == ["done", "nocourse"]
    site.state.set_setting("sendcoursewelcomemessage", "0")
    told = ask("local_matricula_get_site")
    assert json.loads(told["settings"])["welcome"] is False
    roles = {role["shortname"]: role for role in json.loads(told["roles"])}
    assert (roles["student"]["id"], roles["student"]["assignable"], roles["user"]["assignable"]) == (5, True, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nosuch"},
        {"kind": "user", "fields": '["shoe"]'},
        {"kind": "user", "fields": "{"},
        {"kind": "user", "filter": '{"city": ["A"]}'},
        {"kind": "user", "filter": '{"id": [1], "email": ["a"]}'},
        {"kind": "user", "filter": '{"id": 1}'},
    ],
)
def test_snapshots_that_cannot_be(ask, wrong):
    assert ask("local_matricula_get_snapshot", **wrong)["errorcode"] == "invalidparameter"


def test_pages_of_a_snapshot(ask, class_of):
    class_of("ann", "bob", "cem")
    first = ask("local_matricula_get_snapshot", kind="enrolment", fields='["userid"]', limit=2)
    second = ask("local_matricula_get_snapshot", kind="enrolment", fields='["userid"]', limit=2, after=first["next"])
    assert (first["count"], second["count"], second["next"]) == (2, 1, 0)
    assert len(json.loads(first["columns"])["userid"] + json.loads(second["columns"])["userid"]) == 3
