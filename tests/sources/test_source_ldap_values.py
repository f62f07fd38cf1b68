"""Values, names, filters and templates of directories."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter

from matricula.sources.ldap.filters import FilterFaultError, check_filter
from matricula.sources.ldap.locks import LOCKS, is_disabled
from matricula.sources.ldap.templates import template
from matricula.sources.ldap.values import Entry, component, dn_key, dn_parts, guid, moment_of_filetime, sid

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text == text.strip())


def escaped(value: str) -> str:
    """A value as RFC 4514 writes it."""
    return "".join(f"\\{sign}" if sign in ',+"\\<>;=#' else sign for sign in value)


def entry(dn: str = "uid=ann,ou=9B,ou=Oak,dc=x", **values: object) -> Entry:
    """An entry with values given as text, bytes or lists of those."""
    lists = {name: each if isinstance(each, list) else [each] for name, each in values.items()}
    raw = {name.lower(): [v if isinstance(v, bytes) else str(v).encode() for v in each] for name, each in lists.items()}
    return Entry(dn, raw)


@given(st.lists(st.tuples(st.sampled_from(["CN", "ou", "dc"]), TEXTS), min_size=1, max_size=5))
def test_names_are_read_as_they_were_written(parts: list[tuple[str, str]]) -> None:
    dn = ",".join(f"{kind}={escaped(value)}" for kind, value in parts)
    assert [rdn[0] for rdn in dn_parts(dn)] == [(kind.lower(), value) for kind, value in parts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cn=Müller\\, Jo,ou=a", "CN=M\\C3\\BCller\\2C Jo , OU=A"),
        ("cn=a+uid=b,ou=c", "UID=b + cn=a,ou=c"),
        ("cn=a  b,ou=c", "cn=a b,ou=c"),
        ('cn="a,b",ou=c', "cn=a\\,b,ou=c"),
        ("uid=x,ou=a#'0101'B", "uid=x,ou=a"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert dn_key(one) == dn_key(other)


def test_names_that_are_not_the_same() -> None:
    assert dn_key("cn=a\\,ou=b,ou=c") != dn_key("cn=a,ou=b,ou=c")
    assert dn_parts("cn=a\\20") == ((("cn", "a "),),)


def test_parts_of_names() -> None:
    assert [component("uid=a,ou=9B,ou=Oak,dc=x", "OU", n) for n in (1, 2, 3)] == ["9B", "Oak", ""]


def test_object_guid_in_the_order_of_active_directory() -> None:
    stored = bytes.fromhex("67452301ab89efcd0123456789abcdef")
    assert guid(stored) == "01234567-89ab-cdef-0123-456789abcdef"
    assert entry(objectGUID=stored).texts("objectGUID") == ["01234567-89ab-cdef-0123-456789abcdef"]
    assert guid(b"too short") == ""


def test_an_object_guid_whose_bytes_happen_to_be_text() -> None:
    assert entry(objectGUID=b"abcdefghijklmnop").texts("objectGUID") == [str(uuid.UUID(bytes_le=b"abcdefghijklmnop"))]


def test_object_sid() -> None:
    raw = bytes([1, 2, 0, 0, 0, 0, 0, 5]) + (32).to_bytes(4, "little") + (544).to_bytes(4, "little")
    assert (sid(raw), sid(raw[:-1]), sid(b"")) == ("S-1-5-32-544", "", "")


def test_several_values_keep_an_order_of_their_own() -> None:
    assert entry(mail=["zz", "aa"]).texts("mail") == entry(mail=["aa", "zz"]).texts("mail") == ["aa", "zz"]
    assert entry(uid=["aaa", "Ann"]).texts("uid") == ["Ann", "aaa"], "the value that names the entry comes first"


def test_bytes_that_are_no_text() -> None:
    photo = entry(jpegPhoto=b"\xff\xd8")
    assert photo.texts("jpegPhoto") == []
    assert photo.has_bytes("jpegPhoto")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{givenName}.{sn}@oak.example", ["Ann.Lee@oak.example"]),
        ("mail", ["a", "b"]),
        ("{dn.ou}", ["9B"]),
        ("{dn.ou.2}", ["Oak"]),
        ("{manager.cn}", ["Boss"]),
        ("{givenName} {nothing}", []),
        ("  givenName ", ["Ann"]),
    ],
)
def test_templates(text: str, expected: list[str]) -> None:
    ann = entry(givenName="Ann", sn="Lee", mail=["b", "a"], manager="cn=Boss,dc=x")
    assert template(text).texts(ann) == expected


@pytest.mark.parametrize("text", ["{givenName", "a}b", "{}", "{given name}", "two words", "{dn.ou.0}"])
def test_templates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        template(text)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"userAccountControl": 512}, False),
        ({"userAccountControl": 514}, True),
        ({"userAccountControl": 66050}, True),
        ({"userAccountControl": "?"}, False),
        ({"accountExpires": 0}, False),
        ({"accountExpires": 0x7FFF_FFFF_FFFF_FFFF}, False),
        ({"accountExpires": 0x7FFF_FFFF_FFFF_FFFE}, False),
        ({"accountExpires": 134081568000000000}, True),
        ({"accountExpires": 140000000000000000}, False),
        ({"pwdAccountLockedTime": "000001010000Z"}, True),
        ({"pwdAccountLockedTime": "20261120110000Z"}, False),
        ({"nsAccountLock": "TRUE"}, True),
        ({"nsAccountLock": "false"}, False),
        ({"shadowExpire": -1}, False),
        ({"shadowExpire": 1}, True),
        ({"shadowExpire": 20777}, True),
        ({"shadowExpire": 20778}, False),
        ({}, False),
    ],
)
def test_who_is_disabled(values: dict[str, object], expected: bool) -> None:
    assert is_disabled(entry(**values), LOCKS, NOW) is expected
    assert not is_disabled(entry(**values), (), NOW)


def test_moments_of_active_directory() -> None:
    assert moment_of_filetime("116444736000000000") == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of_filetime("x") is None


@pytest.mark.parametrize(
    "text",
    [
        "(cn=*)",
        "(&(a=b)(!(c=d))(|(e>=1)(f~=g)))",
        " (& (a=b) (c=\\2a) ) ",
        "(memberOf:1.2.840.113556.1.4.1941:=cn=a,dc=b)",
        "(cn;lang-de=x)",
        "(1.2.3=x)",
        "(a=)",
        "(sn:dn:=x)",
    ],
)
def test_filters_that_are_right(text: str) -> None:
    check_filter(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("cn=a", 1),
        ("(cn=a", 6),
        ("(cn=a))", 7),
        ("(&(a=b)(c))", 9),
        ("(&)", 3),
        ("(!(a=b)(c=d))", 13),
        ("(given name=x)", 2),
        ("(a=\\zz)", 4),
        ("(=x)", 2),
        ("(a=b)(c=d)", 6),
        ("()", 2),
        ("(a=(b))", 4),
    ],
)
def test_filters_that_are_wrong_and_where(text: str, at: int) -> None:
    with pytest.raises(FilterFaultError, match=rf"character {at}\b"):
        check_filter(text)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3).map(" ".join)
    return st.one_of(
        several.map(lambda text: f"(&{text})"),
        several.map(lambda text: f"(| {text} )"),
        inner.map(lambda text: f"(!{text})"),
    )


@given(st.recursive(st.sampled_from(["(a=b)", "(c=*d*)", "(e>=1)", "(f:dn:2.4:=g)", "(h=\\2a)", "(h= i )"]), _nested))
def test_the_library_takes_what_is_taken_for_right(text: str) -> None:
    check_filter(text)
    parse_filter(text, None, True, True, None, False)


@given(st.text("()&|!=ab \\*:", max_size=30))
def test_any_text_is_right_or_told_with_its_place(text: str) -> None:
    with suppress(FilterFaultError):
        check_filter(text)
        parse_filter(text, None, True, True, None, False)
