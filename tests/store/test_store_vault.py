"""The vault gives back what it was given, and nothing with another key."""

import pytest
from cryptography.fernet import Fernet

from matricula.errors import StopError
from matricula.store import Vault
from matricula.store.secrets import KEY_VARIABLE


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "key"


def refused(act):
    with pytest.raises(StopError) as caught:
        act()
    assert caught.value.remedy
    return caught.value


def test_what_goes_in_comes_out_and_is_hidden_between(path):
    vault = Vault.create(path)
    ciphertext = vault.encrypt("tökén")
    assert "tökén".encode() not in ciphertext
    assert Vault(path).decrypt(ciphertext) == "tökén"
    assert path.stat().st_mode & 0o777 == 0o600


def test_making_a_key_never_replaces_one(path):
    ciphertext = Vault.create(path).encrypt("x")
    assert Vault.create(path).decrypt(ciphertext) == "x"


def test_missing_key(path):
    error = refused(lambda: Vault(path).encrypt("x"))
    assert (error.code, error.where) == ("key-missing", str(path))


def test_another_key(path, tmp_path):
    ciphertext = Vault.create(tmp_path / "other").encrypt("x")
    vault = Vault.create(path)
    assert refused(lambda: vault.decrypt(ciphertext)).code == "key-wrong"


@pytest.mark.parametrize("content", [b"not a key", b"", b"\xff\xfe", b"\n\n"])
def test_file_without_a_key(path, content):
    path.write_bytes(content)
    path.chmod(0o600)
    assert refused(lambda: Vault(path).encrypt("x")).code == "key-malformed"


def test_key_open_to_everybody(path):
    Vault.create(path)
    path.chmod(0o644)
    assert "chmod 600" in refused(lambda: Vault(path).encrypt("x")).remedy


def test_key_from_the_environment_goes_first(path, monkeypatch):
    in_file = Vault.create(path).encrypt("x")
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    assert refused(lambda: Vault(path).decrypt(in_file)).where == KEY_VARIABLE
    assert Vault(path).decrypt(Vault(path).encrypt("y")) == "y"


def test_old_key_still_reads_while_the_new_one_writes(path):
    old = Vault.create(path).encrypt("x")
    path.write_bytes(Fernet.generate_key() + b"\n" + path.read_bytes())
    assert Vault(path).decrypt(old) == "x"
    new = Vault(path).encrypt("y")
    path.write_bytes(path.read_bytes().splitlines()[0])
    assert Vault(path).decrypt(new) == "y"
    assert refused(lambda: Vault(path).decrypt(old)).code == "key-wrong"
