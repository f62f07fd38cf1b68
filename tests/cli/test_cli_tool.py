"""Learning tools at the command line, the whole way: from a document to students in the tool."""

import json

import pytest

from matricula.hub import Home
from matricula.moodle import Moodle
from matricula.sandbox.tools import running_tool

DOCUMENT = """\
kind: tool
name: kura
type: kuracloud
site: moodle
url: {url}
"""
STUDENT = 5


@pytest.fixture(scope="module")
def tool():
    with running_tool("school") as served:
        yield served


@pytest.fixture
def moodle(site):
    with Moodle(site.url, site.tokens["admin"]) as opened:
        yield opened


@pytest.fixture
def course(moodle):
    """A course with two students in it, one of them in two groups, and a teacher."""
    made = moodle.courses.create([{"fullname": "Biology 7a", "shortname": "bio-7a", "categoryid": 1}])[0].id
    people = [
        {
            "username": name,
            "firstname": name.title(),
            "lastname": "Lee",
            "email": f"{name}@x.example",
            "idnumber": f"N{name}",
            "password": "Geheim-7!",
        }
        for name in ("ann", "bo", "tess")
    ]
    ids = [each.id for each in moodle.users.create(people)]
    roles = (STUDENT, STUDENT, 3)
    rows = [{"roleid": role, "userid": user, "courseid": made} for role, user in zip(roles, ids, strict=True)]
    moodle.enrolments.enrol(rows)
    groups = moodle.groups.create(
        [{"courseid": made, "name": name, "description": ""} for name in ("First", "Second", "Other")]
    )
    moodle.groups.add_members([{"groupid": each.id, "userid": ids[0]} for each in groups[1::-1]])
    return made, ids


@pytest.fixture
def kura(desk, site, tool, token_file, tmp_path):
    """A home with a site and a tool whose tokens are kept."""
    Home.make(desk.home).store.close()
    file = tmp_path / "documents.yaml"
    file.write_text(f"kind: site\nname: moodle\nurl: {site.url}\n---\n" + DOCUMENT.format(url=tool.url))
    assert desk("load", file).status == 0
    assert desk("token", "moodle", "--token-file", token_file).status == 0
    (tmp_path / "kura").write_text(tool.token)
    assert desk("tool", "token", "kura", "--token-file", tmp_path / "kura").status == 0
    yield desk
    assert all(tool.token not in told for told in desk.heard), "a token was printed"


def test_a_connection_is_listed_tried_and_told(kura, tool):
    assert "never checked" in kura("tool").words
    assert kura("tool", "check").status == 0
    (listed,) = kura("tool", "list", "--json").json["tools"]
    assert (listed["standing"]["state"], listed["standing"]["display"]) == ("ok", "Brook School on kuraCloud")
    tool.faults.set(html={"times": 1})
    told = kura("tool", "check", "kura")
    assert (told.status, "web page came" in told.words) == (1, True)
    (listed,) = kura("tool", "list", "--json").json["tools"]
    assert (listed["standing"]["state"], listed["standing"]["display"]) == ("wrong", "Brook School on kuraCloud")


def test_courses_are_searched_and_mapped_one_to_one(kura, moodle, course, tool):
    assert [each["code"] for each in kura("tool", "courses", "kura", "--search", "bio", "--json").json["courses"]] == [
        "BIO-1",
        "BIO-2",
    ]
    assert "stands for 2 courses" in kura("tool", "map", "kura", "biology", "bio-7a").words
    assert "no course “nowhere”" in kura("tool", "map", "kura", "BIO-1", "nowhere").words
    assert kura("tool", "map", "kura", "BIO-1", "bio-7a").status == 0
    remote = int(kura("tool", "mapped", "--json").json["mappings"][0]["remote"])
    assert tool.state.course(remote)["lmsEnabled"]
    moodle.courses.create([{"fullname": "Biology 7b", "shortname": "bio-7b", "categoryid": 1}])
    assert "mapped already" in kura("tool", "map", "kura", "BIO-1", "bio-7b").words
    assert "mapped already" in kura("tool", "map", "kura", "BIO-2", "Biology 7a").words
    assert kura("tool", "unmap", "kura", "biology 7a").status == 0
    assert kura("tool", "map", "kura", "BIO-1", "bio-7b").status == 0


def test_a_mapping_survives_its_courses_and_says_so(kura, moodle, course, tool):
    number, _ = course
    kura("tool", "map", "kura", "PHY-1", number)
    remote = int(kura("tool", "mapped", "--json").json["mappings"][0]["remote"])

    def state():
        kura("tool", "check")
        return kura("tool", "mapped", "--json").json["mappings"][0]["state"]

    assert state() == "ok"
    gone = tool.state.remove_course(remote)
    assert state() == "tool-course-gone"
    tool.state.put_back(gone)
    assert state() == "ok"
    tool.state.switch(remote, enabled=False)
    assert state() == "disabled"
    tool.state.switch(remote, enabled=True)
    moodle.courses.delete([number])
    assert state() == "course-gone"
    assert "Moodle's course is not there" in kura("tool", "check").words


def test_a_roster_is_shown_by_name_and_written_as_shown(kura, moodle, course, tool):
    number, ids = course
    remote = tool.state.add_course("Chemistry of birds", "BIRDS", enabled=True)
    kura("tool", "map", "kura", remote, number)
    told = kura("tool", "roster", "kura", "bio")
    assert "Added: 2" in told.words
    assert "Ann Lee: ann@x.example, gets an invitation" in told.words
    assert tool.state.students(remote) == []
    preview = kura("tool", "roster", "kura", "bio", "--json").json
    assert kura("tool", "apply", preview["preview"]).status == 3
    assert kura("tool", "apply", preview["preview"], "--yes").status == 0
    ann, bo = tool.state.students(remote)
    assert (ann["givenName"], ann["externalStudentId"], ann["section"]) == ("Ann", "Nann", "First")
    assert (bo["email"], bo["section"]) == ("bo@x.example", "")
    assert kura("tool", "roster", "kura", "bio", "--json").json["changes"] == []
    moodle.enrolments.enrol([{"roleid": STUDENT, "userid": ids[1], "courseid": number, "suspend": True}])
    moodle.users.update([{"id": ids[0], "lastname": "Ray"}])
    told = kura("tool", "roster", "kura", "bio")
    assert "last name: Lee → Ray" in told.words
    assert "Bo Lee: bo@x.example, suspended" in told.words
    shown = kura("tool", "roster", "kura", "bio", "--json").json["preview"]
    tool.state.delete(remote, [{"studentId": bo["studentId"]}])
    told = kura("tool", "apply", shown, "--yes")
    assert (told.status, "not in the tool's course any more" in told.words) == (4, True)
    assert [each["familyName"] for each in tool.state.students(remote)] == ["Ray"]
    assert kura("tool", "show", shown, "--json").json["changes"][1]["outcome"] == "stale"
    assert kura("tool", "unmap", "kura", "bio").status == 0
    assert len(tool.state.students(remote)) == 1


def test_a_tool_is_taken_out_with_its_token_unless_courses_are_mapped(kura, course, site):
    kura("tool", "map", "kura", "CHE-1", course[0])
    told = kura("tool", "remove", "kura")
    assert (told.status, "1 course is mapped" in told.words) == (2, True)
    assert kura("tool", "remove", "kura", "--mapped").status == 0
    assert kura("tool", "list", "--json").json == {"tools": []}
    with Home(kura.home) as home:
        assert [each for each in home.store.secrets.all() if "kura" in each] == []
        assert home.store.tools.standings() == {}


BY_MAIL = "invitations: matricula\ninvitation_link: https://app.example/sign-in\n"
MAIL = "kind: service\nname: service\nmail:\n  host: localhost\n  port: 25\n  security: none\n  sender: m@x.example\n"


def test_matricula_invites_by_its_own_mail_where_the_tool_does_not(kura, course, tool, tmp_path):
    kura("tool", "map", "kura", "CHE-1", course[0])
    as_tool = kura("tool", "roster", "kura", str(course[0]), "--json").json["preview"]
    file = tmp_path / "tool.yaml"
    file.write_text(DOCUMENT.format(url=tool.url) + BY_MAIL)
    assert kura("load", file).status == 0
    assert "decided otherwise" in kura("tool", "apply", as_tool, "--yes").words
    told = kura("tool", "roster", "kura", str(course[0]))
    assert "ann@x.example, gets an invitation by Matricula's mail" in told.words
    assert "No mail server is set, so 2 people cannot be invited" in told.words
    number = kura("tool", "roster", "kura", str(course[0]), "--json").json["preview"]
    refused = kura("tool", "apply", number, "--yes")
    assert (refused.status, "no mail server is set" in refused.words) == (1, True)
    file.write_text(MAIL)
    assert kura("load", file).status == 0
    applied = kura("tool", "apply", number, "--yes")
    assert (applied.status, "2 invitations in the outbox: `matricula serve`" in applied.words) == (0, True)
    with Home(kura.home) as home:
        waiting = {each.target: json.loads(each.body) for each in home.store.sendings.all(state="waiting")}
    assert sorted(waiting) == ["ann@x.example", "bo@x.example"]
    assert waiting["bo@x.example"] == {
        "name": "Bo Lee",
        "tool": "Brook School on kuraCloud",
        "course": "Chemistry 1",
        "link": "https://app.example/sign-in",
    }


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("invitations: matricula\n", "need `invitation_link`"),
        (BY_MAIL.replace("invitations", "type: oneroster\ninvitations", 1), "nobody to invite"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_the_reason(kura, tool, tmp_path, more, reason):
    file = tmp_path / "tool.yaml"
    document = DOCUMENT.format(url=tool.url)
    file.write_text((document.replace("type: kuracloud\n", "") if "type:" in more else document) + more)
    told = kura("load", file)
    assert (told.status, reason in told.words) == (1, True)
