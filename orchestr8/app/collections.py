"""Which collection a module belongs to in the names that playbooks use."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_MYSQL = "mysql_db mysql_info mysql_query mysql_replication mysql_user mysql_variables"

COLLECTIONS: Mapping[str, str] = {
    "ansible.posix": "authorized_key firewalld mount selinux synchronize sysctl",
    "community.crypto": "openssh_keypair openssl_dhparam",
    "community.docker": (
        "docker_compose_v2 docker_container docker_container_exec docker_container_info docker_host_info "
        "docker_image docker_image_info docker_login docker_network docker_network_info docker_prune "
        "docker_volume docker_volume_info"
    ),
    "community.general": (
        "alternatives archive git_config htpasswd ini_file locale_gen modprobe npm pam_limits pamd seport "
        "snap timezone ufw xml"
    ),
    "community.mysql": _MYSQL,
    "ansible.mysql": _MYSQL,
    "community.postgresql": (
        "postgresql_db postgresql_ext postgresql_info postgresql_ping postgresql_privs postgresql_query "
        "postgresql_schema postgresql_set postgresql_user"
    ),
}
"""Collection → its modules; the modules' short names are the ones from before there were collections."""


def qualified(known: Collection[str]) -> dict[str, str]:
    """Return full name → short name for the modules that are there."""
    return {
        f"{collection}.{name}": name
        for collection, names in COLLECTIONS.items()
        for name in names.split()
        if name in known
    }
