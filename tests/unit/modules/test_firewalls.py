"""iptables and ufw: the words that a task becomes."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from orchestr8.remote.arguments import converted
from orchestr8.remote.iptables_words import rule_words
from orchestr8.remote.module import Call
from orchestr8.remote.modules import ufw
from orchestr8.remote.modules.iptables import Iptables
from orchestr8.remote.modules.ufw import Ufw
from tests.unit.modules.conftest import Apply


def words(**args: Any) -> str:
    return " ".join(rule_words(Call(converted(Iptables, {"chain": "INPUT", **args}))))


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        (
            {
                "protocol": "tcp",
                "destination_port": "22",
                "ctstate": ["NEW", "ESTABLISHED"],
                "jump": "ACCEPT",
            },
            "-p tcp -j ACCEPT --destination-port 22 -m conntrack --ctstate NEW,ESTABLISHED",
        ),
        ({"source": "!10.0.0.0/8", "jump": "DROP"}, "! -s 10.0.0.0/8 -j DROP"),
        ({"protocol": "tcp", "destination_ports": ["80", "443"]}, "-p tcp -m multiport --dports 80,443"),
        ({"match": ["conntrack"], "ctstate": "NEW"}, "-m conntrack --ctstate NEW"),
        ({"limit": "2/second", "limit_burst": "20"}, "-m limit --limit 2/second --limit-burst 20"),
        ({"tcp_flags": {"flags": ["SYN", "RST"], "flags_set": ["SYN"]}}, "--tcp-flags SYN,RST SYN"),
        (
            {"jump": "SNAT", "to_source": "10.0.0.1", "out_interface": "eth0"},
            "-j SNAT --to-source 10.0.0.1 -o eth0",
        ),
        ({"uid_owner": "web", "comment": "by web"}, "-m owner --uid-owner web -m comment --comment by web"),
        ({"match_set": "bad", "match_set_flags": "src"}, "-m set --match-set bad src"),
        ({"set_dscp_mark": "8", "jump": "DSCP"}, "-j DSCP --set-dscp 8"),
        ({"protocol": "tcp", "syn": "negate", "jump": "DROP"}, "-p tcp -j DROP ! --syn"),
        ({"match": ["state"], "ctstate": ["NEW"]}, "-m state --state NEW"),
        ({"reject_with": "tcp-reset", "wait": "5"}, "-j REJECT --reject-with tcp-reset"),
    ],
)
def test_rules_of_iptables(args: dict[str, Any], rule: str) -> None:
    assert words(**args) == rule


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        ({"rule": "allow", "to_port": "22", "proto": "tcp"}, "allow from any to any port 22 proto tcp"),
        ({"rule": "allow", "name": "OpenSSH"}, "allow from any to any app OpenSSH"),
        (
            {"rule": "deny", "direction": "in", "interface": "eth0", "from_ip": "1.2.3.4", "comment": "no"},
            "deny in on eth0 from 1.2.3.4 to any comment no",
        ),
        ({"rule": "limit", "delete": True, "port": "ssh"}, "delete limit from any to any port ssh"),
        (
            {"rule": "allow", "route": True, "interface_in": "a", "interface_out": "b"},
            "route allow in on a out on b from any to any",
        ),
    ],
)
def test_rules_of_ufw(args: dict[str, Any], rule: str) -> None:
    assert " ".join(ufw.rule_words(Call(converted(Ufw, args)), None)) == rule


@pytest.mark.skipif(bool(shutil.which("ufw")), reason="needs a machine without ufw")
def test_a_missing_program_is_said_with_its_package(apply: Apply) -> None:
    result = apply("ufw", state="enabled")
    assert result["msg"].startswith('Failed to find required executable "ufw" in paths: ')
    assert result["msg"].endswith("the package ufw has it")


def test_what_makes_no_sense_is_refused(apply: Apply) -> None:
    assert "by 'interface': direction" in apply("ufw", rule="allow", interface="eth0")["msg"]
    assert "flush is False but all" in apply("iptables", policy="DROP")["msg"]


def test_mounts_are_told(apply: Apply) -> None:
    facts = apply("mount_facts")["ansible_facts"]["mount_points"]
    assert facts["/"]["mount"] == "/"
    assert facts["/"]["size_total"] >= facts["/"]["size_available"]
    only = apply("mount_facts", fstypes=["proc"])["ansible_facts"]["mount_points"]
    assert {entry["fstype"] for entry in only.values()} == {"proc"}
    assert apply("mount_facts", sources=["/no/such/table"])["ansible_facts"]["mount_points"] == {}
