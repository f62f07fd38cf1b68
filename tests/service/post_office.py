"""A mail server and a receiver of webhooks for tests, both real, both in this process."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

PASSWORD = "horse-battery-staple"


@dataclass
class Mailbox:
    """What the mail server took, and how it behaves.

    Args:
        mails: the messages, in their order.
        to: whom each went to.
        refuse: what it answers instead of taking one; empty while it takes all.
        signed_in: whether the last message came from somebody who gave the password.
        port: where it listens.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refuse: str = ""
    signed_in: bool = False
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.signed_in = session.authenticated
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.to += envelope.rcpt_tos
        return "250 queued as 77"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 and localhost with its key, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(day - dt.timedelta(days=1))
        .not_valid_after(day + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@contextmanager
def mail_server(file: Path | None = None, *, wrapped: bool = False) -> Iterator[Mailbox]:
    """A mail server.

    Args:
        file: its certificate; with one, it wants STARTTLS and a password before it takes a message.
        wrapped: whether the connection is encrypted from its first byte on.
    """
    box = Mailbox()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if file:
        context.load_cert_chain(file)

    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    class Served(Controller):
        def factory(self) -> SMTP:
            wanted = {"authenticator": known, "auth_required": True} if file else {}
            if wrapped:
                return SMTP(self.handler, auth_require_tls=False, **wanted)
            more = {"tls_context": context, "require_starttls": True} if file else {}
            return SMTP(self.handler, **more, **wanted)

        def _trigger_server(self) -> None:
            """The base class tries the port that it was given, and 0 is none."""
            socket.create_connection(self.server.sockets[0].getsockname()).close()  # type: ignore[union-attr]

    server = Served(box, hostname="127.0.0.1", port=0, ssl_context=context if wrapped else None)
    server.start()
    box.port = server.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield box
    finally:
        server.stop()


@dataclass
class Receiver:
    """What the receiver of webhooks was sent, and how it answers.

    Args:
        requests: headers, by their names in lower case, and body of each.
        status: what it answers.
        url: where it listens.
    """

    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    url: str = ""


@contextmanager
def receiver(file: Path | None = None) -> Iterator[Receiver]:
    """A receiver of webhooks; with a certificate, over HTTPS."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(told.status)
            if 300 <= told.status < 400:
                self.send_header("location", told.url + "elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if file:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    told.url = f"{'https' if file else 'http'}://localhost:{server.server_port}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
