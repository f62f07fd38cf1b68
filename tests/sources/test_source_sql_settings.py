"""What is refused when a document is loaded, before any database is asked."""

import pytest

from matricula.errors import MatriculaError, SettingError
from matricula.hub import Home
from matricula.sources import open_source

QUERIES = {"users": "SELECT 1 AS sourcedId"}
URL = "postgresql://reader@db.school.example/sis"


def refused(**settings) -> MatriculaError:
    with pytest.raises(SettingError) as error:
        open_source({"type": "sql", "queries": QUERIES} | settings)
    return error.value


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "postgresql://reader:geheim@db.school.example/sis"},
        {"url": "mysql+pymysql://reader:geheim@db.school.example/sis"},
        {"url": "mysql://db.school.example/sis?user=reader&passwd=geheim"},
        {"url": "postgresql://db.school.example/sis?Password=geheim"},
        {"url": "mongo://reader:geheim@db.school.example/sis"},
        {"url": "postgresql//reader:geheim@db.school.example/sis"},
        {"url": {"password": "geheim"}},
        {"url": URL, "password": "geheim"},
    ],
)
def test_a_password_in_the_document_is_refused_and_never_repeated(settings, tmp_path):
    assert "geheim" not in str(refused(**settings))
    document = {"kind": "source", "name": "sis", "type": "sql", "queries": QUERIES} | settings
    with Home.make(tmp_path / "home") as home, pytest.raises(SettingError) as error:
        home.load(str(document), "school.yaml", tmp_path)
    assert "geheim" not in str(error.value)


def test_the_refusal_of_a_password_says_where_it_is_kept():
    error = refused(url="postgresql://reader:geheim@db.school.example/sis")
    assert "matricula source secret NAME password" in str(error)
    assert error.code == "sql-password-in-document"


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({"url": URL}, ("password",)),
        ({"url": URL, "passwordless": True}, ()),
        ({"url": "postgresql://db.school.example/sis"}, ()),
        ({"url": "sqlite:////srv/sis.sqlite"}, ()),
        ({"path": "sis.sqlite"}, ()),
    ],
)
def test_a_password_is_asked_for_where_the_address_names_an_account(settings, secrets):
    assert open_source({"type": "sql", "queries": QUERIES} | settings).settings.secrets() == secrets


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "one of url and path is needed"),
        ({"url": URL, "path": "sis.sqlite"}, "one of url and path is needed"),
        ({"url": "mongo://db.school.example/sis"}, "begins with one of postgresql, mysql, mariadb"),
        ({"url": "db.school.example"}, "no address of a database"),
        ({"url": "postgresql+asyncpg://reader@db/sis"}, "with psycopg, not with asyncpg"),
        ({"url": "sqlite:///sis.sqlite"}, "Set `path` in the place of `url`"),
        ({"url": URL, "queries": {}}, "a preset or queries are needed"),
        ({"url": URL, "queries": {"pupils": "SELECT 1"}}, "academicSessions"),
        ({"url": URL, "queries": {"users": "DELETE FROM users"}}, "users: it does not begin with SELECT or WITH"),
        ({"url": URL, "preset": "carrier-pigeon"}, "there is no preset “carrier-pigeon”"),
        ({"url": URL, "preset": "../presets"}, "there is no preset"),
        ({"url": URL, "parameters": {"year": 2026}}, "no query uses year"),
        ({"url": URL, "queries": {"users": "SELECT :year"}}, "the queries use :year, which is not set"),
        ({"url": URL, "parameters": {"today": 1}, "queries": {"users": "SELECT :today"}}, "cannot be set"),
        ({"url": URL, "queries": {"roles": "SELECT 1"}}, 'set version: "1.2"'),
        ({"url": URL, "columns": {"users": {"givename": "x"}}}, "users has no column givename; it has givenName"),
        ({"url": URL, "complete": ["classes"]}, "no query reads classes"),
        ({"url": URL, "timezone": "Mars/Olympus"}, "a time zone is needed"),
        ({"url": URL, "timeout": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_work_is_refused_with_what_may_stand_there(settings, words):
    assert words in str(refused(**settings))


def test_a_version_may_be_written_without_quotes():
    assert open_source({"type": "sql", "path": "x", "queries": QUERIES, "version": 1.2}).settings.version == "1.2"


def test_time_outs_do_not_make_a_reading_another_one():
    settings = {"type": "sql", "path": "x", "queries": QUERIES}
    assert {"timeout", "chunk", "passwordless"} == open_source(settings).settings.NEUTRAL


def test_a_relative_path_is_meant_from_the_folder_of_the_document(tmp_path):
    text = "kind: source\nname: sis\ntype: sql\npath: data/sis.sqlite\nqueries: {users: v_users}\n"
    with Home.make(tmp_path / "home") as home:
        home.load(text, "school.yaml", tmp_path)
        assert home.source("sis").settings.path == tmp_path / "data" / "sis.sqlite"
