"""`ansible.module_utils.connection`: the connections of network devices, which are not here."""

from typing import Any


class ConnectionError(Exception):
    """There is no such connection. code: what the device answered."""

    def __init__(self, message: str, **kwargs: Any) -> None:
        super().__init__(message)
        self.code = kwargs.get("code")


class Connection:
    """A connection to a device by a plugin of Ansible's."""

    def __init__(self, socket_path: Any) -> None:
        text = "the connections network_cli, netconf and httpapi are plugins of Ansible's and not available"
        raise ConnectionError(text)


def exec_command(module: Any, command: Any) -> Any:
    """Run a command on a device."""
    return Connection(getattr(module, "_socket_path", None))
