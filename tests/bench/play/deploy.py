"""The same 13 steps for pyinfra."""

import os
from pathlib import Path

from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.operations import files, server

here = Path(__file__).parent
base = f"{os.environ['BENCH_ROOT']}/{host.name}"
files.directory(path=base, mode="755")
for number in range(1, 9):
    files.put(src=str(here / f"files/f{number}.txt"), dest=f"{base}/f{number}.txt", mode="644")
files.line(path=f"{base}/limits.conf", line="nofile=.*", replace="nofile=65536")
files.template(
    src=str(here / "templates/host.j2"), dest=f"{base}/host.conf", mode="644", inventory_hostname=host.name
)
server.shell(commands=["/bin/true"])
host.get_fact(File, path=f"{base}/host.conf")
