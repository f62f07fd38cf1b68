"""What is kept of signing on: purged, forgotten, backed up, encrypted anew, and taken away with its site."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import text

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub import documents
from matricula.hub.backups import back_up, restore
from matricula.hub.keys import rotate_key
from matricula.hub.retention import purge
from matricula.store import Person, Store


def rows(store, table):
    with store.begin() as connection:
        return connection.execute(text(f"select count(*) from {table}")).scalar_one()


def test_what_ended_is_purged_once_it_can_be_used_no_more(site, service, clock):
    site.tokens()
    now = datetime.now(UTC)
    assert "sign_on_grant" not in purge(service.home, at=now + timedelta(minutes=9)).notices
    assert purge(service.home, dry_run=True, at=now + timedelta(minutes=30)).notices["sign_on_grant"] == 2
    assert purge(service.home, at=now + timedelta(minutes=30)).notices["sign_on_grant"] == 2
    assert rows(service.store, "sign_on_grant") == 0


def test_what_ended_is_taken_out_by_the_next_sign_on_as_well(site, service, clock):
    site.tokens()
    clock.turn(minutes=30)
    site.code()
    assert rows(service.store, "sign_on_grant") == 1


def test_a_replaced_key_is_purged_after_a_week_and_the_one_in_force_never(site, service):
    site.tokens()
    service.provider.rotate()
    now = datetime.now(UTC)
    assert "signing_key" not in purge(service.home, at=now + timedelta(days=6)).notices
    assert purge(service.home, at=now + timedelta(days=8)).notices["signing_key"] == 1
    assert "signing_key" not in purge(service.home, at=now + timedelta(days=4000)).notices
    assert [each.ended_at for each in service.provider.listed()] == [None]


@pytest.mark.parametrize("called", ["lena.l", "LENA@school.example", "4711", "u-1", "Lena Lind"])
def test_whoever_is_forgotten_is_forgotten_here_too(site, service, called):
    token = site.tokens()["access_token"]
    person = Person("default", frozenset({"u-9"}), frozenset(), frozenset({called}))
    assert service.store.forgetting.counts([person])["sign_on_grant"] == 2
    assert service.store.forgetting.forget([person], "forgotten", "owner")["sign_on_grant"] == 2
    assert site.userinfo(token).status_code == 401
    assert rows(service.store, "sign_on_grant") == 0


def test_nobody_else_is_forgotten_with_them(site, service):
    token = site.tokens()["access_token"]
    person = Person("default", frozenset({"u-9"}), frozenset(), frozenset({"Lena", "lind", "47", "example"}))
    assert "sign_on_grant" not in service.store.forgetting.forget([person], "forgotten", "owner")
    assert site.userinfo(token).status_code == 200


def test_a_new_key_of_the_secrets_encrypts_the_keys_that_sign_anew(site, service):
    before = site.tokens()["id_token"]
    service.provider.rotate()
    ciphertext = {each.id: each.secret for each in service.store.signing_keys.all()}
    (old,) = service.home.vault.keys()
    assert rotate_key(service.home).secrets >= 2
    assert [each.id for each in service.store.signing_keys.all()] == list(ciphertext)
    for each in service.store.signing_keys.all():
        with pytest.raises(InvalidToken):
            Fernet(old).decrypt(each.secret)
    assert site.verified(before).claims["sub"]
    assert site.verified(site.tokens()["id_token"]).claims["sub"]


def test_a_key_that_cannot_be_read_is_named_and_another_one_helps(site, service):
    site.tokens()
    other = Fernet(Fernet.generate_key()).encrypt(b"{}")
    with service.store.begin() as connection:
        connection.execute(text("update signing_key set secret = :other"), {"other": other})
    (key,) = service.store.signing_keys.all()
    with pytest.raises(StopError, match=f"signing key {key.id}"):
        rotate_key(service.home)
    assert site.window.get("/provider/keys").status_code == 409
    service.provider.rotate()
    assert len(site.window.get("/provider/keys").json()["keys"]) == 1
    assert site.verified(site.tokens()["id_token"]).claims["sub"]


def test_a_backup_holds_clients_and_keys_but_nothing_that_was_given_out(site, service, tmp_path):
    site.tokens()
    kept = [each.id for each in service.store.signing_keys.all()]
    back_up(service.home, tmp_path / "backup.db", with_key=True)
    (tmp_path / "anew").mkdir()
    restore(tmp_path / "anew", tmp_path / "backup.db")
    with Store.open(tmp_path / "anew" / "matricula.db") as store:
        assert [each.id for each in store.signing_keys.all()] == kept
        assert store.sign_on_clients.of_site("school").id == site.entered.client
        assert rows(store, "sign_on_grant") == 0


def test_a_client_goes_with_its_site_and_all_that_it_was_given(site, other, service):
    token, kept = site.tokens()["access_token"], other.tokens()["access_token"]
    documents.remove(service.home, "site", "school")
    assert service.store.sign_on_clients.of_site("school") is None
    assert site.userinfo(token).status_code == 401
    assert "location" not in site.ask().headers
    assert other.userinfo(kept).status_code == 200


def test_a_client_goes_with_the_address_of_its_site(site, service):
    documents.load(service.home, "kind: site\nname: school\nurl: https://new.example\n", "test")
    assert service.store.sign_on_clients.of_site("school") is None
    assert "location" not in site.ask().headers


def test_a_second_client_of_a_site_is_asked_for_explicitly(site, service):
    with pytest.raises(UsageError) as caught:
        service.provider.make_client("school", renew=False)
    assert caught.value.code == "provider-client-there"
    assert site.tokens()


@pytest.mark.parametrize(
    ("address", "code"), [("", "provider-address"), ("address: http://school.example", "provider-insecure")]
)
def test_a_client_is_made_once_moodle_can_reach_matricula(service, tmp_path, address, code):
    service.home.load(f"kind: service\nname: service\n{address}\n", "test", tmp_path)
    with pytest.raises(SettingError) as caught:
        service.provider.make_client("school", renew=False)
    assert caught.value.code == code
    assert service.store.sign_on_clients.of_site("school") is None


def test_of_many_who_ask_for_the_first_key_at_once_all_get_the_same(service):
    from threading import Thread

    found = []
    threads = [Thread(target=lambda: found.append(service.provider.published()["keys"][0]["kid"])) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1
