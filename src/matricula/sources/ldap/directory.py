"""A connection to a directory. Nothing else in Matricula knows the library behind it, `ldap3` (decision 11)."""

import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPExceptionError, LDAPInvalidFilterError, LDAPStartTLSError
from ldap3.utils.conv import escape_filter_chars

from matricula.errors import MatriculaError, SettingError, WaitError
from matricula.sources.ldap.refusals import (
    broken_off,
    certificate_refusal,
    elsewhere,
    no_base,
    no_password,
    out_of_reach,
    refusal,
)
from matricula.sources.ldap.settings import LdapSettings
from matricula.sources.ldap.values import Entry

_PAGED: Final = "1.2.840.113556.1.4.319"
_SUCCESS, _REFERRAL, _NO_SUCH_OBJECT = 0, 10, 32
#: Results for an entry that is not there for this account: referral, noSuchObject, invalidDNSyntax, insufficientAccess.
_NOT_SEEN: Final = (10, 32, 34, 50)
#: Results with which servers refuse paging: adminLimitExceeded (OpenLDAP), unavailableCriticalExtension, unwilling.
_NO_PAGES: Final = (11, 12, 53)
_SCOPES: Final = {"subtree": ldap3.SUBTREE, "one": ldap3.LEVEL, "base": ldap3.BASE}
_CONNECT_SECONDS: Final = 10
_CHANGES: Final = "highestCommittedUSN"
"""Active Directory's count of changes, which the directory's own entry has (MS-ADTS 3.1.1.3.2.4)."""
_CHANGES_BELOW: Final = "contextCSN"
"""The moment of the last change below a name, where OpenLDAP keeps it."""
_ANY: Final = "(objectClass=*)"
_REASON = re.compile(r"\[Errno [^\]]*\]\s*")


def escaped(text: str) -> str:
    """A text as it stands for itself in a filter (RFC 4515, 3)."""
    escape: Callable[[str], str] = escape_filter_chars
    return escape(text)


class Directory:
    """An open connection, by the first server that answers. Use it as a context manager.

    Args:
        settings: addresses, encryption and account.
        password: the account's password; blank without an account.
        say: told in a few words what is being done.

    Raises:
        SettingError: the account is refused, or encryption is wanted.
        StopError: the certificate does not fit.
        WaitError: no server is in reach.
    """

    def __init__(self, settings: LdapSettings, password: str, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._connection: Any = None
        self.origin = ""
        self.pages = True
        self.references: set[str] = set()
        if settings.bind_dn and not password:
            raise no_password(settings.bind_dn)
        self._open(password)
        self._root = self.entry("", ["namingContexts"]) or Entry("", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            self._connection.unbind()
        except (LDAPExceptionError, OSError):
            if kind is None:
                raise

    @property
    def contexts(self) -> list[str]:
        """The names below which the directory holds anything, as far as it tells."""
        return self._root.texts("namingContexts")

    def mark(self) -> tuple[str, ...]:
        """What a directory tells of how often it was changed; empty where it tells nothing."""
        root = self.entry("", [_CHANGES])
        if root is not None and (number := root.texts(_CHANGES)):
            return tuple(number)
        found = [self.entry(each, [_CHANGES_BELOW]) for each in self.contexts]
        return tuple(text for each in found if each for text in each.texts(_CHANGES_BELOW))

    def search(self, base: str, query: str, scope: str, attributes: Sequence[str], where: str) -> Iterator[Entry]:
        """The entries below a base, page by page (RFC 2696).

        Args:
            base: distinguished name.
            query: filter.
            scope: `subtree`, `one` or `base`.
            attributes: which ones are wanted.
            where: what is being read, for messages.

        Raises:
            SettingError: there is no such base, or the account may not read it.
            StopError: a limit was reached: what came is not complete.
            WaitError: the directory stopped answering.
        """
        size = self._settings.page_size if self._settings.page_size is not None else self._settings.preset.page_size
        cookie: bytes | None = None
        count = 0
        while True:
            paged = size if self.pages and size else None
            result, response = self._ask(base, query, scope, attributes, where, paged, cookie)
            if paged and cookie is None and result["result"] in _NO_PAGES:
                self.pages = False
                continue
            self._need_success(result, base, where)
            for each in response:
                if each["type"] == "searchResEntry":
                    count += 1
                    yield _entry(each)
                elif each["type"] == "searchResRef":
                    self.references |= {urlsplit(url).netloc or url for url in each["uri"]}
            self._say(f"{where}: {count} entries")
            cookie = _cookie(result)
            if not cookie:
                return

    def entry(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """One entry by its name; None where there is none that the account may see.

        Raises:
            SettingError: the directory wants an account or encryption first.
            WaitError: the directory stopped answering.
        """
        result, response = self._ask(dn, _ANY, "base", attributes, dn or "the directory itself", None, None)
        if result["result"] in _NOT_SEEN:
            return None
        self._need_success(result, dn, dn)
        return next((_entry(each) for each in response if each["type"] == "searchResEntry"), None)

    def _ask(
        self,
        base: str,
        query: str,
        scope: str,
        attributes: Sequence[str],
        where: str,
        size: int | None,
        cookie: bytes | None,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            self._connection.search(
                base,
                query,
                _SCOPES[scope],
                attributes=list(attributes) or [ldap3.NO_ATTRIBUTES],
                paged_size=size,
                paged_cookie=cookie,
            )
        except LDAPInvalidFilterError as error:
            raise SettingError(
                f"The filter {query} cannot be used: {error}.",
                where=where,
                remedy="Mend the filter.",
                code="directory-filter",
            ) from error
        except (LDAPExceptionError, OSError) as error:
            raise broken_off(where, _reason(error)) from error
        return self._connection.result, self._connection.response or []

    def _need_success(self, result: dict[str, Any], base: str, where: str) -> None:
        number = result["result"]
        if number == _NO_SUCH_OBJECT:
            raise no_base(base, self.contexts, where)
        if number == _REFERRAL:
            raise elsewhere(base, [urlsplit(url).netloc for url in result["referrals"] or ()], where)
        if number != _SUCCESS:
            raise refusal(number, result["description"], result["message"], where)

    def _open(self, password: str) -> None:
        told = []
        for url in self._settings.urls:
            try:
                self._connection = self._connected(url, password)
            except WaitError as error:
                told.append(f"{url} ({error.what})")
            else:
                self.origin = url
                return
        raise out_of_reach(told)

    def _connected(self, url: str, password: str) -> Any:
        """An open connection on which the account is known; WaitError where another server may do better."""
        tls = _CheckedTls(self._settings.ca_file)
        address = urlsplit(url)
        connection = ldap3.Connection(
            ldap3.Server(
                address.hostname or "",
                port=address.port or (636 if address.scheme == "ldaps" else 389),
                use_ssl=address.scheme == "ldaps",
                tls=tls,
                get_info=ldap3.NONE,
                connect_timeout=_CONNECT_SECONDS,
            ),
            user=self._settings.bind_dn or None,
            password=password or None,
            auto_referrals=False,
            check_names=False,
            return_empty_attributes=False,
            receive_timeout=self._settings.timeout_seconds,
        )
        try:
            connection.open(read_server_info=False)
            if address.scheme == "ldap" and self._settings.tls != "none":
                connection.start_tls(read_server_info=False)
            connection.bind(read_server_info=False)
        except LDAPStartTLSError as error:
            connection.strategy.close()
            raise _not_encrypted(tls, connection, url) from error
        except (LDAPExceptionError, OSError) as error:
            if tls.failure is not None:
                raise certificate_refusal(tls.failure, address.hostname or "", url) from error
            raise WaitError(_reason(error)) from error
        result = connection.result
        if result["result"] != _SUCCESS:
            connection.strategy.close()
            raise refusal(result["result"], result["description"], result["message"], f"{url}, bind_dn")
        return connection


class _CheckedTls(ldap3.Tls):
    """Encryption with Python's own check of certificate and host name; the library's own check is older than RFC 6125.

    Args:
        ca_file: certificates of authorities beside those that the machine knows.
    """

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context()
        self.failure: ssl.SSLError | None = None
        if ca_file is not None:
            try:
                self._context.load_verify_locations(ca_file)
            except (OSError, ssl.SSLError) as error:
                raise SettingError(
                    f"The file holds no certificate that can be read: {_reason(error)}.",
                    where=f"source, ca_file, {ca_file}",
                    remedy="Give the authority's certificate as PEM, which begins with -----BEGIN CERTIFICATE-----.",
                    code="directory-ca-file",
                ) from error

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        """Encrypt a connection's socket; parameters as the library gives them."""
        try:
            connection.socket = self._context.wrap_socket(
                connection.socket, do_handshake_on_connect=do_handshake, server_hostname=connection.server.host
            )
        except ssl.SSLError as error:
            self.failure = error
            raise


def _not_encrypted(tls: _CheckedTls, connection: Any, url: str) -> MatriculaError:
    if tls.failure is not None:
        return certificate_refusal(tls.failure, connection.server.host, url)
    said = connection.result or {}
    return SettingError(
        f"The server does not speak StartTLS: it answered {said.get('description') or connection.last_error}.",
        where=url,
        remedy="Write ldaps:// before its name if it speaks LDAPS, or have StartTLS switched on. `tls: none` would "
        "send names and the password openly.",
        code="directory-encryption",
    )


def _entry(answer: dict[str, Any]) -> Entry:
    return Entry(answer["dn"], {name.casefold(): values for name, values in answer["raw_attributes"].items() if values})


def _cookie(result: dict[str, Any]) -> bytes | None:
    value: dict[str, Any] = (result.get("controls") or {}).get(_PAGED, {}).get("value") or {}
    return value.get("cookie") or None


def _reason(error: Exception) -> str:
    text = str(error)
    if text == "invalid server address":
        return "no such host is known"
    return _REASON.sub("", text).removeprefix("socket connection error while opening: ") or type(error).__name__
