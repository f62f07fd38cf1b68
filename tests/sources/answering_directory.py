"""A server that answers as it is told, for what OpenLDAP does not do: ranges of members, referrals, odd refusals."""

import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ldap3.protocol import rfc4511 as ldap
from pyasn1.codec.ber import encoder

Values = Mapping[str, Sequence[bytes | str]]
_BIND, _SEARCH = 0x60, 0x63
Search = Callable[[str, list[str]], list[tuple[str, Values] | str]]
"""Gives entries, or addresses that searching goes on at, by the base and the attributes asked for."""


class Answers:
    """What the server says.

    Args:
        search: answers to searches.
        bind: result and words in answer to a bind.
        search_result: result, words and addresses at the end of every search that is not of the directory itself.
        silent: whether it never answers.
    """

    def __init__(
        self,
        search: Search = lambda _base, _attributes: [],
        *,
        bind: tuple[int, str] = (0, ""),
        search_result: tuple[int, str, Sequence[str]] = (0, "", ()),
        silent: bool = False,
    ) -> None:
        self.search, self.bind, self.search_result, self.silent = search, bind, search_result, silent
        self.asked: list[tuple[str, list[str]]] = []


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """A server that runs meanwhile; gives its address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self._serve()

        def _serve(self) -> None:
            data = b""
            while received := self.request.recv(65536):
                data += received
                while data and (whole := _first(data)) is not None:
                    _, message, data = whole
                    for answer in [] if answers.silent else _answers(message, answers):
                        self.request.sendall(encoder.encode(answer))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"ldap://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def _first(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Tag and content of the first value (BER) and what follows it; None where it is cut off."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size >= 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return (data[0], data[start : start + size], data[start + size :]) if len(data) >= start + size else None


def _values(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data and (first := _first(data)):
        found.append(first[:2])
        data = first[2]
    return found


def _answers(message: bytes, answers: Answers) -> Iterator[Any]:
    (_, number_told), (operation, content), *_ = _values(message)
    number = int.from_bytes(number_told, "big")
    if operation == _BIND:
        yield _message(number, "bindResponse", _result(ldap.BindResponse(), *answers.bind))
    elif operation == _SEARCH:
        parts = _values(content)
        base = parts[0][1].decode()
        attributes = [name.decode() for _, name in _values(parts[7][1])]
        answers.asked.append((base, attributes))
        for found in answers.search(base, attributes):
            yield _message(number, *_reference(found)) if isinstance(found, str) else _message(number, *_entry(*found))
        done = answers.search_result if base else (0, "", ())
        yield _message(number, "searchResDone", _result(ldap.SearchResultDone(), *done))


def _message(number: int, operation: str, content: Any) -> Any:
    message = ldap.LDAPMessage()
    message["messageID"] = ldap.MessageID(number)
    message["protocolOp"] = ldap.ProtocolOp().setComponentByName(operation, content)
    return message


def _result(response: Any, number: int, words: str, addresses: Sequence[str] = ()) -> Any:
    response["resultCode"] = ldap.ResultCode(number)
    response["matchedDN"] = ldap.LDAPDN("")
    response["diagnosticMessage"] = ldap.LDAPString(words)
    if addresses:
        referral = ldap.Referral()
        for place, address in enumerate(addresses):
            referral[place] = ldap.URI(address)
        response["referral"] = referral
    return response


def _entry(dn: str, values: Values) -> tuple[str, Any]:
    entry = ldap.SearchResultEntry()
    entry["object"] = ldap.LDAPDN(dn)
    entry["attributes"] = ldap.PartialAttributeList()
    for place, (name, texts) in enumerate(values.items()):
        attribute = ldap.PartialAttribute()
        attribute["type"] = ldap.AttributeDescription(name)
        attribute["vals"] = ldap.Vals()
        for number, text in enumerate(texts):
            attribute["vals"][number] = ldap.AttributeValue(text)
        entry["attributes"][place] = attribute
    return "searchResEntry", entry


def _reference(address: str) -> tuple[str, Any]:
    reference = ldap.SearchResultReference()
    reference[0] = ldap.URI(address)
    return "searchResRef", reference
