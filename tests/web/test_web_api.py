"""The API: its description, documents, refusals, pages and requests that are carried out once."""

import json

import pytest
from web_browser import Caller, words

SITE = "kind: site\nname: moodle\nurl: https://moodle.example # ours\n"
SOURCE = "kind: source\nname: sis\ntype: oneroster-csv\npath: roster\n"
PROFILE = "kind: profile\nname: school\nsource: sis\nsite: moodle\n"
ALL = "---\n".join((SITE, SOURCE, PROFILE))


@pytest.fixture
def call(owner):
    return Caller(owner)


@pytest.fixture
def school(service, tmp_path):
    service.home.load(ALL, "a file", tmp_path)
    return service


def ask(call, kind="check", **more):
    return call("POST", "/jobs", {"kind": kind, "site": "moodle"}, **more)


def test_who_asks_is_told(call):
    assert call("GET", "/me").json() == {
        "name": "owner-0",
        "display": "The owner",
        "token": None,
        "roles": [{"role": "owner", "site": "*"}],
    }


def test_refusals_are_problem_details(call, browser):
    nobody = browser.get("/api/v1/me")
    assert (nobody.status_code, nobody.headers["content-type"]) == (401, "application/problem+json")
    unknown = call("GET", "/plans/77")
    assert unknown.status_code == 404
    assert unknown.json()["code"] == "plan-unknown"
    assert unknown.json()["title"] == "There is no plan 77."
    assert unknown.json()["instance"] == "/api/v1/plans/77"
    assert call("GET", "/plans/x").status_code == 404
    assert call("GET", "/jobs?limit=0").status_code == 422
    assert call("GET", "/nowhere").status_code == 404


def test_a_session_needs_the_header_of_its_forms(owner, school):
    answer = owner.post("/api/v1/jobs", json={"kind": "check", "site": "moodle"})
    assert answer.status_code == 403
    assert school.jobs.all() == []


def test_documents_go_in_and_come_out_as_written(call, service):
    saved = call("POST", "/documents", {"body": ALL})
    assert [(each["kind"], each["revision"]) for each in saved.json()] == [("site", 1), ("source", 1), ("profile", 1)]
    found = call("GET", "/documents/site/moodle")
    assert found.headers["etag"] == '"1"'
    assert found.json()["body"] == SITE
    assert found.json()["content"]["url"] == "https://moodle.example"
    assert [each.act for each in service.store.audit.find(act="profile.")] == ["profile.saved"]


def test_two_who_edit_at_once(call, school):
    text = PROFILE + "enabled: false\n"
    first = call("PUT", "/documents/profile/school", {"body": text}, If_Match='"1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = call("PUT", "/documents/profile/school", {"body": PROFILE}, If_Match='"1"')
    assert second.status_code == 409
    assert second.json()["code"] == "document-newer"
    assert [each["revision"] for each in call("GET", "/documents/profile/school/revisions").json()] == [1, 2]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (PROFILE.replace("school", "other"), 400, "document-of-another-name"),
        (PROFILE + "enabled: perhaps\n", 422, "document-refused"),
        ("kind: [", 422, "not-yaml"),
    ],
)
def test_faulty_documents_are_refused_in_words(call, school, body, status, code):
    refused = call("PUT", "/documents/profile/school", {"body": body})
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_an_operator_of_one_site_changes_its_profiles_alone(sign_in_as, school):
    operator = Caller(sign_in_as("operator", "moodle"))
    assert operator("PUT", "/documents/profile/school", {"body": PROFILE + "enabled: false\n"}).status_code == 200
    assert operator("PUT", "/documents/source/sis", {"body": SOURCE}).status_code == 200
    elsewhere = PROFILE.replace("site: moodle", "site: another")
    assert operator("PUT", "/documents/profile/school", {"body": elsewhere}).status_code == 403
    # Whoever sets a site's address decides where its token goes.
    assert operator("PUT", "/documents/site/moodle", {"body": SITE}).status_code == 403
    assert operator("GET", "/documents/service/service").status_code == 404
    stranger = Caller(sign_in_as("operator", "another"))
    assert stranger("GET", "/documents").json() == []
    assert stranger("GET", "/documents/profile/school").status_code == 404
    assert stranger("POST", "/jobs", {"kind": "check", "site": "moodle"}).status_code == 403


def test_the_same_request_again_gets_the_same_answer(call, school):
    first, again = ask(call, Idempotency_Key="k1"), ask(call, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    school.jobs.cancel(first.json()["id"], "somebody")
    assert ask(call, Idempotency_Key="k1").json() == first.json()
    assert ask(call, Idempotency_Key="k2").json()["id"] != first.json()["id"]
    other = call("POST", "/jobs", {"kind": "purge"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (400, "idempotency-key-used")


def test_the_keys_of_others_are_others(call, sign_in_as, school):
    first = ask(call, Idempotency_Key="k1").json()
    school.jobs.cancel(first["id"], "somebody")
    assert ask(Caller(sign_in_as("operator")), Idempotency_Key="k1").json()["id"] != first["id"]


def test_a_refused_request_may_be_sent_again(call, school):
    refused = call("POST", "/jobs", {"kind": "plan", "profile": "nobody"}, Idempotency_Key="k")
    assert refused.status_code == 404
    again = call("POST", "/jobs", {"kind": "plan", "profile": "nobody"}, Idempotency_Key="k")
    assert again.status_code == 404


def test_a_request_under_way_is_not_begun_again(call, school):
    import datetime as dt

    first = ask(call, Idempotency_Key="seen")
    kept = school.store.answered.begin("owner-0", "seen", "another", dt.datetime.now(dt.UTC))
    assert json.loads(kept.body)["id"] == first.json()["id"]
    school.store.answered.forget("owner-0", "seen")
    school.store.answered.begin("owner-0", "seen", kept.digest, dt.datetime.now(dt.UTC))
    assert ask(call, Idempotency_Key="seen").status_code == 409


def test_lists_come_in_pages(call, school):
    for number in range(5):
        school.jobs.cancel(ask(call).json()["id"], f"somebody {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"/jobs?limit=2{cursor and '&cursor=' + cursor}").json()
        seen += [each["id"] for each in page["items"]]
        assert len(page["items"]) <= 2
        cursor = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    for wrong in ("x", "WzFd!", "W10", "[1]", "WyJhIl0", "ééé"):
        assert call("GET", f"/jobs?cursor={wrong}").status_code == 400


def test_a_job_is_asked_for_looked_at_and_cancelled(call, school):
    job = ask(call).json()
    assert (job["kind"], job["state"], job["asked_by"]) == ("check", "waiting", "owner-0")
    assert call("GET", f"/jobs/{job['id']}").json()["site"] == "moodle"
    assert call("GET", f"/jobs/{job['id']}/lines").json() == {"items": [], "next": None}
    assert call("POST", f"/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    assert call("POST", f"/jobs/{job['id']}/cancel").json()["code"] == "job-ended"
    assert call("POST", f"/jobs/{job['id']}/retry").json()["state"] == "waiting"


def test_a_viewer_starts_nothing(sign_in_as, school):
    viewer = Caller(sign_in_as("viewer"))
    assert ask(viewer).status_code == 403
    assert viewer("POST", "/jobs", {"kind": "purge"}).status_code == 403
    assert school.jobs.all() == []


def test_the_description_is_there_for_programs_and_for_people(browser):
    told = browser.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert "/api/v1/jobs" in told["paths"]
    page = browser.get("/api/v1/docs")
    assert page.status_code == 200
    assert "POST /api/v1/jobs" in words(page)


def test_every_request_and_field_is_described(browser):
    told = browser.get("/api/v1/openapi.json").json()
    bare = [
        f"{method} {path}"
        for path, each in told["paths"].items()
        for method, one in each.items()
        if not one.get("description")
    ]
    for name, schema in told["components"]["schemas"].items():
        bare += [f"{name}.{field}" for field, one in schema.get("properties", {}).items() if not one.get("description")]
    own = [each for each in bare if not each.startswith("Days.")]
    assert own == []


def test_who_has_changed_is_said_and_joined(call, sign_in_as, school):
    first = call("POST", "/profiles/school/changed", {"changed": ["4711", "7B"]})
    assert (first.status_code, first.json()["kind"]) == (202, "changed")
    assert call("POST", "/profiles/school/changed", {"changed": ["4712"]}).json()["id"] == first.json()["id"]
    assert school.store.wishes.waiting() == {"school": 3}
    assert call("POST", "/profiles/school/changed", {"changed": []}).status_code == 422
    assert call("POST", "/profiles/other/changed", {"changed": ["a"]}).status_code == 404
    viewer = Caller(sign_in_as("viewer"))
    assert viewer("POST", "/profiles/school/changed", {"changed": ["a"]}).status_code == 403
    assert school.store.wishes.waiting() == {"school": 3}


def test_naming_ones_own_profile_does_not_let_one_read_anothers_source(sign_in_as, school, tmp_path):
    other = ALL.replace("moodle", "theirs").replace("sis", "their-sis").replace("school", "their-school")
    school.home.load(other, "a file", tmp_path)
    operator = Caller(sign_in_as("operator", "moodle"))
    asked = {"kind": "read", "profile": "school", "arguments": {"source": "their-sis"}}
    assert operator("POST", "/jobs", asked).status_code == 403
    assert school.jobs.all() == []
    assert operator("POST", "/jobs", {"kind": "read", "profile": "school"}).status_code == 202


def test_a_token_stays_with_the_address_it_was_made_for(call, school):
    school.home.keep_token("moodle", "0123456789abcdef")
    assert call("PUT", "/documents/site/moodle", {"body": SITE + "callers: 3\n"}).status_code == 200
    assert school.home.has_token(school.home.site("moodle"))
    moved = SITE.replace("moodle.example", "elsewhere.example")
    assert call("PUT", "/documents/site/moodle", {"body": moved}).status_code == 200
    assert not school.home.has_token(school.home.site("moodle"))
