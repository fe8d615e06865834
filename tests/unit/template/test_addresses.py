# ruff: noqa: E501 - a case is one line
"""Filters for addresses: what ansible.utils gives for the same."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.core.span import Text
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

CASES: list[tuple[str, Any]] = [
    ("'192.168.1.5/24' | ansible.utils.ipaddr", "192.168.1.5/24"),
    ("'nobody' | ansible.utils.ipaddr", False),
    ("['nobody', '::1', '10.0.0.1/8'] | ansible.utils.ipaddr", ["::1", "10.0.0.1/8"]),
    ("'192.168.1.5/24' | ansible.netcommon.ipaddr('address')", "192.168.1.5"),
    ("'192.168.1.0/24' | ipaddr('address')", None),
    ("'192.168.1.5/24' | ipaddr('network')", "192.168.1.0"),
    ("'192.168.1.5/24' | ipaddr('netmask')", "255.255.255.0"),
    ("'192.168.1.5/24' | ipaddr('hostmask')", "0.0.0.255"),
    ("'192.168.1.5/24' | ipaddr('network/prefix')", "192.168.1.0/24"),
    ("'192.168.1.5/24' | ipaddr('prefix')", 24),
    ("'192.168.1.5/24' | ipaddr('broadcast')", "192.168.1.255"),
    ("'192.168.1.0/24' | ipaddr('range_usable')", "192.168.1.1-192.168.1.254"),
    ("'192.168.1.0/24' | ipaddr('size_usable')", 254),
    ("'192.168.1.0/24' | ipaddr('net')", "192.168.1.0/24"),
    ("'192.168.1.5/24' | ipaddr('net')", None),
    ("'192.168.1.0/24' | ipaddr(10)", "192.168.1.10/24"),
    ("'192.168.1.0/24' | ipaddr('-2')", "192.168.1.254/24"),
    ("'192.168.1.5' | ipaddr('192.168.0.0/16')", "192.168.1.5"),
    ("'10.1.1.1' | ipaddr('192.168.0.0/16')", None),
    ("['8.8.8.8', '10.0.0.1', '2001:4860::1'] | ipaddr('public')", ["8.8.8.8", "2001:4860::1"]),
    ("'10.0.0.1/30' | ipaddr('peer')", "10.0.0.2"),
    ("'10.0.0.1/30' | ipaddr('next_usable')", "10.0.0.2"),
    ("'10.0.0.1/30' | ipaddr('previous_usable')", None),
    ("'192.168.1.5' | ipaddr('revdns')", "5.1.168.192.in-addr.arpa."),
    ("'192.168.1.5' | ipaddr('6to4')", "2002:c0a8:0105::1/48"),
    ("'192.168.1.5' | ipaddr('int')", 3232235781),
    ("3232235781 | ipaddr('address')", "192.168.1.5"),
    ("['::1', '10.0.0.1'] | ansible.utils.ipv6", ["::1"]),
    ("'10.0.0.1' | ansible.utils.ipv4('address')", "10.0.0.1"),
    ("'192.168.1.5' | ansible.utils.ipv6('ipv6')", False),
    ("'192.168.1.5' | ipaddr('ipv6')", "::ffff:192.168.1.5/128"),
    ("['::1/64', '10.0.0.1', 'name'] | ansible.utils.ipwrap", ["[::1]/64", "10.0.0.1", "name"]),
    ("'192.168.0.0/16' | ansible.utils.ipsubnet(20)", "16"),
    ("'192.168.0.0/16' | ansible.utils.ipsubnet(20, 1)", "192.168.16.0/20"),
    ("'192.168.0.0/16' | ansible.utils.ipsubnet(20, -1)", "192.168.240.0/20"),
    ("'192.168.144.5' | ansible.utils.ipsubnet(20)", "192.168.144.0/20"),
    ("'192.168.144.5' | ansible.utils.ipsubnet(18, 1)", "192.168.128.0/19"),
    ("'192.168.144.16/30' | ansible.utils.ipsubnet('192.168.144.0/24')", "5"),
    ("'192.168.1.5' | ansible.utils.ipmath(-10)", "192.168.0.251"),
    ("'10.0.0.0/8' | ansible.utils.nthhost(305)", "10.0.1.49"),
    ("'192.168.122.1/24' | ansible.utils.next_nth_usable(2)", "192.168.122.3"),
    ("'192.168.122.1/24' | ansible.utils.previous_nth_usable(2)", None),
    ("'192.168.0.0/24' | ansible.utils.network_in_network('192.168.0.255')", True),
    ("'192.168.0.0/24' | ansible.utils.network_in_usable('192.168.0.255')", False),
    ("['192.168.0.34', '10.3.0.3'] | ansible.utils.reduce_on_network('192.168.0.0/24')", ["192.168.0.34"]),
    ("['10.0.0.0/25', '10.0.0.128/25'] | ansible.utils.cidr_merge", ["10.0.0.0/24"]),
    ("['10.0.0.1', '10.0.0.9'] | ansible.utils.cidr_merge('span')", "10.0.0.0/28"),
    ("'10.0.0.4/30' | ansible.utils.usable_range", {"usable_ips": [f"10.0.0.{n}" for n in range(4, 8)], "number_of_ips": 4}),
    ("'192.168.1.5' | ansible.utils.ip4_hex(':')", "c0:a8:01:05"),
    ("'fdcf:1894:23b5:d38c::/64' | ansible.utils.slaac('c2:31:b3:83:bf:2b')", "fdcf:1894:23b5:d38c:c031:b3ff:fe83:bf2b"),
    ("'1a2b.3c4d.5e6f' | ansible.utils.hwaddr('linux')", "1a:2b:3c:4d:5e:6f"),
    ("'1a:2b:3c:4d:5e:6f' | ansible.utils.macaddr('win')", "1A-2B-3C-4D-5E-6F"),
    ("'1234:4321:abcd:dcba::17' | ansible.utils.ipcut(80)", "1234:4321:abcd:dcba:0"),
    ("'1234::17' | ansible.utils.ipv6form('expand')", "1234:0000:0000:0000:0000:0000:0000:0017"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value"), CASES)
def test_filters(expression: str, value: Any) -> None:
    assert Templar().evaluate(Text(expression), Scope({})) == value


@pytest.mark.parametrize(
    "expression", ["'10.0.0.1' | ipaddr('rubbish')", "'10.0.0.1' | ipaddr('peer')", "'x' | ipmath(1)"]
)
def test_what_cannot_be_asked_is_an_error(expression: str) -> None:
    with pytest.raises(Exception, match=r"unknown filter type|Not a network|valid IP address"):
        Templar().evaluate(Text(expression), Scope({}))
