"""OneRoster REST: what is refused, in which words, and what is tried again."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from oneroster_service import READ, SECRET, once, raw, running, service
from starlette.responses import StreamingResponse

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.sources import Surroundings, open_source
from matricula.sources.web.answers import pause_of


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(testing=True, attempts=5, cap=True):
        yield


def refusal(served, kind=MatriculaError, secret=SECRET, **settings) -> MatriculaError:
    with pytest.raises(kind) as error:
        served.source(secret=secret, **settings).deliver()
    assert secret not in str(error.value)
    return error.value


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({}, r"consumer key matricula with its consumer_secret \(401\) \(it says: invalid signature\).*clock"),
        ({"signature": "HMAC-SHA256"}, r"HMAC-SHA256 \(else set signature: HMAC-SHA1\)"),
        ({"method": "bearer"}, r"the token \(401\) \(it says: bad token\).*new token"),
        ({"version": "1.2"}, "No token is given to the client matricula with its client_secret"),
    ],
)
def test_a_wrong_secret_is_refused_in_the_words_of_its_kind(kind, words):
    with running(service(**kind)) as served:
        error = refusal(served, SettingError, secret="wrong")
    assert error.code == "credentials-refused"
    assert re.search(words, str(error)), str(error)


def test_the_wrong_way_of_signing_is_refused():
    with running(service(signature="HMAC-SHA256")) as served:
        auth = {**served.settings()["auth"], "signature": "HMAC-SHA1"}
        assert "else set signature: HMAC-SHA256" in refusal(served, auth=auth).remedy


def test_a_scope_that_is_missing_is_named():
    with running(service("1.2")) as served:
        served.before.append(lambda *_: raw('{"imsx_description": "Insufficient scope"}', 403))
        error = refusal(served, SettingError)
    assert error.code == "scope-refused"
    assert READ in str(error)
    assert "Insufficient scope" in str(error)
    assert error.where.endswith("/orgs")


def test_403_without_scopes_says_what_must_be_readable():
    with running(service()) as served:
        served.before.append(lambda *_: raw("no", 403))
        error = refusal(served, SettingError)
    assert error.code == "read-refused"
    assert "orgs, academicSessions, courses" in error.remedy


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_web_page_is_no_service(status):
    with running(service()) as served:
        served.before.append(lambda *_: raw("<!DOCTYPE html><p>Sign in</p>", status, content_type="text/html"))
        error = refusal(served)
    assert error.code == ("service-refused" if status == 500 else "service-address")
    assert status == 500 or "looks like https://sis.school.example/ims/oneroster/v1p1 ." in error.remedy


def test_a_wrong_path_is_refused_with_how_it_should_look():
    with running(service()) as served:
        error = refusal(served, SettingError, url=f"{served.address}/api")
    assert error.where.endswith("/api/ims/oneroster/v1p1/orgs")
    assert "https://sis.school.example/ims/oneroster/v1p1" in error.remedy


def test_an_answer_that_sends_on_is_not_followed():
    with running(service()) as other, running(service()) as served:
        served.before.append(lambda *_: raw("", 302, location=f"{other.address}/x"))
        error = refusal(served, SettingError)
        assert other.asked == []
    assert "302, sends on to 127.0.0.1" in str(error)


@pytest.mark.parametrize(
    "body", ['{"user": []}', "[]", '{"orgs": {}}', '{"orgs": ["o1"]}', "null", "7"], ids=lambda body: body
)
def test_json_that_is_not_oneroster_is_refused(body):
    with running(service()) as served:
        served.before.append(lambda *_: raw(body))
        error = refusal(served, StopError)
    assert error.code == "service-answer"
    assert "holds no list orgs of records" in str(error)


def test_a_limit_that_is_refused_is_told_in_the_services_words():
    with running(service(refuses=("limit",))) as served:
        error = refusal(served, StopError)
    assert "limit is not supported" in str(error)
    assert "smaller limit, such as 100" in error.remedy


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again(status):
    with running(service()) as served:
        served.before.append(once(3, lambda: raw("later", status, retry_after="1")))
        assert served.source().deliver().roster().counts()["users"] == 3
        assert len(served.asked) == 7


@pytest.mark.parametrize(("status", "code"), [(429, "service-limits"), (503, "service-busy")])
def test_a_service_that_stays_busy_is_left_for_later(status, code):
    with running(service()) as served:
        served.before.append(lambda *_: raw("later", status))
        error = refusal(served, WaitError)
        assert len(served.asked) == 5
    assert error.code == code


def test_a_longer_pause_than_can_be_waited_for_is_not_waited_for():
    with running(service()) as served:
        served.before.append(lambda *_: raw("later", 429, retry_after="86400"))
        error = refusal(served, WaitError)
        assert len(served.asked) == 1
    assert "for 86400 seconds" in str(error)


NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17),
        ({"retry-after": "Sun, 01 Nov 2026 12:01:30 GMT"}, 90),
        ({"retry-after": "Sun, 01 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(told, seconds):
    assert pause_of(told, NOW) == seconds


def cut_off():
    """An answer that promises more than it holds."""

    async def some():
        yield b'{"orgs": [{"sourcedId"'

    return StreamingResponse(some(), headers={"content-length": "5000", "content-type": "application/json"})


@pytest.mark.parametrize(
    "answer",
    [cut_off, lambda: raw('{"orgs": [{"sour'), lambda: raw(b"\xff\xfe\x00"), lambda: raw("[", content_encoding="gzip")],
    ids=["connection", "json", "letters", "packing"],
)
def test_an_answer_that_ends_half_way_is_asked_for_again_and_then_refused(answer):
    with running(service()) as served:
        served.before.append(once(1, answer))
        assert served.source().deliver().roster().counts()["orgs"] == 1
        served.before[:] = [lambda *_: answer()]
        error = refusal(served, StopError)
    assert error.code == "service-answer"


def test_a_service_that_is_not_there_can_be_waited_for():
    with running(service()) as served:
        pass
    error = refusal(served, WaitError)
    assert error.code == "service-unreachable"


def test_an_answer_that_takes_too_long_can_be_waited_for():
    async def never():
        await asyncio.Event().wait()
        yield b""

    with running(service()) as served:
        served.before.append(lambda *_: StreamingResponse(never(), headers={"content-type": "application/json"}))
        with stamina.set_testing(testing=True, attempts=1):
            error = refusal(served, WaitError, timeout=0.2)
    assert error.code == "service-slow"


def authority(folder: Path, name: str, days: int = 1) -> tuple[Path, dict[str, str]]:
    """A certificate signed by itself: its file, and what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, secret = folder / "ca.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return public, {"ssl_certfile": str(public), "ssl_keyfile": str(secret)}


def test_a_schools_own_authority_is_trusted_where_it_is_named(tmp_path):
    public, tls = authority(tmp_path, "127.0.0.1")
    with running(service("1.2"), **tls) as served:
        assert served.source(ca_file=str(public)).deliver().roster().counts()["users"] == 3
        error = refusal(served, SettingError)
    assert error.code == "certificate"
    assert "name the file of its certificate as ca_file" in error.remedy


@pytest.mark.parametrize(
    ("name", "days", "advice"),
    [("sis.school.example", 1, "the name that the certificate is made out to"), ("127.0.0.1", -1, "renew")],
)
def test_a_certificate_that_does_not_fit_is_refused(tmp_path, name, days, advice):
    public, tls = authority(tmp_path, name, days)
    with running(service(), **tls) as served:
        error = refusal(served, SettingError, ca_file=str(public))
    assert error.code == "certificate"
    assert advice in error.remedy


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_is_refused(tmp_path, content):
    if content:
        (tmp_path / "ca.pem").write_text(content)
    error = refusal(service(address="https://127.0.0.1:1"), SettingError, ca_file=str(tmp_path / "ca.pem"))
    assert error.code == "ca-file"
    assert "BEGIN CERTIFICATE" in error.remedy


BEARER = {"type": "oneroster-rest", "url": "https://sis.school.example", "version": "1.1", "auth": {"method": "bearer"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "http://sis.school.example"}, "write https"),
        ({"url": "sis.school.example"}, "write an address as https"),
        ({"url": "https://me:pw@sis.school.example"}, "no name or password"),
        ({"url": "https://sis.school.example/ims/oneroster/rostering/v1p2"}, "of OneRoster 1.2, and version says 1.1"),
        ({"auth": {"method": "oauth1"}}, "oauth1 needs consumer_key"),
        ({"auth": {"method": "bearer", "client_id": "x"}}, "bearer takes no client_id"),
        ({"auth": {"method": "client-credentials", "client_id": "x"}}, "needs token_url"),
        ({"auth": {"method": "client-credentials", "client_id": "x", "token_url": "http://a.example"}}, "write https"),
        ({"limit": -1}, "greater than or equal to 0"),
        ({"version": "2.0"}, "'1.1' or '1.2'"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, words):
    with pytest.raises(SettingError) as error:
        open_source(BEARER | changes)
    assert words in str(error.value)
    assert "me:pw" not in str(error.value)


@pytest.mark.parametrize("secret", ["", "a\nb", "schlüssel"])
def test_a_secret_that_can_be_none_is_refused_before_it_is_sent(secret):
    with running(service(method="bearer")) as served:
        with pytest.raises(SettingError) as error:
            served.source(secret=secret).deliver()
        assert served.asked == []
    assert error.value.code == "secret-unusable"
    assert not secret or secret not in str(error.value)


@pytest.mark.parametrize("method", ["oauth1", "bearer", "client-credentials"])
def test_the_secret_asked_for_is_that_of_the_way_of_signing_in(method):
    names = {"oauth1": "consumer_secret", "bearer": "token", "client-credentials": "client_secret"}
    asked = []

    def give(name: str) -> str:
        asked.append(name)
        return SECRET

    with running(service(method=method)) as served:
        source = open_source(served.settings(), Surroundings(secret=give))
        assert source.settings.secrets() == (names[method],)
        source.deliver()
    assert asked == [names[method]]
