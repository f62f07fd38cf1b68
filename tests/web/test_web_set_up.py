"""The first start as a person goes through it, with wrong turns."""

import pytest
from set_up_person import all_done, school_files, send_files, zipped
from web_browser import words

from matricula.planning.functions import FUNCTIONS
from matricula.sandbox import running


@pytest.fixture
def moodle():
    with running("empty") as site:
        yield site


@pytest.fixture
def named(owner, moodle):
    """An owner who has named the Moodle."""
    owner.fill_in("/set-up/moodle", "/set-up/moodle", address=moodle.url, token=moodle.tokens["admin"])
    return owner


@pytest.fixture
def sourced(named, service, tmp_path):
    """An owner who has handed over files, too."""
    files = {"roster.zip": zipped(school_files(tmp_path / "csv"))}
    path = "/set-up/moodle/system/oneroster-files"
    send_files(named, path, path, files, where="upload", name="school")
    return named


def next_step(browser):
    page = words(browser.get("/set-up"))
    return page.partition("Go on with step ")[2][:1]


def test_the_whole_way_from_nothing_to_the_first_plan(owner, service, moodle, tmp_path):
    assert next_step(owner) == "1"
    pasted = moodle.url.removeprefix("http://") + "/course/view.php?id=7"
    page = owner.fill_in("/set-up/moodle", "/set-up/moodle", address=pasted, token=moodle.tokens["admin"])
    assert page.url.path == "/set-up/moodle/checklist"
    assert "Address and token work" in words(page)
    all_done(service)
    page = words(owner.get("/set-up/moodle/checklist"))
    assert "This works: Matricula can read and write all that it needs" in page
    assert next_step(owner) == "3"

    assert "Files that the school's system exports" in words(owner.get("/set-up/moodle/system"))
    path = "/set-up/moodle/system/oneroster-files"
    files = {"roster.zip": zipped(school_files(tmp_path / "csv"))}
    page = send_files(owner, path, path, files, where="upload", name="school")
    assert page.url.path == "/set-up/moodle/tried/school"
    all_done(service)
    page = words(owner.get("/set-up/moodle/tried/school"))
    assert "This works:" in page
    assert "users.email is blank" in page
    assert next_step(owner) == "4"

    page = owner.fill_in(
        "/set-up/moodle/rules",
        "/set-up/moodle/rules",
        template="plain",
        people=["student", "teacher"],
        timezone="Europe/London",
    )
    assert page.url.path == "/set-up/moodle/plan/default"
    profile = service.home.profile("default")
    assert (profile.source, profile.site, profile.timezone) == ("school", "moodle", "Europe/London")
    assert profile.users.student.create
    assert not profile.users.employee.create
    all_done(service)
    page = words(owner.get("/set-up/moodle/plan/default"))
    assert "Plan 1 is there. Nothing has been written yet." in page
    assert "All five steps are done" in words(owner.get("/set-up"))


def test_whoever_leaves_in_between_goes_on_where_they_were(owner, moodle, service):
    page = owner.fill_in("/set-up/moodle", "/set-up/moodle", address=moodle.url, token="")
    assert "Next: its token" in words(page)
    assert next_step(owner) == "1"
    assert "its token is still missing" in words(owner.get("/set-up"))
    assert "Enter it in step 1" in words(owner.get("/set-up/moodle/checklist"))
    owner.fill_in("/set-up/moodle/moodle", "/set-up/moodle/moodle", address=moodle.url, token=moodle.tokens["admin"])
    assert service.home.names("site") == ["moodle"]
    assert next_step(owner) == "2"


def test_a_token_of_another_moodle_is_refused_and_never_shown_again(owner, moodle, service):
    page = owner.fill_in(
        "/set-up/moodle", "/set-up/moodle", address=moodle.url, token="0123456789abcdef0123456789abcdef"
    )
    assert page.status_code == 400
    assert "Moodle does not know this token" in words(page)
    assert "Manage tokens" in words(page)
    assert "0123456789abcdef" not in page.text
    assert f'value="{moodle.url}"' in page.text
    assert service.home.names("site") == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "This is no address of a site."),
        ("our moodle", "This is no address of a site."),
        ("http://127.0.0.1:1", "The site cannot be reached"),
        ("https://olga:geheim12@moodle.example", "The address holds a name or password."),
    ],
)
def test_a_wrong_address_says_what_to_do(owner, service, address, told):
    page = owner.fill_in("/set-up/moodle", "/set-up/moodle", address=address, token="")
    assert page.status_code == 400
    assert told in words(page)
    assert service.home.names("site") == []


def test_another_address_needs_another_token(named, service, moodle):
    with running("empty") as other:
        page = named.fill_in("/set-up/moodle/moodle", "/set-up/moodle/moodle", address=other.url, token="")
        assert "Next: its token" in words(page)
    assert not service.home.has_token(service.home.site("moodle"))


def test_the_checklist_names_just_the_missing_functions(named, service, moodle):
    missing = ["core_course_create_courses", "enrol_manual_enrol_users"]
    moodle.faults.set(missing_functions=missing)
    named.fill_in("/set-up/moodle/checklist", "/set-up/moodle/checklist")
    all_done(service)
    page = named.get("/set-up/moodle/checklist")
    assert "still to mend in Moodle" in words(page)
    assert "Site administration › Server › Web services › External services › Functions › Add functions" in words(page)
    assert "\n".join(missing) + "</textarea>" in page.text
    moodle.faults.clear()
    named.fill_in("/set-up/moodle/checklist", "/set-up/moodle/checklist")
    all_done(service)
    assert "This works" in words(named.get("/set-up/moodle/checklist"))


def test_the_functions_to_add_suit_every_template_and_can_be_downloaded(owner):
    page = owner.get("/set-up/functions.txt")
    names = page.text.split()
    assert "core_group_create_groups" in names
    assert set(names) < set(FUNCTIONS)
    assert set(owner.get("/set-up/functions.txt?every=1").text.split()) == set(FUNCTIONS)
    assert "attachment" in page.headers["content-disposition"]


def test_what_was_left_blank_is_marked(named, service):
    page = send_files(named, "/set-up/moodle/system/isams", "/set-up/moodle/system/isams", {}, name="sis")
    assert page.status_code == 400
    assert page.text.count("this is needed") == 5
    assert 'id="e-parameters.client_id"' in page.text
    assert service.home.names("source") == []


def test_a_source_asks_for_its_secret_and_never_shows_it(named, service):
    path = "/set-up/moodle/system/isams"
    page = named.fill_in(
        path,
        path,
        **{
            "name": "sis",
            "parameters.address": "https://isams.invalid",
            "parameters.client_id": "matricula",
            "parameters.school": "Oak School",
            "parameters.school_year": "2026",
            "parameters.ends_in": "2027",
        },
    )
    assert page.url.path == "/set-up/moodle/tried/sis"
    assert 'type="password"' in page.text
    assert service.home.source("sis").settings.parameters["ends_in"] == 2027
    tried = "/set-up/moodle/tried/sis"
    page = named.fill_in(tried, tried, **{"secret.client_secret": "hunter-of-the-snark"})
    all_done(service)
    page = named.get(tried)
    assert "It is kept. Leave this blank" in words(page)
    assert "hunter-of-the-snark" not in page.text
    assert "could not" in words(page) or "reach" in words(page)


def test_a_plan_needs_people_and_a_time_zone(sourced, service):
    rules = "/set-up/moodle/rules"
    page = sourced.fill_in(rules, rules, template="plain", people=["student"], timezone="Middle-earth")
    assert "“Middle-earth” is no time zone." in words(page)
    page = sourced.fill_in(rules, rules, template="people", timezone="Europe/London")
    assert "Nobody would get an account." in words(page)
    assert 'value="people" checked' in page.text
    assert service.home.names("profile") == []


def test_going_back_changes_what_was_said(sourced, service, moodle):
    page = sourced.get("/set-up/moodle/moodle")
    assert f'value="{moodle.url}"' in page.text
    assert moodle.tokens["admin"] not in page.text
    assert "A token is kept" in words(page)
    page = sourced.fill_in("/set-up/moodle/system", "/set-up/moodle/system", source="school")
    assert page.url.path == "/set-up/moodle/tried/school"


def test_what_there_is_to_choose_is_explained_before_it_is_chosen(sourced):
    page = words(sourced.get("/set-up/moodle/rules"))
    assert "When teachers, other staff and students leave, their accounts are suspended, not deleted" in page
    assert "Courses are left alone." in page


def test_without_a_source_the_rules_wait(named):
    page = named.get("/set-up/moodle/rules")
    assert page.url.path == "/set-up/moodle/system"


@pytest.mark.parametrize(("role", "site"), [("viewer", "*"), ("approver", "*"), ("operator", "*"), ("owner", "other")])
def test_adding_a_site_takes_an_owner_for_all_sites(sign_in_as, role, site):
    browser = sign_in_as(role, site)
    assert browser.get("/set-up").status_code == 200
    assert browser.get("/set-up/moodle").status_code == 403


def test_another_sites_set_up_is_not_seen(named, sign_in_as, moodle):
    browser = sign_in_as("operator", "other")
    assert moodle.url not in browser.get("/set-up").text
    assert browser.get("/set-up/moodle/checklist").status_code == 404


def test_an_operator_of_one_site_adds_no_source(named, sign_in_as):
    browser = sign_in_as("operator", "moodle")
    assert browser.get("/set-up/moodle/system").status_code == 200
    assert browser.get("/set-up/moodle/system/isams").status_code == 403


def test_the_invented_school_is_made_and_removed(owner, service):
    page = owner.fill_in("/set-up", "/set-up/demo", act="make")
    assert page.url.path == "/set-up/demo/plan/demo"
    all_done(service)
    assert "This is the invented school" in words(owner.get("/set-up/demo/plan/demo"))
    assert service.store.plans.latest("demo").summary["counts"]["user"]["create"] > 100
    page = owner.fill_in("/set-up", "/set-up/demo", act="day")
    assert "A day has passed" in words(page)
    page = owner.fill_in("/set-up", "/set-up/demo", act="remove")
    assert service.home.names("site") == service.home.names("profile") == service.home.names("source") == []
    assert service.store.plans.latest("demo") is None
    assert not (service.home.folder / "demo").exists()
    assert "Start the invented school" in words(page)


def test_the_invented_school_lets_the_real_one_be(named, service):
    named.fill_in("/set-up", "/set-up/demo", act="make")
    assert service.home.names("site") == ["demo", "moodle"]
    assert next_step(named) == "2"
