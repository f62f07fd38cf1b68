"""A watched folder: which of its deliveries are read, in which order."""

import os
import shutil
import time
from pathlib import Path

import pytest
from deliveries import ROSTER_11, deliver, deliver_now, manifest_text, roster_12, user
from test_oneroster_delta import GONE, NEW, delta

from matricula.errors import SettingError, StopError, WaitError
from matricula.roster import Delivery, DeliveryRefusedError, lay_over

LONG_AGO = time.time() - 100_000


class Inbox:
    """A folder into which deliveries are put; each is a minute younger than the one before."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "inbox"
        self.path.mkdir()
        self._workshop = folder / "workshop"
        self._clock = LONG_AGO
        self.whole: Delivery | None = None

    def bulk(self, name: str, *users, **told) -> Path:
        rows = list(users) or ROSTER_11["users"]
        tables = {table: rows for table, rows in ROSTER_11.items() if table != "enrollments"} | {"users": rows}
        return self._put(name, deliver(self._workshop / name, tables), **told)

    def delta(self, name: str, *users, **told) -> Path:
        return self._put(name, delta(self._workshop / name, {"users": list(users)}), **told)

    def _put(self, name: str, made: Path, *, moment: float | None = None, as_folder: bool = False) -> Path:
        self._clock += 60
        target = self.path / name
        if as_folder:
            shutil.copytree(made, target)
        else:
            target = Path(shutil.make_archive(str(target), "zip", made))
        for each in [target, *target.glob("*")] if as_folder else [target]:
            os.utime(each, (moment or self._clock,) * 2)
        return target

    def read(self, *, anew: bool = False, **settings) -> Delivery:
        """Read as the hub does."""
        known = None if anew else self.whole
        came = deliver_now(self.path, known.marker if known else None, take="newest", **settings)
        self.whole = lay_over(known, came) if came.needs_earlier else came
        self.whole.roster()
        return came

    @property
    def users(self) -> dict[str, str]:
        return dict(self.whole.roster().users.sort("sourcedId").select("sourcedId", "familyName").iter_rows())


@pytest.fixture
def inbox(tmp_path) -> Inbox:
    return Inbox(tmp_path)


def test_the_newest_complete_delivery_is_read_whatever_its_name(inbox):
    inbox.bulk("z-old", user(1))
    inbox.bulk("a-new", user(2))
    inbox.read()
    assert list(inbox.users) == ["u2"]
    assert inbox.whole.origin.endswith("a-new.zip")


def test_deliveries_may_be_folders(inbox):
    inbox.bulk("old", user(1))
    inbox.bulk("new", user(2), as_folder=True)
    inbox.read()
    assert list(inbox.users) == ["u2"]


def test_changes_after_it_are_laid_over_it_in_order(inbox):
    inbox.bulk("monday", user(1), user(2))
    inbox.delta("tuesday", user(2, familyName="Second", **NEW), user(3, **NEW))
    inbox.delta("wednesday", user(2, familyName="Third", **NEW), user(1, **GONE))
    inbox.read()
    assert inbox.users == {"u2": "Third", "u3": "Family3"}
    assert not inbox.whole.needs_earlier


def test_changes_before_it_are_not_read(inbox):
    inbox.delta("sunday", user(1, familyName="Old", **NEW))
    inbox.bulk("monday", user(1))
    inbox.read()
    assert inbox.users == {"u1": "Family1"}


def test_deliveries_of_the_same_moment_are_ordered_by_name(inbox):
    inbox.bulk("a", user(1), moment=LONG_AGO)
    inbox.delta("c", user(1, familyName="Third", **NEW), moment=LONG_AGO)
    inbox.delta("b", user(1, familyName="Second", **NEW), moment=LONG_AGO)
    inbox.read()
    assert inbox.users == {"u1": "Third"}


def test_of_what_came_since_everything_is_read_and_nothing_twice(inbox):
    monday = inbox.bulk("monday", user(1), user(2))
    inbox.delta("tuesday", user(1, familyName="Second", **NEW))
    inbox.read()
    monday.unlink()
    inbox.delta("wednesday", user(2, **GONE))
    inbox.delta("thursday", user(4, **NEW))
    came = inbox.read()
    assert inbox.users == {"u1": "Second", "u4": "Family4"}
    assert came.drafts["users"].frame.height == 2


def test_changes_read_before_stand_though_their_files_are_gone(inbox):
    inbox.bulk("monday", user(1))
    tuesday = inbox.delta("tuesday", user(1, familyName="Second", **NEW))
    inbox.read()
    tuesday.unlink()
    inbox.delta("wednesday", user(3, **NEW))
    inbox.read()
    assert inbox.users == {"u1": "Second", "u3": "Family3"}


def test_a_complete_delivery_since_then_takes_the_place_of_all(inbox):
    inbox.bulk("monday", user(1))
    inbox.read()
    inbox.delta("tuesday", user(9, **NEW))
    inbox.bulk("wednesday", user(2))
    inbox.delta("thursday", user(3, **NEW))
    came = inbox.read()
    assert list(inbox.users) == ["u2", "u3"]
    assert not came.needs_earlier


def test_where_nothing_has_come_since_what_stood_stands(inbox):
    monday = inbox.bulk("monday", user(1))
    tuesday = inbox.delta("tuesday", user(3, **NEW))
    inbox.read()
    before = inbox.whole
    came = inbox.read()
    assert came.notes == ("Nothing has come since tuesday.zip.",)
    assert inbox.whole.roster().users.equals(before.roster().users)
    monday.unlink()
    tuesday.unlink()
    assert inbox.read().partial
    assert list(inbox.users) == ["u1", "u3"]


def test_a_complete_delivery_that_was_the_last_is_read_again_with_its_lines(inbox):
    inbox.bulk("monday", user(1), user(2))
    inbox.read()
    came = inbox.read()
    assert not came.needs_earlier
    assert came.roster().users["line"].to_list() == [2, 3]


def test_with_other_settings_all_starts_again_from_the_newest_complete_one(inbox):
    inbox.bulk("monday", user(1))
    inbox.delta("tuesday", user(3, **NEW))
    inbox.read()
    assert inbox.read(anew=True).partial is False
    assert list(inbox.users) == ["u1", "u3"]


def test_changes_alone_are_refused(inbox):
    inbox.delta("tuesday", user(3, **NEW))
    with pytest.raises(SettingError, match=r"no complete delivery \(bulk\)"):
        inbox.read()


class TestBeingWritten:
    def test_it_is_left_and_told_where_something_stands_already(self, inbox):
        inbox.bulk("monday", user(1))
        inbox.read()
        inbox.delta("tuesday", user(3, **NEW), moment=time.time())
        came = inbox.read()
        assert list(inbox.users) == ["u1"]
        assert came.notes == ("tuesday.zip may still be being written; it is left for the next reading.",)

    def test_what_is_before_it_is_read(self, inbox):
        inbox.bulk("monday", user(1))
        inbox.delta("tuesday", user(3, **NEW))
        inbox.delta("wednesday", user(4, **NEW), moment=time.time())
        inbox.read()
        assert list(inbox.users) == ["u1", "u3"]

    def test_it_is_read_when_it_has_been_quiet(self, inbox):
        inbox.bulk("monday", user(1))
        tuesday = inbox.delta("tuesday", user(3, **NEW), moment=time.time())
        inbox.read()
        os.utime(tuesday, (time.time() - 40,) * 2)
        inbox.read()
        assert list(inbox.users) == ["u1", "u3"]

    def test_a_folder_is_written_when_any_of_its_files_is(self, inbox):
        inbox.bulk("monday", user(1))
        tuesday = inbox.bulk("tuesday", user(2), as_folder=True)
        os.utime(tuesday / "users.csv", None)
        inbox.read()
        assert list(inbox.users) == ["u1"]

    def test_where_it_is_all_there_is_one_waits(self, inbox):
        inbox.bulk("monday", user(1), moment=time.time() - 3)
        with pytest.raises(WaitError, match=r"monday\.zip changed [3-9] seconds ago .* 30 seconds"):
            inbox.read()

    def test_a_clock_that_is_ahead_hides_nothing(self, inbox):
        inbox.bulk("monday", user(1), moment=time.time() + 5000)
        inbox.read()
        assert list(inbox.users) == ["u1"]


class TestWhatStopsTheReading:
    def test_a_broken_zip_before_others_is_not_passed_over(self, inbox):
        inbox.bulk("monday", user(1))
        tuesday = inbox.delta("tuesday", user(3, **NEW))
        stood = tuesday.stat()
        inbox.delta("wednesday", user(4, **NEW))
        tuesday.write_bytes(tuesday.read_bytes()[:300])
        os.utime(tuesday, ns=(stood.st_atime_ns, stood.st_mtime_ns))
        with pytest.raises(StopError, match=r"tuesday\.zip: The zip is broken"):
            inbox.read()

    def test_a_broken_zip_before_the_newest_complete_one_matters_not(self, inbox):
        inbox.delta("sunday", user(3, **NEW)).write_bytes(b"PK")
        os.utime(inbox.path / "sunday.zip", (LONG_AGO, LONG_AGO))
        inbox.bulk("monday", user(1))
        inbox.read()
        assert list(inbox.users) == ["u1"]

    def test_changes_of_another_version(self, inbox, tmp_path):
        inbox.bulk("monday", user(1))
        inbox._put("tuesday", delta(tmp_path / "new", {"users": roster_12()["users"][:1]}, "1.2"))
        with pytest.raises(SettingError, match=r"tuesday\.zip: The changes are of OneRoster 1\.2"):
            inbox.read()

    def test_an_empty_folder(self, inbox):
        (inbox.path / "readme.txt").write_text("hello")
        (inbox.path / "logs").mkdir()
        with pytest.raises(StopError, match="no delivery in it"):
            inbox.read()

    def test_a_folder_that_is_not_there(self, inbox):
        inbox.path.rmdir()
        with pytest.raises(SettingError, match=r"take: newest"):
            inbox.read()

    def test_in_strict_mode_a_fault_in_any_of_them(self, inbox):
        inbox.bulk("monday", user(1))
        inbox.delta("tuesday", user(3, **NEW, grades="7,,8"))
        inbox.delta("wednesday", user(3, **NEW))
        with pytest.raises(DeliveryRefusedError, match=r"tuesday\.zip.*\n.*no empty entries"):
            inbox.read(strict=True)


def test_only_names_like_the_pattern_count(inbox):
    inbox.bulk("roster-1", user(1))
    inbox.bulk("grades-1", user(2))
    inbox.read(pattern="roster-*.zip")
    assert list(inbox.users) == ["u1"]


def test_changes_that_came_after_later_ones_were_read_are_told_and_not_made(inbox):
    inbox.bulk("monday", user(1))
    inbox.delta("wednesday", user(1, familyName="Third", **NEW))
    inbox.read()
    inbox.delta("tuesday", user(1, familyName="Second", **NEW), moment=LONG_AGO + 90)
    inbox.delta("sunday", user(1, familyName="Old", **NEW), moment=LONG_AGO)
    inbox.read()
    assert inbox.users == {"u1": "Third"}
    assert [(f.code, f.file) for f in inbox.whole.book] == [("delta-late", "tuesday.zip")]
    inbox.read()
    assert [f.code for f in inbox.whole.book] == ["delta-late"]


def test_a_manifest_that_cannot_be_used_is_named_with_its_delivery(inbox):
    monday = inbox.bulk("monday", user(1), as_folder=True)
    (monday / "manifest.csv").write_text(manifest_text("2.0", {}))
    os.utime(monday / "manifest.csv", (LONG_AGO, LONG_AGO))
    with pytest.raises(StopError, match=r"monday, manifest\.csv: It is a delivery of OneRoster 2\.0"):
        inbox.read()
