"""An invented school in a real directory: once as OpenLDAP has it, once as Active Directory has it."""

import atexit
import shutil
import tempfile
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slapd_server import Authority, Slapd, Values, slapd_or_skip

from matricula.errors import MatriculaError, SettingError
from matricula.roster import Delivery, Roster
from matricula.sources import Surroundings, open_source

OAK, CORP = "dc=oak,dc=example", "dc=corp,dc=example"
PEOPLE, GROUPS = f"ou=people,{OAK}", f"ou=groups,{OAK}"
READER, PASSWORD = f"cn=reader,{OAK}", "read-only-pw"
RULES = (
    "access to attrs=userPassword by anonymous auth by * none",
    f'access to dn.subtree="ou=hidden,{OAK}" by dn.exact="{READER}" read by * none',
    "access to * by * read",
    f'limits dn.exact="cn=small,{OAK}" size.soft=2 size.hard=2 size.prtotal=2',
    f'limits dn.exact="cn=nopages,{OAK}" size.prtotal=disabled',
)
GUID = "01234567-89ab-cdef-0123-456789abcdef"
NEVER = str(0x7FFF_FFFF_FFFF_FFFF)


def person(uid: str, given: str, family: str, kind: str = "pupil", **more: object) -> tuple[str, Values]:
    """Somebody as OpenLDAP has them."""
    values = {"objectClass": "inetOrgPerson", "uid": uid, "cn": f"{given} {family}", "givenName": given, "sn": family}
    values |= {"mail": f"{uid}@oak.example", "employeeNumber": f"N-{uid}", "employeeType": kind, "l": "Oak School"}
    return f"uid={uid},{PEOPLE}", values | more


def oak() -> list[tuple[str, Values]]:
    """The school as OpenLDAP has it: six people, two classes within each other, two clubs."""
    units = [(f"ou={name},{OAK}", {"objectClass": "organizationalUnit", "ou": name})
             for name in ("people", "groups", "clubs", "empty", "hidden")]  # fmt: skip
    accounts = [(f"cn={name},{OAK}", {"objectClass": ["person", "simpleSecurityObject"], "cn": name, "sn": name,
                                      "userPassword": PASSWORD})
                for name in ("reader", "small", "nopages")]  # fmt: skip
    by_uid = {name: f"uid={name},{PEOPLE}" for name in ("ann", "ben", "cleo", "dora", "emil", "fay")}
    return [
        (OAK, {"objectClass": ["dcObject", "organization"], "dc": "oak", "o": "Oak"}),
        *units,
        *accounts,
        person("ann", "Ann", "Lee", "teacher", manager=by_uid["fay"]),
        person("ben", "Bén", "Østergård", departmentNumber=["North", "Choir"]),
        person("cleo", "Cleo", "Nuñez", l="Elm School"),
        person("dora", "Dora", "Gone", pwdAccountLockedTime="000001010000Z"),
        person("emil", "Emil", "Locked", pwdAccountLockedTime="20260101120000Z"),
        person("fay", "Fay", "Head", "head", mail=["zz@oak.example", "aa@oak.example"], jpegPhoto=b"\xff\xd8\xff"),
        (f"uid=hal,ou=hidden,{OAK}", person("hal", "Hal", "Hidden")[1]),
        (f"cn=teachers,{GROUPS}", {"objectClass": "groupOfNames", "cn": "teachers", "member": by_uid["ann"]}),
        (
            f"cn=9B-Art,{GROUPS}",
            {
                "objectClass": "groupOfNames",
                "cn": "9B-Art",
                "member": [by_uid["ann"].upper(), by_uid["ben"], f"cn=9B,{GROUPS}", f"uid=nobody,{PEOPLE}"],
            },
        ),
        (
            f"cn=9B,{GROUPS}",
            {"objectClass": "groupOfUniqueNames", "cn": "9B",
             "uniqueMember": [by_uid["cleo"], by_uid["dora"], f"cn=9B-Art,{GROUPS}"]},
        ),
        (f"cn=Chess,ou=clubs,{OAK}", club("Chess", 1, "ben", "CLEO", "stranger")),
        (f"cn=Choir,ou=clubs,{OAK}", club("Choir", 2, "ben", "fay")),
    ]  # fmt: skip


def club(name: str, number: int, *logins: str) -> Values:
    """A group whose members stand there by their logins."""
    return {"objectClass": "posixGroup", "cn": name, "gidNumber": str(number), "memberUid": list(logins)}


def account(name: str, login: str, control: int, *, ou: str = "Pupils", **more: object) -> tuple[str, Values]:
    """Somebody as Active Directory has them."""
    given, _, family = name.partition(" ")
    values = _of_ad("person") | {"objectClass": ["user", "adPrincipal"], "cn": name, "givenName": given, "sn": family}
    values |= {
        "sAMAccountName": login,
        "userPrincipalName": f"{login}@corp.example",
        "userAccountControl": str(control),
    }
    values |= {
        "mail": f"{login}@oak.example",
        "employeeID": f"E{login}",
        "objectGUID": uuid.uuid5(_SPACE, login).bytes_le,
    }
    return f"CN={name},OU={ou},OU=Oak School,{CORP}", values | more


_SPACE = uuid.UUID(GUID)


def _of_ad(category: str) -> dict[str, object]:
    return {"instanceType": "4", "nTSecurityDescriptor": b"x", "objectCategory": f"cn={category},{CORP}"}


def corp() -> list[tuple[str, Values]]:
    """The school as Active Directory has it: pupils, staff, one of them disabled, one ended, a computer."""
    pupils, staff = f"OU=Pupils,OU=Oak School,{CORP}", f"OU=Staff,OU=Oak School,{CORP}"
    return [
        (CORP, {"objectClass": ["dcObject", "organization"], "dc": "corp", "o": "Corp"}),
        (f"OU=Oak School,{CORP}", {"objectClass": "organizationalUnit", "ou": "Oak School"}),
        (pupils, {"objectClass": "organizationalUnit", "ou": "Pupils"}),
        (staff, {"objectClass": "organizationalUnit", "ou": "Staff"}),
        account("Ann Lee", "ALee", 512, ou="Staff", objectGUID=uuid.UUID(GUID).bytes_le, accountExpires=NEVER),
        account("Ben Ost", "bost", 512, accountExpires="0", department="9B"),
        account("Cleo Nun", "cnun", 514),
        account("Dora Gone", "dgone", 512, accountExpires="131000000000000000"),
        account("PC01", "PC01$", 4096, objectClass=["computer", "adPrincipal"], sn="PC"),
        (
            f"CN=9B Art,{staff}",
            _of_ad("group")
            | {"objectClass": ["group", "adPrincipal"], "cn": "9B Art", "groupType": "2", "sAMAccountName": "9BArt"}
            | {"objectGUID": uuid.uuid5(_SPACE, "9B Art").bytes_le}
            | {"member": [f"CN=Ann Lee,{staff}", f"CN=Ben Ost,{pupils}", f"CN=PC01,{pupils}"]},
        ),
    ]


class Schools:
    """The server with both schools, and the authority that signed its certificate."""

    def __init__(self, folder: Path) -> None:
        slapd_or_skip()
        self.authority = Authority(folder / "authority")
        databases = {OAK: oak(), CORP: corp()}
        certificate = self.authority.certificate("localhost")
        self.server = Slapd(folder / "slapd", databases, rules=RULES, certificate=certificate).start()


@cache
def schools() -> Schools:
    """The server, started once for all tests; skips the test where there is no slapd."""
    slapd_or_skip()
    folder = Path(tempfile.mkdtemp(prefix="matricula-slapd-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    started = Schools(folder)
    atexit.register(started.server.kill)
    return started


def settings(**changes: Any) -> dict[str, Any]:
    """Settings that read the people of Oak School."""
    return {
        "type": "ldap",
        "url": schools().server.url,
        "ca_file": str(schools().authority.file),
        "directory": "openldap",
        "school": {"name": "Oak School", "id": "oak"},
        "users": [{"base": PEOPLE, "role": "student"}],
    } | changes


def ad_settings(**changes: Any) -> dict[str, Any]:
    """Settings that read the people of the school in Active Directory."""
    parts = [{"base": f"OU=Staff,OU=Oak School,{CORP}", "role": "teacher"},
             {"base": f"OU=Pupils,OU=Oak School,{CORP}", "role": "student"}]  # fmt: skip
    return settings(directory="active-directory", users=parts, **changes)


def with_classes(**changes: Any) -> dict[str, Any]:
    """Settings that read people and classes of Oak School."""
    parts = [{"base": PEOPLE, "role": "student", "roles": [{"role": "teacher", "member_of": f"cn=teachers,{GROUPS}"}]}]
    groups = [{"base": GROUPS, "filter": "(cn=9B*)", "make": "classes"}]
    return settings(users=parts, groups=groups) | changes


def deliver(document: dict[str, Any], password: str = "", said: list[str] | None = None) -> Delivery:
    """What a source with these settings delivers."""

    def secret(name: str) -> str:
        if name != "password" or not password:
            raise SettingError(f"No {name} is known.", code="secret-missing")
        return password

    surroundings = Surroundings(secret=secret, say=said.append if said is not None else lambda _: None)
    return open_source(document, surroundings).deliver()


def read(document: dict[str, Any], password: str = "") -> Roster:
    """The checked roster of a source with these settings."""
    return deliver(document, password).roster()


def contract_directory() -> dict[str, Any]:
    """Settings that read a record for each table."""
    return with_classes()


def refused(document: dict[str, Any], password: str = "") -> MatriculaError:
    """The refusal that reading with these settings ends with; the password never stands in it."""
    with pytest.raises(MatriculaError) as error:
        deliver(document, password)
    if password:
        assert password not in str(error.value)
    return error.value
