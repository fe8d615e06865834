"""Services of hosts without systemd: init scripts and OpenRC."""

import glob
import os
import re
import time
from typing import List, Optional

from orchestr8.remote.facts.reading import Files
from orchestr8.remote.module import Failure
from orchestr8.remote.process import Finished, run, text

_STOPPED = re.compile(r"not running|stopped|is down|\bdead\b|unused|inactive|failed\b", re.I)


class InitScript:
    """One service under /etc/init.d, driven by `service`, by OpenRC or by the script itself."""

    def __init__(
        self, name: str, *, words: Optional[List[str]] = None, timeout: Optional[float] = None
    ) -> None:
        self.name = name
        self.path = os.path.join("/etc/init.d", name)
        self.openrc = os.path.exists("/sbin/openrc")
        self._words = words or []
        self._timeout = timeout
        self._files = Files()

    def exists(self) -> bool:
        """Tell whether there is such a service."""
        return bool(self.name) and "/" not in self.name and os.access(self.path, os.X_OK)

    def running(self, pattern: Optional[str]) -> bool:
        """Tell whether it runs; by a process whose command line holds the pattern, when one is given."""
        if pattern:
            return has_process(pattern)
        done = self.tell("status")
        said = text(done.stdout) + text(done.stderr)
        if self.openrc:
            return "started" in said
        if re.search(r"usage:", said, re.I):
            return has_process(self.name)
        if done.rc == 0:
            return _STOPPED.search(said) is None
        return False

    def tell(self, action: str) -> Finished:
        """Run one action of the script."""
        program = self._files.program("rc-service" if self.openrc else "service")
        argv = [program, self.name] if program else [self.path]
        return run([*argv, action, *self._words], parse=True, timeout=self._timeout)

    def restart(self, pause: float) -> Finished:
        """Stop, wait and start: not every script knows how to restart."""
        stopped = self.tell("stop")
        time.sleep(pause)
        started = self.tell("start")
        return stopped if started.rc and stopped.rc else started

    def enabled(self, runlevel: str) -> bool:
        """Tell whether it is started at boot."""
        if self.openrc:
            return os.path.lexists(os.path.join("/etc/runlevels", runlevel, self.name))
        escaped = glob.escape(self.name)
        return bool(glob.glob(f"/etc/rc[2-5].d/S[0-9][0-9]{escaped}"))

    def enable(self, runlevel: str) -> None:
        """Have it started at boot."""
        if self.openrc:
            self._must(["rc-update", "add", self.name, runlevel])
        elif self._files.program("update-rc.d"):
            if not glob.glob("/etc/rc[0-6].d/[SK][0-9][0-9]" + glob.escape(self.name)):
                self._must(["update-rc.d", self.name, "defaults"])
            self._must(["update-rc.d", self.name, "enable"])
        else:
            self._must(["chkconfig", "--add", self.name])
            self._must(["chkconfig", self.name, "on"])

    def disable(self, runlevel: str) -> None:
        """Do not have it started at boot."""
        if self.openrc:
            self._must(["rc-update", "del", self.name, runlevel])
        elif self._files.program("update-rc.d"):
            self._must(["update-rc.d", self.name, "disable"])
        else:
            self._must(["chkconfig", self.name, "off"])

    def _must(self, argv: List[str]) -> None:
        done = run(argv, parse=True, timeout=self._timeout)
        if done.rc:
            reason = (text(done.stderr) or text(done.stdout)).strip()
            raise Failure(f"{' '.join(argv)} failed: {reason}", rc=done.rc)


def has_process(pattern: str) -> bool:
    """Tell whether another process has the pattern in its command line."""
    own = {str(os.getpid()), str(os.getppid())}
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if pattern in line and number not in own:
            return True
    return False
