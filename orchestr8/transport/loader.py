"""The few lines that a host's interpreter is started with, and what they say first."""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass

FLAGS = "-IBSXutf8"
OLDEST = (3, 6)
_MARK = re.compile(rb"O8UP ([0-9a-f]+) (\d+)\.(\d+)\.(\d+) ([\w.-]*)\.\n")

_TEXT = """import sys,os
def r(n):
 b=b""
 while len(b)<n:
  c=os.read(0,n-len(b))
  if not c:os._exit(9)
  b+=c
 return b
v=sys.version_info
t=""
if v>(3,6):
 import _frozen_importlib_external as e
 t=sys.implementation.cache_tag+e.MAGIC_NUMBER.hex()
if (3,6)<v<(3,7) and not sys.getfilesystemencoding()=="utf-8" and "O8LC" not in os.environ:
 os.environ.update(O8LC=os.environ.get("LC_ALL",""),LC_ALL="C.UTF-8")
 os.execv(sys.executable,open("/proc/self/cmdline","rb").read().split(b"\\0")[:-1])
os.write(1,("\\n"+"O8"+"UP %s %%d.%%d.%%d %%s.\\n"%%(v[0],v[1],v[2],t)).encode())
if not t:os._exit(0)
import zlib,marshal
boot,units=marshal.loads(zlib.decompress(r(int(r(8)))))
if type(boot) is bytes:boot=marshal.loads(boot)
exec(boot,{"units":units,"__name__":"o8"})
"""


@dataclass(frozen=True, slots=True)
class Hello:
    """What an interpreter said of itself: its version, and whose byte code it takes."""

    version: tuple[int, int, int]
    tag: str

    @property
    def usable(self) -> bool:
        """Whether the runner works on it."""
        return self.version >= OLDEST and bool(self.tag)


class Loader:
    """One start of an interpreter, known by a random word so that no banner can be taken for it."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(6)

    @property
    def text(self) -> str:
        """The program for `python3 -c`: one line without quotes that a shell would stumble over."""
        body = (_TEXT % self._nonce).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'exec("{body}")'

    def argv(self, python: str) -> list[str]:
        """Return the words that start an interpreter."""
        return [*shlex.split(python), FLAGS, "-c", self.text]

    def heard(self, output: bytes) -> tuple[Hello, bytes] | None:
        """Return what an interpreter said and what came after it, or None while it has not spoken."""
        for found in _MARK.finditer(output):
            if found.group(1) == self._nonce.encode():
                major, minor, micro = (int(found.group(n)) for n in (2, 3, 4))
                return Hello((major, minor, micro), found.group(5).decode()), output[found.end() :]
        return None
