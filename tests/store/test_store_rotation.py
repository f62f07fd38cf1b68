"""A new key takes the place of the old one, and whoever is cut off anywhere loses nothing."""

import os
import stat

import pytest
from cryptography.fernet import Fernet

from matricula.errors import StopError, UsageError
from matricula.store import Store, Vault, rotation
from matricula.store.rotation import move, rotate
from matricula.store.secrets import KEY_VARIABLE

SECRETS = {"token:moodle": "tökén", "source:sis:password": "pass word", "passwords": "00ff"}


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def vault(tmp_path, store: Store):
    vault = Vault.create(tmp_path / "key")
    for name, text in SECRETS.items():
        store.secrets.put(name, vault.encrypt(text))
    return vault


def readable(vault, store):
    return {name: vault.decrypt(ciphertext) for name, ciphertext in store.secrets.all().items()}


def test_every_secret_is_encrypted_with_a_new_key_and_the_old_one_is_gone(vault, store):
    (old,) = vault.keys()
    before = store.secrets.all()
    done = rotate(vault, store.secrets)
    (new,) = vault.keys()
    assert (done.secrets, done.old, done.written) == (3, 0, None)
    assert new != old
    assert readable(vault, store) == SECRETS
    assert all(before[name] != ciphertext for name, ciphertext in store.secrets.all().items())
    assert old not in vault.key_path.read_text()
    assert stat.S_IMODE(vault.key_path.stat().st_mode) == 0o600
    assert [path.name for path in vault.key_path.parent.glob("key*")] == ["key"]


STEPS = ("write_new", "replace", "rewrite", "read_all")


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_killed_before_or_after_any_step_nothing_is_lost(vault, store, monkeypatch, step, time, after):
    places = {
        "write_new": (rotation, "write_new"),
        "replace": (os, "replace"),
        "rewrite": (store.secrets, "rewrite"),
        "read_all": (rotation, "_read_all"),
    }
    place, name = places[step]
    real, count = getattr(place, name), [0]

    def killing(*arguments):
        count[0] += 1
        if count[0] == time and not after:
            raise KeyboardInterrupt
        result = real(*arguments)
        if count[0] == time:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patched:
        patched.setattr(place, name, killing)
        if step == "rewrite" and time == 2:
            rotate(vault, store.secrets)
        else:
            with pytest.raises(KeyboardInterrupt):
                rotate(vault, store.secrets)
    assert readable(vault, store) == SECRETS
    assert stat.S_IMODE(vault.key_path.stat().st_mode) == 0o600
    rotate(vault, store.secrets)
    assert len(vault.keys()) == 1
    assert readable(vault, store) == SECRETS


def test_killed_while_it_encrypts_no_secret_is_changed(vault, store, monkeypatch):
    before, real, count = store.secrets.all(), rotation.MultiFernet.rotate, [0]

    def killing(self, ciphertext):
        count[0] += 1
        if count[0] == 2:
            raise KeyboardInterrupt
        return real(self, ciphertext)

    monkeypatch.setattr(rotation.MultiFernet, "rotate", killing)
    with pytest.raises(KeyboardInterrupt):
        rotate(vault, store.secrets)
    assert store.secrets.all() == before
    assert readable(vault, store) == SECRETS


def test_a_secret_of_a_key_that_is_lost_stops_it_before_anything_is_done(vault, store):
    store.secrets.put("token:other", Fernet(Fernet.generate_key()).encrypt(b"x"))
    keys = vault.keys()
    with pytest.raises(StopError, match="token:other") as refused:
        rotate(vault, store.secrets)
    assert refused.value.code == "key-wrong"
    assert vault.keys() == keys


def test_a_key_in_the_environment_is_changed_by_a_file_and_a_second_word(vault, store, monkeypatch, tmp_path):
    (old,) = vault.keys()
    monkeypatch.setenv(KEY_VARIABLE, old)
    with pytest.raises(UsageError, match="environment") as refused:
        rotate(vault, store.secrets)
    assert "--to FILE" in refused.value.remedy
    assert old not in str(refused.value)
    file = tmp_path / "both"
    done = rotate(vault, store.secrets, file)
    assert (done.written, done.secrets) == (file, 0)
    assert readable(vault, store) == SECRETS
    monkeypatch.setenv(KEY_VARIABLE, " ".join(file.read_text().split()))
    assert rotate(vault, store.secrets).old == 1
    monkeypatch.setenv(KEY_VARIABLE, file.read_text().split()[0])
    assert readable(vault, store) == SECRETS


def test_the_key_moves_elsewhere_and_a_cut_off_move_goes_on(vault, store, tmp_path):
    folder = tmp_path / "elsewhere"
    with pytest.raises(StopError) as nowhere:
        move(vault, folder / "key")
    assert nowhere.value.code == "key-unwritable"
    folder.mkdir()
    taken = tmp_path / "taken"
    taken.write_text("something else")
    with pytest.raises(UsageError) as there:
        move(vault, taken)
    assert there.value.code == "file-exists"
    assert vault.key_path.exists()
    text = vault.key_path.read_text()
    rotation.write_new(folder / "key", text)  # as far as a move comes that is killed before the old file is gone
    move(vault, folder / "key")
    assert not vault.key_path.exists()
    assert readable(Vault(folder / "key"), store) == SECRETS
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
