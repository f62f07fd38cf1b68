"""Which Moodle stands behind an address that somebody copied."""

import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from matricula.moodle.errors import AccessRefused, Busy, NotMoodle
from matricula.moodle.finding import find_site
from matricula.sandbox import running

ANSWER = b'{"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "Invalid token"}'
PATH = "/webservice/rest/server.php"


@contextmanager
def served(answers, tls=None):
    """A web server: for each path a status, headers and a body; 404 for all else."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append((self.path.partition("?")[0], body))
            status, headers, text = answers.get(self.path.partition("?")[0], (404, {}, b"<h1>not here</h1>"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "page",
    ["", "/", "/my/", "/login/index.php", "/course/view.php?id=4#section-2", "/admin/settings.php?section=x", "/a"],
)
def test_any_page_of_it_will_do_with_or_without_http(page):
    with running("empty") as site:
        assert find_site(f"  <{site.url}{page}> ") == site.url
        assert find_site(site.url.removeprefix("http://") + page) == site.url


def test_it_may_stand_in_a_folder():
    with served({f"/lms/moodle{PATH}": (200, {}, ANSWER)}) as (port, asked):
        site = f"http://127.0.0.1:{port}/lms/moodle"
        assert find_site(f"{site}/mod/quiz/view.php?id=2") == site
        assert [path for path, _ in asked] == [f"/lms/moodle{PATH}"]
        assert all(b"wstoken=none-is-sent" in body for _, body in asked)


def test_where_it_sends_callers_on_to_is_its_address():
    with served({PATH: (200, {}, ANSWER)}) as (real, _):
        moved = {PATH: (301, {"location": f"http://127.0.0.1:{real}{PATH}"}, b"")}
        with served(moved) as (port, _):
            assert find_site(f"http://127.0.0.1:{port}") == f"http://127.0.0.1:{real}"


def test_a_circle_of_redirects_ends():
    answers = {}
    with served(answers) as (port, asked):
        answers[PATH] = (302, {"location": f"http://127.0.0.1:{port}/x{PATH}"}, b"")
        answers[f"/x{PATH}"] = (302, {"location": f"http://127.0.0.1:{port}{PATH}"}, b"")
        with pytest.raises(NotMoodle):
            find_site(f"http://127.0.0.1:{port}")
        assert len(asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "told", "remedy"),
    [
        ((403, {}, b""), AccessRefused, "Web services or the REST protocol are switched off.", "Advanced features"),
        ((401, {}, b"who are you"), AccessRefused, "refuses the call", "without another sign-in"),
        ((503, {}, b"under maintenance"), Busy, "maintenance mode", "Maintenance mode"),
        ((302, {"location": "/login/index.php"}, b""), NotMoodle, "sends callers on", "no sign-in page"),
        ((200, {}, b"<h1>A blog</h1>"), NotMoodle, "No Moodle answers at this address.", "top of the browser"),
        ((404, {}, b""), NotMoodle, "No Moodle answers at this address.", "top of the browser"),
    ],
)
def test_each_obstacle_says_what_to_click(answer, error, told, remedy):
    with served({PATH: answer}) as (port, _), pytest.raises(error) as refused:
        find_site(f"http://127.0.0.1:{port}")
    assert told in refused.value.what
    assert remedy in refused.value.remedy


def test_an_endless_answer_is_not_read_to_its_end():
    with served({PATH: (200, {}, b"x" * (3 * 1024**2))}) as (port, _), pytest.raises(NotMoodle):
        find_site(f"http://127.0.0.1:{port}")


def test_nothing_that_answers_is_no_wrong_address():
    with pytest.raises(Busy):
        find_site("http://127.0.0.1:1")


@pytest.mark.parametrize("typed", ["", "our moodle", "ftp://moodle.example", "https://", "javascript:x", "http://[::1"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(NotMoodle):
        find_site(typed)


def test_a_certificate_that_nobody_knows_is_told_and_not_gone_round(tmp_path):
    with served({PATH: (200, {}, ANSWER)}, tls=_self_signed(tmp_path)) as (port, asked):
        with pytest.raises(NotMoodle) as told:
            find_site(f"https://127.0.0.1:{port}")
        assert "certificate" in told.value.what
        assert "mended, or trusted" in told.value.remedy
        assert asked == []


def _self_signed(folder):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "moodle")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
