"""Where webhooks may go: a school's private networks, and never a cloud's metadata, however written."""

from ipaddress import ip_address

import pytest

from matricula.service.hooking import may_be_reached

FREE = ["8.8.8.8", "10.1.2.3", "192.168.7.7", "172.16.0.9", "100.64.1.1", "2001:4860:4860::8888", "fd12:3456::1"]
REFUSED = [
    "169.254.169.254",
    "169.254.1.1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]
HERE = ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]


@pytest.mark.parametrize("address", FREE)
def test_networks_that_are_reached(address):
    assert may_be_reached(ip_address(address), this_machine=False)


@pytest.mark.parametrize("address", REFUSED)
def test_networks_that_are_never_reached(address):
    assert not may_be_reached(ip_address(address), this_machine=True)


@pytest.mark.parametrize("address", HERE)
def test_the_machine_itself_where_the_settings_say_so(address):
    assert may_be_reached(ip_address(address), this_machine=True)
    assert not may_be_reached(ip_address(address), this_machine=False)
