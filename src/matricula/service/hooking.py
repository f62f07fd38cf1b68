"""Webhooks out: signed requests to addresses that the school named, and to no place that nobody may mean.

A school's own systems stand in private networks, so those are allowed. The machine itself, link-local addresses (a
cloud's metadata stand there) and what is no place for a service are not; a name is looked up once, and the request goes
to just the address that was looked at.
"""

import socket
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpx2

from matricula.errors import SettingError, WaitError
from matricula.hub import Home
from matricula.profiles.documents.service import HookOut
from matricula.service.signing import headers_of, key_of

TIMEOUT: Final = 20.0
"""Seconds that an answer may take."""
GONE: Final = "hook-gone"

_IP = IPv4Address | IPv6Address
#: Metadata of clouds outside the link-local networks.
_METADATA: Final = (ip_network("100.100.100.200/32"), ip_network("fd00:ec2::/32"), ip_network("168.63.129.16/32"))
_NAT64: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_V6_HOLDING_V4: Final = 0xFFFFFFFF


def send_hook(home: Home, hook: HookOut, number: str, body: bytes, at: datetime) -> str:
    """Send one signed request.

    Args:
        home: where the secret is kept.
        hook: where to.
        number: the request's id, the same at each attempt.
        body: what is sent.
        at: now.

    Returns:
        what was answered.

    Raises:
        SettingError: the address may not be reached, the secret is none, the certificate cannot be trusted, or the
            receiver says that it is gone for good (`hook-gone`).
        WaitError: it cannot be reached, or did not take the request.
    """
    key = key_of(home.secret(hook.secret), hook.secret)
    where = f"webhook {hook.name}"
    url = httpx2.URL(str(hook.url))
    numeric = _place_of(url, hook, where)
    host = url.netloc.decode()
    headers = {
        "Host": host.rpartition("@")[2],
        "Content-Type": "application/json",
        "User-Agent": "matricula",
        **headers_of(key, number, at, body),
    }
    # The certificate is still that of the name.
    extensions = {"sni_hostname": url.host} if url.scheme == "https" else {}
    try:
        # Settings of a proxy would undo the look at the address; a redirection could lead anywhere.
        with (
            httpx2.Client(
                timeout=TIMEOUT, verify=httpx2.create_ssl_context(), trust_env=False, follow_redirects=False
            ) as client,
            client.stream(
                "POST", url.copy_with(host=numeric), content=body, headers=headers, extensions=extensions
            ) as answer,
        ):
            status = answer.status_code
    except httpx2.ConnectError as error:
        if "certificate" in str(error).casefold():
            raise _wrong("Its certificate cannot be trusted.", where) from error
        raise _missed("It cannot be reached.", where) from error
    except httpx2.TimeoutException as error:
        raise _missed(f"It did not answer within {TIMEOUT:.0f} seconds.", where) from error
    except (httpx2.HTTPError, OSError) as error:
        raise _missed(f"The request did not come through ({type(error).__name__}).", where) from error
    if 200 <= status < 300:
        return f"HTTP {status}"
    if status == httpx2.codes.GONE:
        raise SettingError(
            "It says that it is gone for good (HTTP 410).",
            where=where,
            remedy="Take it out of `hooks_out` in the service's settings, or mend its address.",
            code=GONE,
        )
    told = "; redirections are not followed" if 300 <= status < 400 else ""
    raise _missed(f"It did not take the request (HTTP {status}{told}).", where)


def may_be_reached(address: _IP, *, this_machine: bool) -> bool:
    """Whether a request may go to an address.

    Args:
        address: the address.
        this_machine: whether it may be one of the machine itself.
    """
    held = _held_in(address)
    if held is not None:
        return may_be_reached(held, this_machine=this_machine)
    if address.is_loopback:
        return this_machine
    nowhere = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    metadata = any(address.version == net.version and address in net for net in _METADATA)
    return not (nowhere or metadata)


def _held_in(address: _IP) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in net for net in _NAT64):
        return IPv4Address(int(address) & _V6_HOLDING_V4)
    return None


def _place_of(url: httpx2.URL, hook: HookOut, where: str) -> str:
    """The address that a name stands for, if a request may go there."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _missed(f"There is no address for the name {url.host}.", where) from error
    places = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    # All of them: one of a mixed answer could be tried for the other.
    if not places or not all(may_be_reached(place, this_machine=hook.this_machine) for place in places):
        raise SettingError(
            f"The name {url.host} leads to an address that webhooks are not sent to.",
            where=where,
            remedy="Name an address of another machine. For a program on this machine itself set `this_machine: true` "
            "in the webhook's settings.",
            code="hook-address",
        )
    return str(places[0])


def _wrong(what: str, where: str) -> SettingError:
    return SettingError(
        what,
        where=where,
        remedy="See that the receiver has a certificate that this machine trusts.",
        code="hook-refused",
    )


def _missed(what: str, where: str) -> WaitError:
    return WaitError(
        what,
        where=where,
        remedy="It is tried again by itself; `matricula notify test` tries at once.",
        code="hook-missed",
    )
