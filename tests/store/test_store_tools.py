"""What is kept of learning tools: one course for one, previews that stay as shown, and their end."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from matricula.errors import MatriculaError, StopError
from matricula.store import KnownStudent, Person

CHANGES = [{"action": "add", "name": "Ann Lee", "after": {"email": "ann@x.example"}}]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def mapped(store, remote="101", course=7, tool="kura"):
    return store.tools.map(tool, remote, "Biology", "moodle", course, "Biology 7a", "me")


def test_a_connection_keeps_its_name_while_it_does_not_answer(store):
    assert store.tools.standing("kura") is None
    store.tools.stand("kura", "ok", instance="7", display="Brook School")
    seen = store.tools.stand("kura", "wrong", "The token is refused.")
    assert store.tools.standings() == {"kura": seen}
    assert (seen.state, seen.instance, seen.display) == ("wrong", "7", "Brook School")


@pytest.mark.parametrize(("remote", "course"), [("101", 8), ("102", 7)])
def test_no_course_is_mapped_twice(store, remote, course):
    first = mapped(store)
    with pytest.raises(MatriculaError):
        mapped(store, remote, course)
    mapped(store, remote, course, tool="other")
    store.tools.saw(first.id, "removed")
    assert mapped(store, remote, course).id != first.id
    assert store.tools.count("kura") == 1


def test_a_mapping_says_how_it_was_seen_and_stays_removed(store):
    mapping = mapped(store)
    store.tools.saw(mapping.id, "tool-course-gone", "It is gone.", course_name="Biology 7b")
    (seen,) = store.tools.mappings("kura")
    assert (seen.state, seen.message, seen.course_name, seen.remote_name) == (
        "tool-course-gone",
        "It is gone.",
        "Biology 7b",
        "Biology",
    )
    store.tools.saw(mapping.id, "removed")
    store.tools.saw(mapping.id, "ok")
    assert (store.tools.mappings(), store.tools.mapping(mapping.id).state) == ([], "removed")


def test_a_preview_is_as_it_was_stored_or_not_at_all(store):
    mapping = mapped(store)
    preview = store.tool_previews.add(mapping.id, "roster", CHANGES, [], "me")
    assert preview.changes == tuple(CHANGES)
    with store.begin() as connection:
        connection.execute(text("update tool_preview set changes = '[]'"))
    with pytest.raises(StopError):
        store.tool_previews.get(preview.id)


def test_a_change_cannot_be_sent_twice(store):
    preview = store.tool_previews.add(mapped(store).id, "roster", CHANGES, [], "me")
    store.tool_previews.sending(preview.id, [0])
    with pytest.raises(MatriculaError):
        store.tool_previews.sending(preview.id, [0])
    store.tool_previews.end(preview.id, {0: ("done", "")})
    store.tool_previews.unsend(preview.id, [0])
    assert store.tool_previews.outcomes(preview.id)[0].state == "done"


def test_an_application_is_begun_once_and_gone_on_with_when_it_ended(store):
    previews = store.tool_previews
    preview = previews.add(mapped(store).id, "roster", CHANGES, [], "me")
    assert previews.begin(preview.id, "me", before=LONG_AGO)
    assert not previews.begin(preview.id, "me", before=LONG_AGO)
    previews.rest(preview.id)
    assert previews.begin(preview.id, "me", before=LONG_AGO)
    assert previews.begin(preview.id, "me", before=datetime.now(UTC) + timedelta(minutes=1))
    previews.applied(preview.id)
    assert not previews.begin(preview.id, "me", before=datetime.now(UTC) + timedelta(minutes=1))


def test_who_was_killed_keeps_nobody_waiting(store, address):
    preview = store.tool_previews.add(mapped(store).id, "roster", CHANGES, [], "me")
    begun = "import sys; from datetime import UTC, datetime; from matricula.store import Store\n"
    begun += "previews = Store.open(sys.argv[1]).tool_previews\n"
    begun += "print(previews.begin(int(sys.argv[2]), 'me', before=datetime(2020, 1, 1, tzinfo=UTC)), flush=True)\n"
    begun += "sys.stdin.read()"
    command = [sys.executable, "-c", begun, address, str(preview.id)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "True\n"
        assert not store.tool_previews.begin(preview.id, "me", before=LONG_AGO), "it is at work"
        other.kill()
        other.wait()
        assert store.tool_previews.begin(preview.id, "me", before=LONG_AGO)
    assert not store.tool_previews.begin(preview.id, "me", before=LONG_AGO)


def test_old_previews_go_and_those_that_wait_stay(store):
    mapping = mapped(store)
    over = store.tool_previews.add(mapping.id, "roster", CHANGES, [], "me")
    waits = store.tool_previews.add(mapping.id, "roster", CHANGES, [], "me")
    store.tool_previews.end(over.id, {0: ("skipped", "")})
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert store.tool_previews.purge(LONG_AGO) == 0
    assert store.tool_previews.purge(soon, dry_run=True) == 1
    assert store.tool_previews.purge(soon) == 1
    assert store.tool_previews.get(waits.id).state == "open"
    with pytest.raises(LookupError):
        store.tool_previews.get(over.id)


def test_somebody_who_is_forgotten_is_in_no_preview_and_no_student(store):
    mapping = mapped(store)
    others = [{"action": "add", "name": "Bo Ray", "after": {"email": "bo@x.example"}}]
    theirs = store.tool_previews.add(mapping.id, "roster", CHANGES, [{"message": "Ann Lee has no address."}], "me")
    kept = store.tool_previews.add(mapping.id, "grades", others, [], "me")
    store.tool_previews.end(theirs.id, {0: ("refused", "ann@x.example is refused.")})
    store.tools.know(
        KnownStudent("kura", "101", number, "moodle", user, email)
        for number, user, email in (("1", 11, "Ann@x.example"), ("2", 12, "bo@x.example"))
    )
    person = Person("default", frozenset({"p1"}), frozenset(), frozenset({"Ann Lee", "ann@x.example"}), frozenset())
    for to in ("Ann@x.example", "bo@x.example"):
        store.sendings.add(f"invitation:{to}", "invitation", to, "{}", datetime.now(UTC))
    assert store.forgetting.counts([person])["tool_preview"] == 1
    counts = store.forgetting.forget([person], "forgotten-1", "me")
    assert (counts["tool_student"], counts["tool_preview"], counts["sending"]) == (1, 1, 1)
    assert [each.target for each in store.sendings.all()] == ["bo@x.example"]
    emptied = store.tool_previews.get(theirs.id)
    assert (emptied.state, emptied.changes, emptied.findings) == ("superseded", (), ())
    assert store.tool_previews.outcomes(theirs.id) == {}
    assert store.tool_previews.get(kept.id).changes == tuple(others)
    assert [each.user for each in store.tools.students("kura", "101").values()] == [12]
