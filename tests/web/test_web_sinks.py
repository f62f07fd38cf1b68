"""Sinks in the console: added, looked into, changed and removed, and who may do so."""

import pytest
from grades_at_work import done
from web_browser import Caller, words

from matricula.hub.sinks import lacking, secret_of

SECRET = "sesame-of-the-caliph"
DOCUMENTS = """\
kind: site
name: north
url: https://north.example
---
kind: site
name: south
url: https://south.example
---
kind: source
name: sis
path: roster
---
kind: sink
name: book
type: oneroster-rest
url: https://book.example/ims/oneroster/v1p1
version: "1.1"
auth: {method: bearer}
---
kind: profile
name: school
source: sis
site: north
grades: {sink: book}
"""
PROFILE = "kind: profile\nname: mine\nsource: sis\nsite: south\n"


@pytest.fixture
def school(service, tmp_path):
    service.home.load(DOCUMENTS, "a file", tmp_path)
    return service


def test_a_sink_is_added_by_its_form_checked_changed_and_removed(school, owner, tmp_path):
    assert "A workbook (.xlsx) that people read" in words(owner.get("/sinks/-/new"))
    page = "/sinks/-/new?type=sql"
    refused = owner.fill_in(page, "/sinks/-/new", type="sql", name="db", prefix="1 x", path=str(tmp_path / "a.db"))
    assert refused.status_code == 422
    assert 'id="e-prefix"' in refused.text
    assert school.home.names("sink") == ["book"]
    added = owner.fill_in(page, "/sinks/-/new", type="sql", name="db", path=str(tmp_path / "a.db"), prefix="m_")
    assert "The sink db is there. Next: check it" in words(added)
    assert str(school.home.sink("db").settings.prefix) == "m_"
    assert "It is about to be looked at" in words(owner.fill_in("/sinks/db", "/sinks/db/check"))
    assert done(school).kind == "sink-check"
    assert "It is there" in words(owner.get("/sinks/db"))
    changed = owner.fill_in("/sinks/db/settings", "/sinks/db/settings", path=str(tmp_path / "b.db"), prefix="m_")
    assert "The settings of db are kept" in words(changed)
    assert "is removed" in words(owner.fill_in("/sinks/db/remove", "/sinks/db/remove", typed="db"))
    assert school.home.names("sink") == ["book"]
    assert "It is in use: profile school" in words(owner.get("/sinks/book/remove"))


def test_its_secret_is_kept_never_shown_and_forgotten_with_its_address(school, owner):
    assert "Its token is missing" in words(owner.get("/sinks"))
    kept = owner.fill_in("/sinks/book", "/sinks/book/secrets", **{"secret.token": SECRET})
    assert "Kept: token" in words(kept)
    assert secret_of(school.home, "book", "token") == SECRET
    assert all(SECRET not in owner.get(path).text for path in ("/sinks", "/sinks/book", "/sinks/book/settings"))
    body = school.store.documents.get("sink", "book").body.replace("book.example", "elsewhere.example")
    owner.fill_in("/sinks/book/settings", "/sinks/book/settings", body=body)
    assert lacking(school.home, "book") == ("token",)


def test_who_has_to_do_with_other_sites_alone_neither_sees_nor_feeds_it(school, owner, sign_in_as):
    operator = sign_in_as("operator", "south")
    assert operator.get("/sinks/book").status_code == 404
    assert "There is no sink yet" in words(operator.get("/sinks"))
    call = Caller(operator)
    # Whoever reads a source sees its people: this one brings those of another site.
    assert call("PUT", "/documents/profile/mine", {"body": PROFILE}).status_code == 403
    assert Caller(owner)("PUT", "/documents/profile/mine", {"body": PROFILE}).status_code == 200
    assert call("PUT", "/documents/profile/mine", {"body": PROFILE + "enabled: false\n"}).status_code == 200
    for foreign in (PROFILE + "grades: {sink: book}\n", PROFILE + "grades: {sink: none-yet}\n"):
        assert call("PUT", "/documents/profile/mine", {"body": foreign}).status_code == 403
    ours = sign_in_as("operator", "north")
    assert "Change settings" not in words(ours.get("/sinks/book"))
    assert Caller(ours)("GET", "/documents/sink/book").status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("sink", "kind: sink\nname: mine\ntype: sql\npath: grades.db\n"),
        ("tool", "kind: tool\nname: mine\ntype: kuracloud\nsite: north\nurl: https://tool.example\n"),
        ("import", "kind: import\nname: mine\nsite: north\n"),
    ],
)
def test_where_grades_tokens_and_people_go_is_said_by_owners(school, sign_in_as, kind, body):
    address = f"/documents/{kind}/mine"
    refused = Caller(sign_in_as("operator"))("PUT", address, {"body": body})
    assert refused.status_code == 403
    owner = Caller(sign_in_as("owner"))
    assert owner("PUT", address, {"body": body}).status_code == 200
    assert owner("GET", address).json()["content"]["name"] == "mine"
    assert owner("DELETE", address).status_code == 204
