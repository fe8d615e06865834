"""systemd_service: the other name of systemd."""

from orchestr8.remote.modules.systemd import Systemd


class SystemdService(Systemd):
    """Starts, stops, enables and masks systemd units; the same as systemd."""

    name = "systemd_service"


MODULE = SystemdService
