"""A real OpenLDAP server for tests: the distribution's `slapd`, on free ports, in a folder of its own."""

import base64
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Values = Mapping[str, object]
SCHEMA = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")
SCHEMAS = ("core", "cosine", "inetorgperson", "nis", "msuser")
PRINCIPAL = "objectclass ( 1.1.2.1 NAME 'adPrincipal' AUXILIARY MAY ( sAMAccountName $ department $ employeeID ) )"
"""What every account of Active Directory may have and the distribution's `msuser.schema` leaves out."""
ROOT_PASSWORD = "root-pw"
_PATH = "/usr/sbin:/usr/local/sbin:/usr/local/libexec:/usr/bin"


def slapd_or_skip() -> str:
    """Where `slapd` is; skips the test where it is not."""
    found = shutil.which("slapd") or shutil.which("slapd", path=_PATH)
    if found is None or not (SCHEMA / "msuser.schema").exists():
        pytest.skip("OpenLDAP's slapd is not on this machine")
    return found


def ldif(entries: Iterable[tuple[str, Values]]) -> str:
    """Entries as LDIF, every value in base64, so that any will do."""
    lines = []
    for dn, values in entries:
        lines.append(f"dn:: {base64.b64encode(dn.encode()).decode()}")
        for name, value in values.items():
            for each in value if isinstance(value, list | tuple) else [value]:
                raw = each if isinstance(each, bytes) else str(each).encode()
                lines.append(f"{name}:: {base64.b64encode(raw).decode()}")
        lines.append("")
    return "\n".join(lines) + "\n"


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests' authority")])
        certificate = self._sign(self._name, self._key, (), timedelta(days=2), authority=True)
        self.file = self._write("authority.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def certificate(self, *names: str, lasts: timedelta = timedelta(days=1)) -> tuple[Path, Path]:
        """A server's certificate and its key; one that `lasts` less than nothing has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._sign(subject, key, names, lasts, authority=False)
        told = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        stem = f"{names[0]}-{'expired' if lasts < timedelta() else 'good'}"
        public = certificate.public_bytes(serialization.Encoding.PEM)
        return self._write(f"{stem}.pem", public), self._write(f"{stem}.key", told)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        names: Sequence[str],
        lasts: timedelta,
        authority: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3))
            .not_valid_after(now + lasts)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        return made.sign(self._key, hashes.SHA256())

    def _write(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path


def _name(text: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(text)) if text[0].isdigit() else x509.DNSName(text)


class Slapd:
    """A server with one database for each suffix; runs while it is used as a context manager, or from start to kill.

    Args:
        folder: where its files go.
        databases: entries by suffix; the suffix entry itself comes first.
        settings: lines for `slapd.conf` beside those of the databases.
        rules: lines for every database, such as access rules and limits.
        certificate: certificate and key, for LDAPS and StartTLS.
    """

    def __init__(
        self,
        folder: Path,
        databases: Mapping[str, Sequence[tuple[str, Values]]],
        *,
        settings: Sequence[str] = (),
        rules: Sequence[str] = (),
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._program = slapd_or_skip()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "slapd.conf"
        self._config.write_text("\n".join(self._lines(databases, settings, rules, certificate)) + "\n")
        for number, (suffix, entries) in enumerate(databases.items(), 1):
            self._fill(number, suffix, entries)
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = (_free_port(), _free_port())

    @property
    def url(self) -> str:
        """Its plain address."""
        return f"ldap://localhost:{self._ports[0]}"

    @property
    def secure_url(self) -> str:
        """Its address for LDAPS."""
        return f"ldaps://localhost:{self._ports[1]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> "Slapd":
        """Start it and wait until it answers."""
        plain, secure = self._ports
        addresses = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{secure}"
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._program, "-d", "0", "-f", str(self._config), "-h", addresses], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        while not (_answers(plain) and _answers(secure)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"slapd did not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _lines(
        self,
        databases: Mapping[str, object],
        settings: Sequence[str],
        rules: Sequence[str],
        certificate: tuple[Path, Path] | None,
    ) -> Iterable[str]:
        yield f"modulepath {MODULES}"
        yield from ("moduleload back_mdb", "moduleload ppolicy")
        yield from (f"include {SCHEMA / name}.schema" for name in SCHEMAS)
        yield PRINCIPAL
        yield f"pidfile {self._folder / 'pid'}"
        if certificate:
            yield f"TLSCertificateFile {certificate[0]}"
            yield f"TLSCertificateKeyFile {certificate[1]}"
        yield from settings
        for number, suffix in enumerate(databases, 1):
            place = self._folder / f"db{number}"
            place.mkdir(exist_ok=True)
            yield from ("database mdb", f'suffix "{suffix}"', f"directory {place}", "maxsize 104857600")
            yield from (f'rootdn "cn=root,{suffix}"', f"rootpw {ROOT_PASSWORD}")
            yield from rules

    def _fill(self, number: int, suffix: str, entries: Sequence[tuple[str, Values]]) -> None:
        if not entries:
            return
        file = self._folder / f"{number}.ldif"
        file.write_text(ldif(entries))
        command = [self._program, "-Tadd", "-q", "-f", str(self._config), "-b", suffix, "-l", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"slapadd: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
