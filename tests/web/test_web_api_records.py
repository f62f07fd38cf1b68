"""The API on people, what waits, mappings tried, files handed over: what the console's pages do, for programs."""

import pytest
from set_up_person import all_done, school_files, zipped
from web_browser import Caller

DOCUMENTS = """\
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: sis
path: {folder}
---
kind: profile
name: school
source: sis
site: moodle
"""


@pytest.fixture
def call(owner):
    return Caller(owner)


@pytest.fixture
def school(service, tmp_path):
    school_files(tmp_path / "csv")
    service.home.load(DOCUMENTS.format(folder=tmp_path / "csv"), "a file", tmp_path)
    service.jobs.ask("read", profile="school", by="test")
    assert all_done(service).state == "done"
    return service


def somebody(call):
    return call("GET", "/search?what=people&limit=1").json()["items"][0]


def test_people_are_found_page_by_page_and_looked_at(call, school):
    found = somebody(call)
    page = call("GET", "/search?what=people&limit=1").json()
    second = call("GET", f"/search?what=people&limit=1&cursor={page['next']}").json()["items"][0]
    assert second["key"] != found["key"]
    assert call("GET", f"/search?q={found['name']}").json()["items"][0]["key"] == found["key"]
    person = call("GET", f"/profiles/school/person?key={found['key']}").json()
    assert (person["name"], person["moodle_id"]) == (found["name"], None)
    assert found["name"] in person["why"]
    assert call("GET", "/profiles/school/person?key=nobody").status_code == 404
    assert call("GET", "/search?profile=another").status_code == 404


def test_a_mapping_is_tried_and_its_faults_told(call, school):
    shown = call("POST", "/profiles/school/preview", {"setting": "courses.fields.fullname"}).json()
    written = call("GET", "/documents/profile/school").json()["body"]
    body = written + "courses:\n  fields:\n    fullname: '{group.title|upper}'\n"
    tried = call("POST", "/profiles/school/preview", {"setting": "courses.fields.fullname", "body": body}).json()
    assert [each["value"] for each in tried] == [each["came"]["group.title"].upper() for each in tried]
    assert tried[0]["value"] != shown[0]["value"]
    assert call("GET", "/documents/profile/school").json()["body"] == written
    wrong = body.replace("group.title", "group.nonsense")
    refused = call("POST", "/profiles/school/preview", {"setting": "courses.fields.fullname", "body": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, "document-refused")
    assert call("POST", "/profiles/school/preview", {"setting": "limits"}).json()["code"] == "mapping-unknown"


def test_a_person_is_forgotten_by_the_owner_who_says_the_word(call, school, sign_in_as):
    found = somebody(call)
    asked = {"key": found["key"], "word": "forget"}
    assert Caller(sign_in_as("operator"))("POST", "/profiles/school/forget", asked).status_code == 403
    assert call("POST", "/profiles/school/forget", asked | {"word": "yes"}).status_code == 422
    assert call("GET", f"/search?q={found['key']}").json()["items"]
    done = call("POST", "/profiles/school/forget", asked)
    assert done.json()["counts"]["kept_table"] > 0
    assert call("GET", f"/search?q={found['key']}").json()["items"] == []


def test_files_are_handed_over_and_read_from_then_on(call, school, tmp_path):
    files = {"files": ("roster.zip", zipped(school_files(tmp_path / "other", seed=9)), "application/zip")}
    answer = call.browser.put("/api/v1/sources/sis/files", files=files, headers=call.headers)
    assert "users.csv" in [each["name"] for each in answer.json()]
    before = somebody(call)["key"]
    school.jobs.ask("read", profile="school", by="test")
    assert all_done(school).state == "done"
    assert somebody(call)["key"] != before
    broken = {"files": ("roster.zip", b"PK", "application/zip")}
    refused = call.browser.put("/api/v1/sources/sis/files", files=broken, headers=call.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "zip-broken")


def test_documents_are_taken_out_when_nothing_names_them(call, school, sign_in_as):
    assert call("DELETE", "/documents/source/sis").json()["code"] == "document-in-use"
    stranger = Caller(sign_in_as("operator", "another"))
    assert stranger("DELETE", "/documents/profile/school").status_code == 404
    assert Caller(sign_in_as("viewer"))("DELETE", "/documents/profile/school").status_code == 403
    for kind, name in (("profile", "school"), ("source", "sis"), ("site", "moodle")):
        assert call("DELETE", f"/documents/{kind}/{name}").status_code == 204
    assert call("GET", "/documents").json() == []


def test_what_waits_is_told_and_decided(call, school):
    school.store.problems.open("school", "user", "u1", "Ann Lee", "refused", None)
    assert call("GET", "/profiles/school/waiting").json() == {"held": 0, "identities": 0, "problems": 1, "drift": 0}
    assert [each["key"] for each in call("GET", "/profiles/school/problems").json()["items"]] == ["u1"]
    job = call("POST", "/profiles/school/problems/again").json()
    assert (job["kind"], job["arguments"]) == ("run", {"only": ["person:u1"]})
    assert call("POST", "/profiles/school/drift", {"decision": "accepted"}).json()["code"] == "drift-unknown"
    assert call("GET", "/notices").json() == {"items": [], "next": None}


def test_accounts_are_the_owners(call, school, sign_in_as):
    made = call("POST", "/accounts", {"name": "vera", "display": "Vera", "roles": ["viewer@moodle"]})
    assert made.status_code == 201
    assert made.json()["roles"] == [{"role": "viewer", "site": "moodle"}]
    assert made.json()["code"]
    number = made.json()["id"]
    assert call("PUT", f"/accounts/{number}/roles", {"roles": ["approver"]}).json()["roles"][0]["role"] == "approver"
    assert call("POST", f"/accounts/{number}/close").json()["state"] == "closed"
    assert "password" not in str(call("GET", "/accounts").json())
    assert Caller(sign_in_as("operator"))("GET", "/accounts").status_code == 403
    assert call("PUT", "/site-tokens/moodle", {"secret": "0123456789abcdef"}).json() == {"kept": "moodle"}
    assert school.home.has_token(school.home.site("moodle"))
