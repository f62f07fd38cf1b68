"""Rules of a real Moodle that a synchroniser meets, beyond the recorded transcripts."""

import pytest
from sandbox_callers import person

from matricula.sandbox.fixtures import add_token
from matricula.sandbox.functions.gradebook import add_activity

MISSING = 987654


def code(answer):
    return answer["errorcode"]


def enrolled(ask, course, **options):
    wishes = [{"name": name, "value": value} for name, value in options.items()]
    fields = [{"name": "userfields", "value": "id"}]
    users = ask("core_enrol_get_enrolled_users", courseid=course, options=wishes + fields)
    return [user["id"] for user in users]


def test_the_site_course_tells_whether_a_role_may_be_given_and_writes_nothing(ask):
    def enrol(role):
        return ask("enrol_manual_enrol_users", enrolments=[{"roleid": role, "userid": 2, "courseid": 1}])

    for assignable in (1, 3, 4, 5):
        assert code(enrol(assignable)) == "wsnoinstance"
    for other in (2, 6, 7, 8, 999):
        assert code(enrol(other)) == "wsusercannotassign"


def test_ids_are_not_used_again_after_a_rollback(ask):
    first = ask("core_user_create_users", users=[person("ann")])[0]["id"]
    assert code(ask("core_user_create_users", users=[person("bob"), person("ann")])) == "invalidparameter"
    assert ask("core_user_create_users", users=[person("cyd")])[0]["id"] == first + 2


def test_text_compares_without_case_and_accents_as_mariadb_does(ask):
    make = {"fullname": "x", "shortname": "Café", "categoryid": 1}
    ask("core_course_create_courses", courses=[make])
    assert code(ask("core_course_create_courses", courses=[make | {"shortname": "CAFE "}])) == "shortnametaken"
    found = ask("core_course_get_courses_by_field", field="shortname", value="cafe")
    assert [course["shortname"] for course in found["courses"]] == ["Café"]


def test_too_long_a_text_is_a_database_error(ask):
    long = person("ann", idnumber="i" * 256)
    assert code(ask("core_user_create_users", users=[long])) == "dmlwriteexception"


def test_a_course_moved_into_a_missing_category_stays_there_and_breaks_the_search(ask, class_of):
    course, _ = class_of()
    moved = ask("core_course_update_courses", courses=[{"id": course, "categoryid": MISSING}])
    assert [warning["itemid"] for warning in moved["warnings"]] == [course]
    found = ask("core_course_get_courses", options={"ids": [course]})
    assert found[0]["categoryid"] == MISSING
    searched = ask("core_course_search_courses", criterianame="search", criteriavalue="C1")
    assert code(searched) == "invalidrecordunknown"


def test_enrolling_again_erases_dates_and_keeps_roles(ask, class_of):
    course, (ann,) = class_of("ann")
    row = {"userid": ann, "courseid": course}
    ask("enrol_manual_enrol_users", enrolments=[row | {"roleid": 5, "timeend": 1500000000}])
    assert enrolled(ask, course, onlyactive=1) == []
    ask("enrol_manual_enrol_users", enrolments=[row | {"roleid": 3}])
    assert enrolled(ask, course, onlyactive=1) == [ann]
    roles = ask("core_enrol_get_enrolled_users", courseid=course)[0]["roles"]
    assert [role["roleid"] for role in roles] == [3, 5]


def test_the_last_enrolment_ends_roles_groups_and_grades_for_good(ask, site, class_of):
    course, (ann,) = class_of("ann")
    cmid = add_activity(site.state, course, "assign", "Essay", 10)
    group = ask("core_group_create_groups", groups=[{"courseid": course, "name": "7A", "description": ""}])
    ask("core_group_add_group_members", members=[{"groupid": group[0]["id"], "userid": ann}])
    grade = {"source": "x", "courseid": course, "component": "mod_assign", "activityid": cmid}
    ask("core_grades_update_grades", **grade, itemnumber=0, grades=[{"studentid": ann, "grade": 7}])

    def total():
        return ask("gradereport_overview_get_course_grades", userid=ann)["grades"]

    assert total() == [{"courseid": course, "grade": "7.00", "rawgrade": "7.00000"}]
    ask("enrol_manual_unenrol_users", enrolments=[{"userid": ann, "courseid": course}])
    ask("enrol_manual_enrol_users", enrolments=[{"roleid": 5, "userid": ann, "courseid": course}])
    assert total() == [{"courseid": course, "grade": "-", "rawgrade": None}]
    members = ask("core_group_get_group_members", groupids=[group[0]["id"]])
    assert members[0]["userids"] == []


def test_a_grade_above_the_maximum_is_clamped(ask, site, class_of):
    course, (ann,) = class_of("ann")
    cmid = add_activity(site.state, course, "assign", "Essay", 10)
    written = ask(
        "core_grades_update_grades", source="x", courseid=course, component="mod_assign", activityid=cmid,
        itemnumber=0, grades=[{"studentid": ann, "grade": 99}],
    )  # fmt: skip
    items = ask("gradereport_user_get_grade_items", courseid=course, userid=ann)["usergrades"][0]["gradeitems"]
    assert written == 0
    assert [item["graderaw"] for item in items] == [10, 10]


def test_suspending_a_linked_courses_source_enrolment_suspends_in_the_link(ask, class_of):
    source, (ann,) = class_of("ann", shortname="SRC")
    target, _ = class_of(shortname="TGT")
    ask("enrol_meta_add_instances", instances=[{"metacourseid": target, "courseid": source}])
    assert enrolled(ask, target, onlyactive=1) == [ann]
    row = {"roleid": 5, "userid": ann, "courseid": source, "suspend": 1}
    ask("enrol_manual_enrol_users", enrolments=[row])
    assert enrolled(ask, target, onlyactive=1) == []
    ask("enrol_manual_unenrol_users", enrolments=[{"userid": ann, "courseid": source}])
    assert enrolled(ask, target, onlysuspended=1) == [ann]


def test_a_copied_course_brings_its_people_unless_told_otherwise(ask, class_of):
    course, people = class_of("ann", "bob")
    wanted = {"courseid": course, "fullname": "Copy", "categoryid": 1}
    whole = ask("core_course_duplicate_course", **wanted, shortname="whole")
    bare = ask("core_course_duplicate_course", **wanted, shortname="bare", options=[{"name": "users", "value": 0}])
    assert enrolled(ask, whole["id"]) == people
    assert enrolled(ask, bare["id"]) == []


def test_an_unknown_criterion_finds_everybody_and_says_so(ask):
    found = ask("core_user_get_users", criteria=[{"key": "shoesize", "value": "44"}])
    assert len(found["users"]) == 3
    assert found["warnings"][0]["item"] == "shoesize"


@pytest.fixture
def teacher(ask, site, class_of):
    """A teacher of one course, with a token and leave to use web services."""
    course, (ann,) = class_of("ann")
    other, _ = class_of(shortname="C2")
    row = {"roleid": 3, "userid": ann, "courseid": course}
    ask("enrol_manual_enrol_users", enrolments=[row])
    site.state.run("INSERT INTO role_capability VALUES ('webservice/rest:use', 7)")
    return ask.as_token(add_token(site.state, "teacher", ann, 1)), course, other


def test_a_teacher_reads_and_enrols_in_his_course_alone(ask, teacher):
    he, course, other = teacher
    bob = ask("core_user_create_users", users=[person("bob")])[0]["id"]

    def enrol(role, where):
        return he("enrol_manual_enrol_users", enrolments=[{"roleid": role, "userid": bob, "courseid": where}])

    assert enrol(5, course) is None
    assert code(enrol(3, course)) == "wsusercannotassign"
    assert code(enrol(5, other)) == "requireloginerror"
    assert bob in enrolled(he, course)
    assert code(he("core_user_create_users", users=[person("cyd")])) == "nopermissions"
    assert code(he("core_course_create_categories", categories=[{"name": "x"}])) == "nopermissions"


def test_a_caller_sees_only_whom_he_may(ask, teacher):
    he, _, _ = teacher
    ask("core_user_create_users", users=[person("bob")])
    assert he("core_user_get_users_by_field", field="username", values=["bob"]) == []


def test_a_suspended_accounts_token_is_refused(ask, teacher):
    he, _, _ = teacher
    ann = ask("core_user_get_users_by_field", field="username", values=["ann"])[0]["id"]
    ask("core_user_update_users", users=[{"id": ann, "suspended": 1}])
    assert code(he("core_webservice_get_site_info")) == "wsaccessusersuspended"


def test_a_key_signs_on_by_the_field_the_plugin_is_set_to(ask):
    ask("core_user_create_users", users=[person("ann")])
    url = ask("auth_userkey_request_login_url", user={"email": "ann@school.example"})["loginurl"]
    assert "/auth/userkey/login.php?key=" in url
    for wrong in ({"username": "ann"}, {"email": "nobody@school.example"}):
        assert code(ask("auth_userkey_request_login_url", user=wrong)) == "invalidparameter"
