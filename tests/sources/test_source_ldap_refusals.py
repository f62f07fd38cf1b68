"""Directories as a source: pages and limits, encryption, accounts, wrong settings, and what goes wrong meanwhile."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import ldap3
import pytest
from answering_directory import Answers, answering
from deliveries import found
from directory_school import (
    GROUPS,
    OAK,
    PASSWORD,
    PEOPLE,
    READER,
    ad_settings,
    deliver,
    oak,
    read,
    refused,
    schools,
    settings,
)
from slapd_server import ROOT_PASSWORD, Slapd

from matricula.errors import SettingError, StopError, WaitError
from matricula.sources import Surroundings, open_source

# Pages and limits -----------------------------------------------------------------------------------------------


def test_pages_give_all_and_say_how_far_they_are() -> None:
    said: list[str] = []
    whole, paged = deliver(settings()).roster(), deliver(settings(page_size=2), said=said).roster()
    assert paged.users.equals(whole.users)
    assert [int(re.findall(r"\d+", line)[-1]) for line in said] == [2, 4, 6]


def test_a_server_that_refuses_pages_is_asked_for_all_at_once() -> None:
    delivery = deliver(settings(page_size=2, bind_dn=f"cn=nopages,{OAK}"), PASSWORD)
    assert delivery.roster().users.height == 6
    assert any("page by page" in note for note in delivery.notes)


@pytest.mark.parametrize("page_size", [0, 1, 500])
def test_a_limit_means_not_complete(page_size: int) -> None:
    error = refused(settings(page_size=page_size, bind_dn=f"cn=small,{OAK}"), PASSWORD)
    assert (type(error), error.code) == (StopError, "directory-size-limit")


# Encryption and accounts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [None, "start_tls"])
def test_start_tls(tls: str | None) -> None:
    assert read(settings(tls=tls)).users.height == 6


def test_ldaps() -> None:
    delivery = deliver(settings(url=schools().server.secure_url))
    assert delivery.origin.startswith("ldaps://localhost:")
    assert delivery.roster().users.height == 6


@pytest.mark.parametrize("which", ["url", "secure_url"])
def test_a_certificate_for_another_name(which: str) -> None:
    url = getattr(schools().server, which).replace("localhost", "127.0.0.1")
    error = refused(settings(url=url))
    assert (type(error), error.code) == (StopError, "directory-certificate")
    assert "not for 127.0.0.1" in str(error)


@pytest.mark.parametrize("which", ["url", "secure_url"])
def test_a_certificate_of_an_unknown_authority(which: str) -> None:
    error = refused(settings(url=getattr(schools().server, which), ca_file=None))
    assert error.code == "directory-certificate"
    assert "ca_file" in error.remedy


def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    certificate = schools().authority.certificate("localhost", lasts=timedelta(days=-1))
    with Slapd(tmp_path, {OAK: oak()}, certificate=certificate) as own:
        error = refused(settings(url=own.secure_url))
    assert (error.code, "expired" in error.what) == ("directory-certificate", True)


def test_a_server_without_encryption_and_one_that_wants_it(tmp_path: Path) -> None:
    rules = ["security simple_bind=128", "access to * by * read"]
    with Slapd(tmp_path, {OAK: oak()}, rules=rules) as own:
        plain, ldaps = refused(settings(url=own.url)), refused(settings(url=own.secure_url))
        wanted = refused(settings(url=own.url, tls="none", bind_dn=READER), PASSWORD)
    assert (plain.code, "does not speak StartTLS" in plain.what) == ("directory-encryption", True)
    assert ldaps.code == "directory-encryption"
    assert (type(wanted), wanted.code) == (SettingError, "directory-encryption")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_is_none(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    error = refused(settings(ca_file=str(file)))
    assert (type(error), error.code) == (SettingError, "directory-ca-file")


def test_the_account_and_its_password() -> None:
    hidden = settings(users=[{"base": f"ou=hidden,{OAK}", "role": "student"}])
    assert refused(hidden).code == "directory-base"
    assert read(hidden | {"bind_dn": READER}, PASSWORD).users["username"].to_list() == ["hal"]
    wrong = refused(hidden | {"bind_dn": READER}, "wrong-password")
    assert (type(wrong), wrong.code) == (SettingError, "directory-password")
    assert open_source(settings(bind_dn=READER)).settings.secrets() == ("password",)
    assert open_source(settings()).settings.secrets() == ()
    assert refused(settings(bind_dn=READER)).code == "secret-missing"


def test_a_blank_password_lets_nobody_in() -> None:
    source = open_source(settings(bind_dn=READER), Surroundings(secret=lambda _: ""))
    with pytest.raises(SettingError, match="blank"):
        source.deliver()


def test_the_next_server_is_tried() -> None:
    down = "ldap://localhost:1"
    assert deliver(settings(url=[down, schools().server.url])).origin == schools().server.url
    error = refused(settings(url=[down, "ldaps://127.0.0.1:1"]))
    assert (type(error), error.code) == (WaitError, "directory-out-of-reach")
    assert "ldap://localhost:1 (Connection refused); ldaps://127.0.0.1:1 (" in error.what


def test_a_wrong_password_is_not_tried_on_the_next_server() -> None:
    answers = Answers()
    with answering(answers) as other:
        document = settings(url=[schools().server.url, other], bind_dn=READER)
        assert refused(document, "wrong-password").code == "directory-password"
    assert answers.asked == []


# Empty and wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind", "code", "told"),
    [
        ({"users": [{"base": f"ou=empty,{OAK}", "role": "student"}]}, StopError, "directory-empty", "ou=empty"),
        ({"users": [{"base": "ou=x,dc=y", "role": "student"}]}, SettingError, "directory-base", "dc=oak,dc=example"),
        ({"users": [{"base": "no name", "role": "student"}]}, SettingError, "directory-name", "ou=people"),
        ({"groups": [{"base": f"ou=empty,{OAK}", "make": "classes"}]}, StopError, "directory-empty", "groups 1"),
        (
            {"groups": [{"base": f"ou=clubs,{OAK}", "filter": "(cn=*)", "make": "cohorts", "column": "c"}],
             "users": [{"base": PEOPLE, "filter": "(uid=dora)", "role": "student"}]},
            StopError,
            "directory-no-members",
            "None of their",
        ),
        ({"groups": [{"base": PEOPLE, "filter": "(uid=*)", "make": "classes"}]}, StopError, "directory-no-members", ""),
        (
            {"users": [{"base": PEOPLE, "roles": [{"role": "teacher", "member_of": f"cn=x,{GROUPS}"}]}]},
            StopError,
            "directory-group",
            "cn=x",
        ),
        ({"attributes": {"sourcedId": "objectGUID"}}, StopError, "directory-no-sourced-id", "objectGUID"),
    ],
)  # fmt: skip
def test_refusals_name_what_was_asked_for(changes: dict, kind: type, code: str, told: str) -> None:
    error = refused(settings(**changes))
    assert (type(error), error.code) == (kind, code)
    assert told in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "http://x"}, "no address"),
        ({"url": "ldap://me:secret@x"}, "no address"),
        ({"url": "ldaps://x", "tls": "none"}, "write ldap://"),
        ({"tls": "ldaps"}, "write ldaps://"),
        ({"ca_file": "ca.pem"}, "whole path"),
        ({"users": [{"base": PEOPLE, "filter": "(uid=ann", "role": "student"}]}, "character 9"),
        ({"users": [{"base": PEOPLE}]}, "role"),
        ({"users": [{"base": PEOPLE, "roles": [{"role": "student"}]}]}, "member_of or attribute"),
        ({"users": [{"base": PEOPLE, "roles": [{"role": "student", "attribute": "l"}]}]}, "belong together"),
        ({"users": []}, "at least 1"),
        ({"attributes": {"nickname": "cn"}}, "no column"),
        ({"attributes": {"password": "userPassword"}}, "no column"),
        ({"attributes": {"sourcedId": None}}, "cannot be taken out"),
        ({"attributes": {"email": ""}}, "made of nothing"),
        ({"attributes": {"email": "{mail"}}, "brace"),
        ({"groups": [{"base": GROUPS, "make": "cohorts"}]}, "column"),
        ({"groups": [{"base": GROUPS, "make": "classes", "column": "x"}]}, "column"),
        ({"groups": [{"base": GROUPS, "make": "cohorts", "column": "a b"}]}, "cannot be a column"),
        ({"groups": [{"base": GROUPS, "make": "classes", "attributes": {"colour": "cn"}}]}, "no column"),
        ({"school": {}}, "school"),
        ({"session": {"title": "x", "start": "2027-01-01", "end": "2026-01-01"}}, "before it begins"),
    ],
)
def test_settings_that_make_no_sense(changes: dict, told: str) -> None:
    with pytest.raises(SettingError, match=re.escape(told)):
        open_source(settings(**changes))


# While it reads -------------------------------------------------------------------------------------------------


def test_a_server_that_stops_half_way(tmp_path: Path) -> None:
    with Slapd(tmp_path, {OAK: oak()}) as own:
        surroundings = Surroundings(say=lambda line: own.kill() if "2 entries" in line else None)
        source = open_source(settings(url=own.url, tls="none", page_size=2), surroundings)
        with pytest.raises(WaitError) as error:
            source.deliver()
    assert error.value.code == "directory-broken-off"
    assert "users 1" in error.value.where


def test_a_server_that_never_answers() -> None:
    with answering(Answers(silent=True)) as url:
        error = refused(settings(url=url, tls="none", timeout_seconds=1))
    assert (type(error), error.code) == (WaitError, "directory-out-of-reach")


def _person(number: int) -> tuple[str, dict[str, list[bytes | str]]]:
    guid = uuid.UUID(int=number).bytes_le
    return f"CN=P{number},DC=x", {"objectGUID": [guid], "sAMAccountName": [f"p{number}"]}


def ad(url: str, **changes: Any) -> dict[str, Any]:
    """Settings that read people and classes of the server that answers as it is told."""
    parts = {"users": [{"base": "DC=x", "role": "student"}], "groups": [{"base": "OU=g,DC=x", "make": "classes"}]}
    return ad_settings() | parts | {"url": url, "tls": "none"} | changes


def test_members_that_come_in_ranges() -> None:
    people = [_person(number) for number in range(1, 41)]
    names = [dn for dn, _ in people]
    group = {"objectGUID": [uuid.UUID(int=9999).bytes_le], "cn": ["All"]}

    def search(base: str, attributes: list[str]) -> list[Any]:
        if base == "DC=x":
            return people
        asked = next((each for each in attributes if each.lower().startswith("member;range=")), "member;range=0-*")
        first = int(re.findall(r"\d+", asked)[0])
        last = "*" if first + 15 >= len(names) else str(first + 14)
        part = {f"member;range={first}-{last}": names[first : first + 15]}
        return [("CN=All,OU=g,DC=x", part if first else group | {"member": []} | part)] if base else []

    with answering(Answers(search)) as url:
        roster = read(ad(url, page_size=0))
    assert roster.enrollments.height == 40
    assert not found(roster, "directory-member-unknown")


def test_references_to_other_servers_are_not_followed() -> None:
    with answering(Answers(lambda base, _: [_person(1), "ldap://elsewhere.example/DC=y"] if base else [])) as url:
        delivery = deliver(ad(url, groups=[]))
    assert delivery.roster().users.height == 1
    assert any("elsewhere.example" in note for note in delivery.notes)


def test_an_entry_that_comes_twice() -> None:
    with answering(Answers(lambda base, _: [_person(1), _person(2), _person(1)] if base else [])) as url:
        error = refused(ad(url, groups=[]))
    assert (type(error), error.code) == (StopError, "directory-changed")


def test_what_changed_meanwhile_in_openldap_is_told(tmp_path: Path) -> None:
    rules = ["overlay syncprov", "access to * by * read"]
    with Slapd(tmp_path, {OAK: oak()}, settings=["moduleload syncprov"], rules=rules) as own:

        def change(line: str) -> None:
            if "2 entries" in line:
                with ldap3.Connection(own.url, f"cn=root,{OAK}", ROOT_PASSWORD, auto_bind=True) as connection:
                    connection.modify(f"uid=ann,{PEOPLE}", {"sn": [(ldap3.MODIFY_REPLACE, ["Changed"])]})

        document = settings(url=own.url, tls="none", page_size=2)
        changed = open_source(document, Surroundings(say=change)).deliver()
        quiet = open_source(document).deliver()
    assert any("was changed while it was read" in note for note in changed.notes)
    assert quiet.notes == ()


def test_what_changed_meanwhile_in_active_directory_is_told() -> None:
    numbers = iter("1234")

    def search(base: str, attributes: list[str]) -> list[Any]:
        return [_person(1)] if base else [("", {"highestCommittedUSN": [next(numbers)]})]

    with answering(Answers(search)) as url:
        notes = deliver(ad(url, groups=[])).notes
    assert notes == ("The directory was changed while it was read; what changed comes with the next reading.",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("52e", "password is wrong"),
        ("533", "disabled"),
        ("532", "expired"),
        ("775", "locked"),
        ("ffff", "AcceptSecurity"),
    ],
)
def test_reasons_of_active_directory(data: str, told: str) -> None:
    words = f"80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data {data}, v4f7c"
    with answering(Answers(bind=(49, words))) as url:
        error = refused(ad(url, bind_dn="CN=reader,DC=x"), "secret-of-reader")
    assert (error.code, told in str(error)) == ("directory-password", True)


@pytest.mark.parametrize(
    ("result", "kind", "code"),
    [
        ((1, "a successful bind must be completed", ()), SettingError, "directory-bind-first"),
        ((3, "", ()), StopError, "directory-time-limit"),
        ((10, "", ("ldap://elsewhere.example/DC=y",)), SettingError, "directory-referral"),
        ((50, "", ()), SettingError, "directory-rights"),
        ((51, "", ()), WaitError, "directory-busy"),
        ((53, "", ()), StopError, "directory-unwilling"),
        ((80, "odd", ()), StopError, "directory-refused"),
    ],
)
def test_other_refusals(result: tuple, kind: type, code: str) -> None:
    with answering(Answers(search_result=result)) as url:
        error = refused(ad(url))
    assert (type(error), error.code) == (kind, code)


def test_a_busy_server_is_passed_over() -> None:
    with answering(Answers(bind=(51, ""))) as busy:
        assert deliver(settings(url=[busy, schools().server.url], tls="none")).origin == schools().server.url


def test_a_server_that_wants_an_account_or_encryption() -> None:
    for number, code in ((8, "directory-encryption"), (48, "directory-bind-refused")):
        with answering(Answers(bind=(number, ""))) as url:
            assert refused(ad(url)).code == code
