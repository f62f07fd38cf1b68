"""The recipes that come with Matricula, on services that speak as public facts say."""

import pytest
from rest_services import Classter, Isams, Service
from starlette.responses import Response

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.roster import Delivery
from matricula.sources import Surroundings, open_source

SECRETS = {"client_secret": Isams.SECRET, "token": Classter.TOKEN}


def read(settings, secrets=SECRETS) -> Delivery:
    return open_source(settings, Surroundings(secret=secrets.__getitem__)).deliver()


@pytest.fixture
def isams(service: Service) -> Isams:
    model = Isams()
    service.answer(model)
    return model


@pytest.fixture
def classter(service: Service) -> Classter:
    model = Classter()
    service.answer(model)
    return model


def test_isams_people_come_from_two_lists_with_ids_by_kind(isams, service):
    users = read(isams.settings(service)).roster().users
    told = users.select("sourcedId", "givenName", "familyName", "role", "email", "grades").rows()
    assert told == [
        ("pupil-0001", "Annie", "Lee", "student", "ann.lee@school.example", ["7"]),
        ("pupil-0002", "Ben", "Öst", "student", None, ["8"]),
        ("pupil-0003", "Cléo", "Lee", "student", "cléo.lee@school.example", ["8"]),
        ("staff-11", "Tom", "Hill", "teacher", "hill@school.example", None),
        ("staff-12", "Uma", "Iyer", "aide", "iyer@school.example", None),
    ]
    assert users["metadata.form"].to_list() == ["7A", "8B", "8B", None, None]


def test_isams_sets_become_classes_with_their_lists_and_hidden_ones_do_not(isams, service):
    roster = read(isams.settings(service)).roster()
    assert roster.classes.select("sourcedId", "title", "classCode", "courseSourcedId").rows() == [
        ("set-51", "7A/Sc1", "7ASC1", "subject-5"),
        ("set-53", "7B/Sc1", "7BSC1", "subject-5"),
    ]
    assert roster.enrollments.select("sourcedId", "classSourcedId", "userSourcedId").rows() == [
        ("set-51-pupil-0001", "set-51", "pupil-0001"),
        ("set-51-pupil-0002", "set-51", "pupil-0002"),
        ("set-53-pupil-0003", "set-53", "pupil-0003"),
    ]
    assert not any("/52/" in asked for asked in service.asked)


def test_isams_terms_of_the_year_alone_with_days_without_their_time(isams, service):
    roster = read(isams.settings(service)).roster()
    assert roster.academicSessions.select("sourcedId", "type", "schoolYear").rows() == [
        ("year-2027", "schoolYear", "2027"),
        ("term-1", "term", "2027"),
    ]
    assert str(roster.academicSessions["startDate"][1]) == "2026-09-03"
    assert [finding.code for finding in roster.findings] == ["required-blank"], list(map(str, roster.findings))


def test_isams_is_asked_for_one_token_and_every_page(isams, service):
    delivery = read(isams.settings(service))
    assert isams.tokens == 1
    assert [asked for asked in service.asked if "students?" in asked] == [
        "/api/students?page=1",
        "/api/students?page=2",
    ]
    assert "The call students (api/students) gave 3 rows." in delivery.notes


def test_isams_a_token_that_ends_half_way_is_renewed(isams, service):
    def ending(request, form):
        if request.url.path == "/api/teaching/sets" and isams.tokens == 1:
            return Response(status_code=401)
        return isams(request, form)

    service.answer(ending)
    assert read(isams.settings(service)).roster().enrollments.height == 3
    assert isams.tokens == 2


def test_isams_a_token_that_may_not_read_the_sets_is_refused_after_one_more(isams, service):
    def closed(request, form):
        return Response(status_code=401) if request.url.path == "/api/teaching/sets" else isams(request, form)

    service.answer(closed)
    with pytest.raises(SettingError) as refused:
        read(isams.settings(service))
    assert refused.value.code == "credentials-refused"
    assert isams.tokens == 2


def test_isams_a_total_that_does_not_fit_is_read_again_and_then_refused(isams, service):
    def lying(request, form):
        told = isams(request, form)
        if request.url.path == "/api/students":
            told["totalCount"] += 1
        return told

    service.answer(lying)
    with pytest.raises(WaitError, match="4 rows, and 3 came") as refused:
        read(isams.settings(service))
    assert refused.value.code == "rest-list-changing"
    assert service.asked.count("/api/students?page=1") == 3


def test_isams_a_pupil_who_comes_while_the_pages_are_read_makes_them_read_again(isams, service):
    def growing(request, form):
        if request.url.path == "/api/students" and request.query_params["page"] == "2" and len(isams.students) == 3:
            isams.students.insert(0, isams.student("0000", "Abe", "New"))
        return isams(request, form)

    service.answer(growing)
    users = read(isams.settings(service)).roster().users
    assert users["sourcedId"].to_list()[:4] == ["pupil-0000", "pupil-0001", "pupil-0002", "pupil-0003"]
    assert service.asked.count("/api/students?page=1") == 2


def test_isams_rows_that_move_between_pages_are_noticed_though_the_total_fits(isams, service):
    def moving(request, form):
        if request.url.path == "/api/students" and request.query_params["page"] == "2" and len(service.asked) < 4:
            isams.students = [isams.student("0000", "Abe", "New"), *isams.students[:2]]
        return isams(request, form)

    service.answer(moving)
    users = read(isams.settings(service)).roster().users
    assert users["sourcedId"].to_list()[:3] == ["pupil-0000", "pupil-0001", "pupil-0002"]


def test_isams_a_wrong_secret_is_refused_without_showing_it(isams, service):
    with pytest.raises(SettingError) as refused:
        read(isams.settings(service), {"client_secret": "wr0ng"})
    assert refused.value.code == "credentials-refused"
    assert "No token is given to the client matricula" in str(refused.value)
    assert "wr0ng" not in str(refused.value)


def test_isams_a_field_that_is_assumed_and_not_there_is_listed_with_the_names_there_are(isams, service):
    for each in isams.sets:
        each["subject"] = each.pop("subjectId")
    roster = read(isams.settings(service)).roster()
    (found,) = [finding for finding in roster.findings if finding.code == "path-nothing"]
    assert found.value == "$.subjectId"
    assert "id, name, code, yearGroup, hidden, subject" in found.message
    assert roster.classes.height == 2


def test_isams_teachers_are_added_by_a_school_that_knows_where_they_are(isams, service):
    for each in isams.sets:
        each["teachers"] = [{"employeeId": 11}, {"employeeId": 12}]
    teachers = {
        "table": "enrollments",
        "of": "sets",
        "each": "$.teachers",
        "fields": {
            "sourcedId": "set-{each$.id}-staff-{$.employeeId}",
            "classSourcedId": "set-{each$.id}",
            "userSourcedId": "staff-{$.employeeId}",
            "schoolSourcedId": "school",
            "role": "teacher",
        },
    }
    roster = read(isams.settings(service, records={"teachers": teachers})).roster()
    taught = roster.enrollments.filter(role="teacher").select("classSourcedId", "userSourcedId").rows()
    assert taught == [(a, b) for a in ("set-51", "set-53") for b in ("staff-11", "staff-12")]


def test_classter_is_read_until_a_page_is_empty(classter, service):
    delivery = read(classter.settings(service))
    users = delivery.roster().users
    assert users["sourcedId"].to_list() == [f"student-{number}" for number in range(1, 6)]
    assert users["grades"].to_list() == [["7"]] * 5
    assert service.asked == [f"/api/students?PageNumber={number}" for number in (1, 2, 3, 4)]


def test_classter_claims_nothing_of_people_to_be_complete(classter, service):
    roster = read(classter.settings(service)).roster()
    assert roster.scope.complete == {"orgs"}


def test_classter_a_service_that_does_not_heed_the_page_is_noticed(classter, service):
    classter.page_size = 5
    service.answer(lambda *_: classter.students)
    with pytest.raises(MatriculaError, match="same page again") as refused:
        read(classter.settings(service))
    assert refused.value.code == "rest-same-page"
    assert len(service.asked) == 2


def test_classter_a_school_adds_a_condition_and_fields_of_its_own(classter, service):
    classter.students[0]["registrationStatus"] = "Withdrawn"
    school = {"records": {"students": {
        "where": '@.registrationStatus == "Registered"',
        "fields": {"metadata.stream": {"value": "$.customFieldDropDown1", "map": {3: "Sciences"}}, "grades": None},
    }}}  # fmt: skip
    roster = read(classter.settings(service, **school)).roster()
    assert roster.users["sourcedId"].to_list() == ["student-2", "student-3", "student-4", "student-5"]
    assert roster.users["metadata.stream"].to_list() == ["Sciences"] * 4
    assert roster.users["grades"].to_list() == [None] * 4


def test_classter_a_wrong_token_is_refused_without_showing_it(classter, service):
    with pytest.raises(SettingError) as refused:
        read(classter.settings(service), {"token": "wr0ng"})
    assert refused.value.code == "credentials-refused"
    assert "matricula source secret" in str(refused.value)
    assert "wr0ng" not in str(refused.value)
