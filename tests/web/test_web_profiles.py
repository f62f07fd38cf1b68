"""Profiles in the console: the editor's parts, its preview, revisions, copies, and who may do what."""

import re
from datetime import UTC, datetime

import pytest
from editor_desk import PROFILE, EditorForm, body, editor, faults_at, load, revision
from web_browser import Caller, form_token, words

from matricula.hub.preview import preview
from matricula.hub.templates import templates
from matricula.web.profile_editor import PARTS


@pytest.fixture
def school(service):
    load(service)
    return service


def test_each_part_is_shown_with_the_same_document_as_yaml(owner, school):
    for part in PARTS:
        page = owner.get(f"/profiles/main/{part}")
        assert page.status_code == 200
        assert "<code>  student: {create: true, deactivate: true}   # as agreed</code>" in page.text
    assert "Nothing was applied yet." in words(owner.get("/profiles"))
    assert "source school" in words(owner.get("/profiles/main"))


@pytest.mark.parametrize("part", PARTS)
def test_a_form_that_nobody_touched_saves_nothing(owner, school, part):
    page = editor(owner, part).send()
    assert "Nothing was changed." in words(page)
    assert (body(school), revision(school)) == (PROFILE, 1)


def test_saving_changes_the_settings_concerned_and_keeps_comments(owner, school):
    form = editor(owner, "users").tick("users.student.deactivate", False)
    page = form.put("users.auth", "ldap").put("users.fields.city.write", "create-only").send()
    assert "Saved as revision 2" in words(page)
    assert body(school) == PROFILE.replace("deactivate: true", "deactivate: false").replace(
        "city: Lindenhof", "city: {value: Lindenhof, write: create-only}"
    ).replace('department: "{person.form}"\n', 'department: "{person.form}"\n  auth: ldap\n')
    (noted,) = school.store.audit.find(act="profile.saved")
    assert noted.words == "revision 2: users.student.deactivate, users.fields.city, users.auth"
    assert school.store.documents.get("profile", "main").saved_by == "owner-0"


def test_everything_works_by_buttons_alone(owner, school):
    form = editor(owner, "groups").press("add:groups").put("groups.n0.name", "{group.title}")
    form = form.press("add:groups").put("groups.n1.name", "{person.form}").press("up:groups:n1")
    assert revision(school) == 1
    form.send()
    assert [each.name for each in school.home.profile("main").groups_in_courses] == ["{person.form}", "{group.title}"]
    editor(owner, "groups").press("drop:groups:0").send()
    assert [each.name for each in school.home.profile("main").groups_in_courses] == ["{group.title}"]
    form = editor(owner, "users").put("users.fields.+new", "phone1").press("add:users.fields")
    form.put("users.fields.phone1.value", "{person.phone}").press("reset:users.fields.city").send()
    fields = school.home.profile("main").users.fields
    assert (fields["phone1"].value, "city" in fields) == ("{person.phone}", False)


def test_all_faults_stand_beside_their_fields_and_what_was_typed_stays(owner, school):
    form = editor(owner, "users").put("users.fields.city.value", "{person.emial}").put("users.auth", "ldap")
    page = (
        form.put("users.profile_fields.?", "set").put("users.match.#", ["0"]).put("users.match.0.field", "town").send()
    )
    assert page.status_code == 422
    assert "2 things to mend" in words(page)
    assert "did you mean person.email?" in faults_at(page, "users.fields.city.value")[0]
    assert "an account is recognised by" in faults_at(page, "users.match.0.field")[0]
    assert 'value="{person.emial}"' in page.text
    assert 'name="users.auth" value="ldap"' in page.text
    assert re.search(r'<li class="wrong">.*city: &#34;\{person\.emial\}&#34;', page.text)
    assert revision(school) == 1


def test_a_newer_revision_is_not_overwritten(owner, school):
    mine = editor(owner, "users").put("users.auth", "ldap")
    editor(owner, "courses").put("courses.gone", "archive").send()
    page = mine.send()
    assert page.status_code == 409
    assert "Somebody else has saved this profile" in words(page)
    assert "added courses:" not in body(school)
    told = words(page)
    assert "gone: archive" in told
    assert "auth: ldap" in told
    assert "ldap" not in body(school)
    text = owner.get("/profiles/main/yaml")
    token = form_token(text.text)
    page = owner.post("/profiles/main/yaml", data={"csrf": token, "revision": "1", "text": PROFILE + "# mine\n"})
    assert page.status_code == 409
    assert "# mine" in page.text
    assert revision(school) == 2


def tried(page):
    return [
        (re.sub(r"<[^>]+>", "", name), re.sub(r"<[^>]+>", "", value))
        for name, value in re.findall(r'<th scope="row">(.*?)</th>.*?<b>(.*?)</b></td>', page.text, re.S)
    ]


@pytest.mark.parametrize("seek", ["", "a"])
@pytest.mark.parametrize(
    ("part", "field", "mapping", "entity", "key"),
    [
        ("users", "users.fields.city.value", "{person.familyName|upper} [{person.grade}]", "users", "city"),
        ("users", "users.fields.username.value", "{person.givenName|first(1)}{person.id}", "users", "username"),
        ("courses", "courses.fields.fullname.value", "{subject.title}: {group.code}", "courses", "fullname"),
        ("courses", "courses.fields.shortname.value", "{subject.code}", "courses", "shortname"),
    ],
)  # fmt: skip
def test_the_preview_shows_what_a_plan_would_hold(owner, school, part, field, mapping, entity, key, seek):
    form = editor(owner, part).put(field, mapping).put("seek", seek)
    page = form.send(action=f"/profiles/main/{part}/preview?of={field}")
    assert page.status_code == 200
    assert "<html" not in page.text
    form.send()
    expected = preview(school.home, "main", entity, 5, seek or None)
    assert tried(page) == [(each.name, each.result[key]) for each in expected.records]
    assert len(expected.records) > 1


def test_the_preview_tells_faults_with_their_place_and_other_faults_do_not_hinder_it(owner, school):
    form = editor(owner, "users").put("users.fields.city.value", "{person.emial}")
    page = form.send(action="/profiles/main/users/preview?of=users.fields.city.value")
    assert "unknown property person.emial at character 1; did you mean person.email?" in words(page)
    page = form.send(action="/profiles/main/users/preview?of=users.fields.department.value")
    assert len(tried(page)) == 5
    page = form.send("try:users.fields.city.value")
    assert page.status_code == 200
    assert "did you mean person.email?" in words(page)


def test_a_condition_shows_who_is_meant(owner, school):
    form = editor(owner, "courses").put("courses.only.value", "{group.code}").put("courses.only.like.more", "7*")
    page = form.send(action="/profiles/main/courses/preview?of=courses.only.value")
    assert "✓ meant" in words(page)


def test_without_a_kept_roster_it_can_be_read_by_a_job(owner, service):
    load(service, read=False)
    page = owner.get("/profiles/main/users")
    assert "the roster has to be read once" in words(page)
    owner.post("/profiles/main/read", data={"csrf": form_token(page.text)}, follow_redirects=False)
    assert [(job.kind, job.profile) for job in service.jobs.all()] == [("read", "main")]


def test_whoever_is_forgotten_is_in_no_preview(owner, school):
    assert tried(owner.get("/profiles/main/users"))
    school.store.kept.forget("school")
    assert tried(owner.get("/profiles/main/users")) == []


def test_the_yaml_is_checked_and_saved_to_the_letter(owner, school):
    page = owner.get("/profiles/main/yaml")

    def send(text):
        return owner.post("/profiles/main/yaml", data={"csrf": form_token(page.text), "revision": "1", "text": text})

    wrong = send(
        PROFILE.replace("city: Lindenhof", "town: Lindenhof").replace("timezone: Europe/Berlin", "timezone: X")
    )
    assert wrong.status_code == 422
    assert "2 things to mend" in words(wrong)
    assert "users.fields.town, line 13" in words(wrong)
    assert send("a: [").status_code == 422
    assert "it holds profile other" in words(send(PROFILE.replace("name: main", "name: other")))
    text = PROFILE.replace("Lindenhof", "Bern   # moved").replace("\n", "\r\n")
    assert "Saved as revision 2" in words(send(text))
    assert body(school) == text.replace("\r\n", "\n")


def test_revisions_are_listed_compared_and_restored(owner, school):
    editor(owner, "users").put("users.auth", "ldap").send()
    editor(owner, "users").put("users.auth", "").put("users.fields.city.value", "Bern").send()
    told = words(owner.get("/profiles/main/revisions"))
    assert "Revision 3 in force" in told
    assert "owner-0" in told
    page = owner.get("/profiles/main/revisions/2?than=1")
    assert '<tr class="added"><td class="sign">+<span class="unseen">added</span>' in page.text
    assert "auth: ldap" in words(page)
    page = owner.fill_in("/profiles/main/revisions/1", "/profiles/main/revisions/1/restore", newest="3")
    assert "in force again, as revision 4" in words(page)
    assert body(school) == PROFILE
    assert owner.get("/profiles/main/revisions/9").status_code == 404
    page = owner.fill_in("/profiles/main/revisions/2", "/profiles/main/revisions/2/restore", newest="3")
    assert page.status_code == 409


@pytest.mark.parametrize("template", templates(), ids=lambda each: each.name)
def test_a_new_profile_comes_from_a_template_and_is_disabled_at_first(owner, school, template):
    page = owner.fill_in(
        "/profiles/-/new", "/profiles/-/new",
        template=template.name, name="next", source="school", site="moodle", timezone="Europe/London",
    )  # fmt: skip
    assert page.url.path == "/profiles/next"
    made = school.home.profile("next")
    assert (made.source, made.site, made.timezone, made.enabled) == ("school", "moodle", "Europe/London", False)
    assert body(school, "next").startswith(f"# {template.title}")
    again = owner.fill_in("/profiles/-/new", "/profiles/-/new", name="next", source="school", site="moodle")
    assert again.status_code == 400
    assert "There is a profile next already." in words(again)


def test_a_profile_is_copied_switched_and_deleted(owner, school):
    page = owner.fill_in(
        "/profiles/main/copy", "/profiles/main/copy", name="next", start="2027-08-01", disable_old="yes"
    )
    assert page.url.path == "/profiles/next"
    assert school.home.profile("next").window.start.isoformat() == "2027-08-01"
    assert not school.home.profile("main").enabled
    assert "# as agreed" in body(school, "next")
    owner.fill_in("/profiles/main/copy", "/profiles/main/copy", name="away", site="other")
    assert (school.home.profile("away").site, school.home.profile("away").enabled) == ("other", False)
    owner.fill_in("/profiles/main", "/profiles/main/enable")
    assert school.home.profile("main").enabled
    page = owner.fill_in("/profiles/next/delete", "/profiles/next/delete", typed="nxt")
    assert "That is not its name." in words(page)
    owner.fill_in("/profiles/next/delete", "/profiles/next/delete", typed="next")
    assert "next" not in school.home.names("profile")
    assert owner.get("/profiles/next").status_code == 404


def test_a_plan_is_asked_for_from_the_editor(owner, school):
    owner.post(
        "/profiles/main/plan", data={"csrf": form_token(owner.get("/profiles/main").text)}, follow_redirects=False
    )
    assert [(job.kind, job.profile) for job in school.jobs.all()] == [("plan", "main")]


def test_a_viewer_sees_and_changes_nothing(sign_in_as, school):
    viewer = sign_in_as("viewer")
    page = viewer.get("/profiles/main/users")
    assert page.status_code == 200
    assert "You may look at it, not change it." in words(page)
    assert '<fieldset class="all" disabled>' in page.text
    assert 'value="save"' not in page.text
    assert 'value="reset:' not in page.text
    token = form_token(page.text)
    for address in ("users", "yaml", "enable", "disable", "plan", "read", "copy", "delete", "revisions/1/restore"):
        answer = viewer.post(f"/profiles/main/{address}", data={"csrf": token, "revision": "1", "newest": "1"})
        assert answer.status_code == 403, address
    assert viewer.get("/profiles/-/new").status_code == 403


def test_an_operator_of_one_site_stays_within_it(sign_in_as, school):
    operator = sign_in_as("operator", "moodle")
    assert "elsewhere" not in words(operator.get("/profiles"))
    assert operator.get("/profiles/elsewhere").status_code == 404
    assert operator.get("/profiles/elsewhere/users").status_code == 404
    form = editor(operator, "schedule")
    assert form.put("site", "other").send().status_code == 403
    assert editor(operator, "schedule").put("source", "secret").send().status_code == 403
    token = form_token(operator.get("/profiles/main/yaml").text)
    for text in (PROFILE.replace("site: moodle", "site: other"), PROFILE.replace("source: school", "source: secret")):
        page = operator.post("/profiles/main/yaml", data={"csrf": token, "revision": "1", "text": text})
        assert page.status_code == 403
    copied = operator.fill_in("/profiles/main/copy", "/profiles/main/copy", name="away", site="other")
    assert copied.status_code == 403
    carried = Caller(operator)("POST", "/profiles/main/copy", {"name": "away", "source": "secret"})
    assert carried.status_code == 403
    made = operator.fill_in("/profiles/-/new", "/profiles/-/new", name="n", source="secret", site="moodle")
    assert made.status_code == 403
    assert (body(school), school.home.names("profile")) == (PROFILE, ["elsewhere", "main"])
    assert "Saved as revision 2" in words(editor(operator, "users").put("users.auth", "ldap").send())


def test_the_editor_needs_no_inline_script(owner, school):
    for part in PARTS:
        text = owner.get(f"/profiles/main/{part}").text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text)


def test_a_form_of_a_long_list_can_be_sent(owner, school):
    form: EditorForm = editor(owner, "tables").press("add:tables").put("tables.n0.=", "many").put("tables.n0.?", "set")
    numbers = [f"n{number}" for number in range(700)]
    form.put("tables.n0.#", numbers)
    for number in numbers:
        form.put(f"tables.n0.{number}.=", f"key {number}").put(f"tables.n0.{number}", number)
    assert "Saved as revision 2" in words(form.send())
    assert len(school.home.profile("main").tables["many"]) == 700


def test_moving_enrolments_is_offered_where_a_plan_has_seen_the_plugin(owner, school):
    assert "Plan moving enrolments" not in words(owner.get("/profiles/main"))
    school.store.stamps.note("main", {"user": "seal"}, datetime.now(UTC))
    page = owner.get("/profiles/main")
    assert "Plan moving enrolments" in words(page)
    owner.post("/profiles/main/jobs/move", data={"csrf": form_token(page.text)}, follow_redirects=False)
    assert [job.kind for job in school.jobs.all()] == ["move"]
