"""The tables on real servers: made, written, read by others meanwhile, and found as they were or as they are to be."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import polars as pl
import pytest
from publishing_bench import NOW
from rosters import people, profile, roster
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.planning import Draft
from matricula.profiles import desire
from matricula.profiles.documents import STANDARD_ROLES
from matricula.publishing import Publication, Tables, draft_publication, opened, read_address
from matricula.publishing.shape import KEY

PROFILE = profile()


@contextmanager
def at(url: URL, prefix: str = "matricula_", rules=PROFILE, password: str = "") -> Iterator[Tables]:
    with opened(read_address(str(url), prefix), password, rules) as tables:
        yield tables


def drafted(tables: Tables, rules=PROFILE, **of_roster) -> Draft:
    came = roster(**of_roster)
    return draft_publication(desire(came, rules), rules, STANDARD_ROLES, tables.read(), NOW, ())


def note(token: str = "t1", rules=PROFILE) -> Publication:
    return Publication(token, 1, rules.name, "roster", 1, "tester")


def publish(url: URL, token: str = "t1", rules=PROFILE, prefix: str = "matricula_", **of_roster) -> Draft:
    with at(url, prefix, rules) as tables, tables.alone():
        draft = drafted(tables, rules, **of_roster)
        tables.write(draft.changes, note(token, rules))
    return draft


def ask(url: URL, query: str) -> list[tuple]:
    engine = create_engine(url)
    with engine.begin() as connection:
        answer = connection.execute(text(query))
        rows = [tuple(row) for row in answer] if answer.returns_rows else []
    engine.dispose()
    return rows


def many(number: int, first: int = 1):
    numbers = range(first, first + number)
    rows = people(*({"sourcedId": f"u{n}", "username": f"user{n}"} for n in numbers))
    return rows | {"enrollments": [{"sourcedId": f"e{n}", "userSourcedId": f"u{n}"} for n in numbers]}


def test_what_is_written_is_what_stands_there(database):
    publish(database, **many(3))
    query = "select u.username, c.idnumber, e.role from matricula_enrolment e join matricula_user u on u.username = "
    query += "e.username join matricula_course c on c.idnumber = e.course_idnumber order by 1"
    assert ask(database, query) == [(f"user{n}", "c1", "student") for n in (1, 2, 3)]
    with at(database) as tables:
        assert drafted(tables, **many(3)).changes.height == 0
        assert tables.holds("t1")
        assert not tables.holds("t2")
    assert ask(database, "select plan, profile, published_by from matricula_publication") == [(1, "default", "tester")]


def test_rows_change_and_go(database):
    publish(database, **many(3))
    second = many(2) | {"classes": [{"title": "Grammar"}]}
    publish(database, "t2", **second)
    assert ask(database, "select username from matricula_user order by 1") == [("user1",), ("user2",)]
    assert ask(database, "select fullname from matricula_course") == [("English 09 – Grammar",)]
    assert ask(database, "select username from matricula_former") == [("user3",)]
    with at(database) as tables:
        assert drafted(tables, **second).changes.height == 0


def test_texts_of_all_scripts_and_those_that_differ_in_little_stay_apart(database):
    names = ["a.b", "a_b", "a-b"]
    identifiers = ["x1", "X1", "ẍ1", "ſ1", "s1", "ß1", "ss1"]
    rules = profile(users={"fields": {"idnumber": "{person.identifier}"}})
    rows = [
        {
            "sourcedId": f"k{n}",
            "identifier": identifier,
            "username": names[n % 3] + str(n),
            "givenName": "張偉 😀 O'B\\n",
        }
        for n, identifier in enumerate(identifiers)
    ]
    rows += [{"sourcedId": "K0", "username": "other", "identifier": "K", "givenName": "張偉 😀 O'B\\n"}]
    enrollments = [{"sourcedId": f"e{n}", "userSourcedId": row["sourcedId"]} for n, row in enumerate(rows)]
    delivered = people(*rows) | {"enrollments": enrollments}
    publish(database, rules=rules, **delivered)
    assert sorted(row[0] for row in ask(database, "select idnumber from matricula_user")) == sorted([*identifiers, "K"])
    for identifier in identifiers:
        query = f"select count(*) from matricula_enrolment where user_idnumber = '{identifier}'"
        assert ask(database, query) == [(1,)]
    assert ask(database, "select distinct firstname from matricula_user") == [("張偉 😀 O'B\\n",)]
    with at(database, rules=rules) as tables:
        assert drafted(tables, rules, **delivered).changes.height == 0


def test_names_of_courses_with_quotation_marks_are_found_by_them(database):
    publish(database, classes=[{"sourcedId": "o'c\\1"}], enrollments=[{"classSourcedId": "o'c\\1"}])
    engine = create_engine(database)
    with engine.connect() as connection:
        found = connection.execute(
            text("select count(*) from matricula_enrolment where course_idnumber = :id"), {"id": "o'c\\1"}
        )
        assert found.scalar_one() == 1
    engine.dispose()


def test_a_column_for_a_new_field_is_added_and_one_no_longer_mapped_stays(database):
    publish(database, **many(1))
    richer = profile(users={"profile_fields": {"Form": "{person.grade}"}, "fields": {"city": "Riverside"}})
    graded = many(1)
    graded["users"][0]["grades"] = ["09"]
    publish(database, "t2", rules=richer, **graded)
    assert ask(database, "select profile_form, city from matricula_user") == [("09", "Riverside")]
    publish(database, "t3", **many(2))
    assert ask(database, "select profile_form from matricula_user order by username") == [("09",), ("",)]


def test_other_names_stand_beside(database):
    publish(database, **many(1))
    publish(database, prefix="y_", **many(2))
    assert ask(database, "select count(*) from matricula_user") == [(1,)]
    assert ask(database, "select count(*) from y_user") == [(2,)]


def test_a_table_that_is_not_ours_is_left(database):
    ask(database, "create table matricula_user (username varchar(100))")
    with pytest.raises(StopError, match="did not make"), at(database):
        pass
    assert ask(database, "select count(*) from matricula_user") == [(0,)]


def test_tables_of_another_profile_are_left(database):
    publish(database, **many(1))
    other = PROFILE.model_copy(update={"name": "other"})
    with pytest.raises(StopError, match="profile default publishes"), at(database, rules=other):
        pass


def test_tables_changed_after_the_plan_are_not_written(database):
    publish(database, **many(3))
    with at(database) as tables, tables.alone():
        draft = drafted(tables, **many(2))
        ask(database, "update matricula_user set lastname = 'Other' where username = 'user3'")
        with pytest.raises(StopError, match="no longer as the plan saw them"):
            tables.write(draft.changes, note("t2"))
    assert ask(database, "select count(*) from matricula_user") == [(3,)]


def test_what_somebody_changed_by_hand_is_shown_and_undone(database):
    publish(database, **many(1))
    ask(database, "update matricula_user set lastname = 'Other'")
    draft = publish(database, "t2", **many(1))
    assert draft.changes["reason"].to_list() == ["the table has another lastname"]
    assert ask(database, "select lastname from matricula_user") == [("Lee",)]


def test_the_same_publication_is_never_written_twice(database):
    publish(database, **many(1))
    with pytest.raises(StopError, match="Nothing was written"):
        publish(database, "t1", **many(2))
    assert ask(database, "select count(*) from matricula_user") == [(1,)]


def test_two_publications_never_meet(database):
    with at(database) as first, first.alone(), at(database) as second:
        with pytest.raises(WaitError, match="Another publication"), second.alone():
            pass
        with at(database, "y_") as beside, beside.alone():
            pass
    with at(database) as third, third.alone():
        pass


def test_a_publication_that_fails_leaves_everything_and_keeps_nobody_out(database):
    publish(database, **many(2))
    with pytest.raises(RuntimeError), at(database) as tables, tables.alone():
        raise RuntimeError
    publish(database, "t2", **many(1))
    assert ask(database, "select count(*) from matricula_user") == [(1,)]


STATE = (
    "select (select count(*) from matricula_user), (select count(*) from matricula_enrolment), (select count(*) from "
)
STATE += "matricula_publication)"


def test_readers_see_the_old_rows_or_the_new_ones(database):
    publish(database, **many(500))
    seen: set[tuple] = set()
    done, ready = threading.Event(), threading.Event()

    def look() -> None:
        engine = create_engine(database, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            while not done.is_set():
                seen.add(tuple(connection.execute(text(STATE)).one()))
                ready.set()
        engine.dispose()

    reader = threading.Thread(target=look)
    reader.start()
    assert ready.wait(10)
    try:
        with ExitStack() as stack:
            tables = stack.enter_context(at(database))
            stack.enter_context(tables.alone())
            tables.write(drafted(tables, **many(600, first=400)).changes, note("t2"))
        after = tuple(ask(database, STATE)[0])
        until = time.monotonic() + 10
        while after not in seen and time.monotonic() < until:
            ready.clear()
            ready.wait(1)
    finally:
        done.set()
        reader.join()
    assert seen == {(500, 500, 1), (600, 600, 2)}


@pytest.mark.long
def test_thirty_thousand_enrolments_take_seconds(database):
    classes = [{"sourcedId": f"c{n}", "classCode": f"C{n}"} for n in range(60)]
    enrolled = [
        {"sourcedId": f"e{n}-{c}", "userSourcedId": f"u{n}", "classSourcedId": f"c{(n + c) % 60}"}
        for n in range(1, 3001)
        for c in range(10)
    ]
    delivered = many(3000) | {"classes": classes, "enrollments": enrolled}
    with at(database) as tables, tables.alone():
        draft = drafted(tables, **delivered)
        start = time.monotonic()
        tables.write(draft.changes, note())
        took = time.monotonic() - start
        again = drafted(tables, **delivered)
    assert draft.changes.filter(pl.col("kind") == "enrolment").height == 30_000
    assert again.changes.height == 0
    assert took < 15


def test_a_table_without_transactions_is_refused(mariadb):
    publish(mariadb, **many(1))
    ask(mariadb, "alter table matricula_publication engine = MyISAM")
    with pytest.raises(StopError, match="MyISAM") as refused, at(mariadb):
        pass
    assert "ALTER TABLE matricula_publication ENGINE = InnoDB" in refused.value.remedy


def test_no_other_server_default_makes_tables_without_transactions(mariadb):
    with at(mariadb) as tables, tables.alone():
        tables._connection.exec_driver_sql("set session default_storage_engine = MyISAM")
        tables._connection.commit()
        tables.write(drafted(tables).changes, note())
    query = "select distinct engine from information_schema.tables where table_schema = database()"
    assert ask(mariadb, query) == [("InnoDB",)]


WRONG: dict[str, tuple[Callable[[URL], URL], type[MatriculaError], str]] = {
    "no such database": (lambda url: url.set(database="nowhere"), SettingError, "no such database"),
    "nobody there": (lambda url: url.set(port=1), WaitError, "cannot be reached"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_address_that_leads_nowhere(database, wrong):
    change, error, words = WRONG[wrong]
    with pytest.raises(error, match=words) as refused, at(change(database)):
        pass
    assert "root@" not in refused.value.what


def made_user(url: URL, right: str) -> URL:
    """Another user of the server with the password `geheim`, who may do this in the database."""
    user = f"w{url.database[1:25]}"
    if url.drivername.startswith("postgresql"):
        ask(url, f"create role {user} login password 'geheim'")
        ask(url, f"revoke all on schema public from public; grant {right} on schema public to {user}")
    else:
        ask(url, f"create user {user}@127.0.0.1 identified by 'geheim'")
        ask(url, f"grant {right} on {url.database}.* to {user}@127.0.0.1")
    return url.set(username=user)


@pytest.fixture
def other_user(database) -> Iterator[Callable[[str, str], URL]]:
    made: list[str] = []

    def make(postgres: str, mariadb: str) -> URL:
        url = made_user(database, postgres if database.drivername.startswith("postgresql") else mariadb)
        made.append(url.username or "")
        return url

    yield make
    for user in made:
        if database.drivername.startswith("postgresql"):
            ask(database, f"drop owned by {user}")
            ask(database, f"drop role {user}")
        else:
            ask(database, f"drop user {user}@127.0.0.1")


def test_a_wrong_password(database, other_user):
    url = other_user("all", "all")
    if database.drivername.startswith("postgresql") and _trusted(url):
        pytest.skip("this PostgreSQL trusts whoever comes from here and asks for no password")
    with pytest.raises(SettingError, match="user or the password") as refused, at(url, password="wrong"):
        pass
    assert "wrong" not in str(refused.value).replace("is wrong", "")
    with at(url, password="geheim"):
        pass


def _trusted(url: URL) -> bool:
    try:
        with at(url, password="wrong"):
            return True
    except SettingError:
        return False


def test_no_right_to_make_tables(database, other_user):
    url = other_user("usage", "select")
    with pytest.raises(SettingError, match="may not do this"), at(url, password="geheim") as tables, tables.alone():
        tables.write(drafted(tables).changes, note())


def test_long_keys_have_room(database):
    long = {"sourcedId": "k" * 255}
    place = {"sourcedId": "c" * 255}
    publish(
        database,
        **people(long),
        classes=[place],
        enrollments=[{"userSourcedId": long["sourcedId"], "classSourcedId": place["sourcedId"]}],
    )
    assert ask(database, f"select length({KEY}) from matricula_enrolment") == [(511,)]
