"""Learning tools that offer OneRoster: what is read of them, what is not, and how they are signed in to."""

import pytest
from oneroster_tool_server import oneroster_tool, settings_of

from gradebook_service import KEY, SECRET, Gradebooks, refusal, running
from matricula.errors import SettingError, StopError
from matricula.tools import ToolSettings, ToolSurroundings, open_tool
from matricula.tools.oneroster import READ_ONLY
from matricula.tools.protocol import CourseGoneError, NewStudent, Question, StudentGrades


@pytest.fixture(scope="module", params=[("1.2", "client-credentials"), ("1.1", "oauth1"), ("1.2", "bearer")])
def standing(request):
    with oneroster_tool(*request.param) as (running_tool, tool):
        yield running_tool.served, tool


@pytest.fixture
def served(standing) -> Gradebooks:
    standing[0].reset()
    return standing[0]


@pytest.fixture
def tool(standing, served):
    return standing[1]


def graded(served: Gradebooks, **results):
    """A line item of the first class, and results of students."""
    served.tables["lineItems"]["quiz"] = {
        "sourcedId": "quiz",
        "status": "active",
        "title": "Quiz",
        "class": {"sourcedId": "alg-1"},
        "resultValueMax": 20,
    }
    for student, told in results.items():
        served.tables["results"][student] = {
            "sourcedId": student,
            "status": "active",
            "lineItem": {"sourcedId": "quiz"},
            "student": {"sourcedId": student},
            **told,
        }


def test_classes_are_courses(tool):
    told = {each.id: (each.name, each.code) for each in tool.courses()}
    assert told == {"alg-1": ("Class alg-1", "ALG-1"), "bio-2": ("Class bio-2", "BIO-2")}


def test_students_of_a_class_have_address_and_number(tool):
    ann = tool.students("alg-1")[0]
    assert (ann.id, ann.email, ann.given, ann.family) == ("ann", "ann@school.example", "Ann", "Lee")
    assert ann.number == "no-ann"
    assert tool.students("alg-1", deleted=True) == []


def test_the_tool_is_named_after_the_organisation_above_all(tool, served):
    district = {"sourcedId": "d", "status": "active", "name": "District", "type": "district"}
    served.orgs = [{**served.orgs[0], "parent": {"sourcedId": "d"}}, district]
    assert (tool.instance().id, tool.instance().name) == ("d", "District")


def test_a_tool_without_organisations_is_named_after_its_address(tool, served):
    served.orgs = []
    assert tool.instance().name == "127.0.0.1"


def test_grades_are_lessons_of_one_revision_and_one_question(tool, served):
    graded(served, ann={"scoreStatus": "fully graded", "score": 25.5}, bo={"scoreStatus": "fully graded", "score": 0})
    (lesson,) = tool.grades("alg-1", 60)
    (revision,) = lesson.revisions
    assert (lesson.id, lesson.title, revision.title) == ("quiz", "Quiz", "Quiz")
    assert revision.questions == (Question("quiz", 20.0),)
    assert revision.students == (
        StudentGrades("ann", None, {"quiz": 25.5}),
        StudentGrades("bo", None, {"quiz": 0.0}),
    )
    assert tool.grades("bio-2", 60) == ()


@pytest.mark.parametrize(
    "told", [{"scoreStatus": "exempt", "score": 0}, {"scoreStatus": "not submitted"}, {"scoreStatus": "submitted"}]
)
def test_who_is_excused_or_has_no_score_has_no_points(tool, served, told):
    graded(served, ann=told)
    assert tool.grades("alg-1", 60)[0].revisions[0].students[0].questions == {"quiz": None}


@pytest.mark.parametrize("score", ["a lot", "NaN", True])
def test_a_score_that_is_no_number_stops(tool, served, score):
    graded(served, ann={"scoreStatus": "fully graded", "score": score})
    with pytest.raises(StopError):
        tool.grades("alg-1", 60)


@pytest.mark.parametrize("missing", ["lineItems", "results"])
def test_grades_of_a_class_that_are_not_there_are_not_taken_for_none(tool, served, missing):
    graded(served, ann={"scoreStatus": "fully graded", "score": 1})
    served.before.append(lambda _s, _m, path: refusal(404, "unknown") if path.endswith(missing) else None)
    with pytest.raises(CourseGoneError):
        tool.grades("alg-1", 60)


def test_rosters_are_not_written_and_it_is_said_why(tool, served):
    assert not tool.abilities.writes_rosters
    new = NewStudent("x@school.example", "X", "Y")
    told = [tool.add("alg-1", [new]), tool.edit("alg-1", tool.students("alg-1")[:1])]
    told += [tool.delete("alg-1", ["ann"]), tool.restore("alg-1", ["ann"])]
    assert {(each.state, each.reason) for rows in told for each in rows} == {("refused", READ_ONLY)}
    assert {method for method, _, _ in served.asked} == {"GET"}


def test_a_service_that_is_elsewhere_is_told_by_its_address():
    with running(Gradebooks("1.2", "bearer")) as served:
        settings = settings_of(served, f"{served.address}/elsewhere")
        with open_tool(settings, ToolSurroundings(lambda: SECRET)) as tool, pytest.raises(SettingError) as met:
            tool.courses()
    assert met.value.code == "service-address"
    assert "rostering/v1p2" in met.value.remedy


@pytest.mark.parametrize(
    "changes",
    [{"url": "http://tool.example"}, {"token_url": "https://x.example/t"}, {"token_url": "http://x.example"}],
)
def test_settings_that_cannot_be_are_refused(changes):
    client = {"client_id": KEY} if changes.get("token_url", "").startswith("http:") else {}
    told = {"name": "orbit", "type": "oneroster", "url": "https://tool.example"} | client | changes
    with pytest.raises(SettingError) as met:
        open_tool(ToolSettings(**told), ToolSurroundings(lambda: SECRET))
    assert met.value.code == "tool-settings"
