"""Files that somebody hands over: whole and safe, or not at all."""

import io
import zipfile

import pytest

from matricula.errors import MatriculaError, StopError, UsageError
from matricula.hub import Home, uploads
from matricula.hub.documents import uploads_folder
from matricula.hub.uploads import Handed, delivery_folder, take_upload, uploaded

USERS = b"sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName\n1,true,o,student,ada,Ada,Byron\n"


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        yield home


def handed(**files):
    return [Handed(name.replace("__", "."), io.BytesIO(content)) for name, content in files.items()]


def zipped(entries, compression=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def test_files_and_the_files_of_a_zip_come_into_one_folder(home):
    take_upload(home, "school", "oneroster-csv", handed(users__csv=USERS))
    assert [name for name, _ in uploaded(home, "school")] == ["users.csv"]
    folder = take_upload(
        home, "school", "oneroster-csv", handed(all__zip=zipped([("out/users.csv", USERS), ("out/orgs.csv", b"x\n")]))
    )
    assert folder == delivery_folder(home, "school")
    assert [name for name, _ in uploaded(home, "school")] == ["out/orgs.csv", "out/users.csv"]
    assert [each.name for each in uploads_folder(home, "school").iterdir()] == ["delivery"]
    assert (folder / "out" / "users.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "upload-none"),
        ({"users__exe": b"MZ"}, "upload-kind"),
        ({"__bashrc": b"x"}, "upload-kind"),
        ({"notes__csv": b"a,b\n"}, "delivery-empty"),
        ({"roster__zip": b"no zip"}, "zip-broken"),
        ({"roster__zip": zipped([("../users.csv", USERS)])}, "zip-outside"),
        ({"roster__zip": zipped([("/etc/users.csv", USERS)])}, "zip-outside"),
        ({"roster__zip": zipped([("a/..\\..\\users.csv", USERS)])}, "zip-outside"),
        ({"roster__zip": zipped([("c:users.csv", USERS)])}, "zip-outside"),
        ({"roster__zip": zipped([("a/users.csv", USERS), ("b/a/users.csv", USERS)])}, "upload-twice"),
        ({"roster__zip": zipped([("readme.md", b"x")])}, "delivery-empty"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_there_stays(home, tmp_path, files, code):
    take_upload(home, "school", "oneroster-csv", handed(users__csv=USERS))
    with pytest.raises(MatriculaError) as told:
        take_upload(home, "school", "oneroster-csv", handed(**files))
    assert told.value.code == code
    assert told.value.remedy
    assert [name for name, _ in uploaded(home, "school")] == ["users.csv"]
    assert [each.name for each in uploads_folder(home, "school").iterdir()] == ["delivery"]
    assert not list(tmp_path.glob("*.csv"))


def test_a_zip_that_unpacks_to_too_much_is_stopped_while_it_does(home, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 5 * 1024**2)
    bomb = zipped([("users.csv", USERS), ("classes.csv", b"0" * (6 * 1024**2))])
    assert len(bomb) < 20_000
    with pytest.raises(StopError) as told:
        take_upload(home, "school", "oneroster-csv", handed(bomb__zip=bomb))
    assert told.value.code == "upload-large"
    assert not list(uploads_folder(home, "school").iterdir())


def test_too_many_files_are_refused(home, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    with pytest.raises(StopError) as told:
        take_upload(home, "school", "tables", handed(all__zip=zipped([(f"{n}.csv", b"x") for n in range(4)])))
    assert told.value.code == "upload-large"


def test_a_zip_with_a_password_says_so(home):
    packed = bytearray(zipped([("users.csv", USERS)]))
    for place in (6, packed.index(b"PK\x01\x02") + 8):
        packed[place] |= 1  # the flag that says so
    with pytest.raises(StopError) as told:
        take_upload(home, "school", "oneroster-csv", handed(locked__zip=bytes(packed)))
    assert told.value.code == "zip-locked"


@pytest.mark.parametrize("name", ["../other", "a/b", "", "Ä", "."])
def test_a_name_that_is_no_folder_of_its_own_is_refused(home, name):
    with pytest.raises(UsageError) as told:
        take_upload(home, name, "oneroster-csv", handed(users__csv=USERS))
    assert told.value.code == "document-name"
