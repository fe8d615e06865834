"""Starts the runner on a host out of what the loader received; nothing is written to the host's disk.

The loader (see transport/loader.py) executes this file with `units` in its namespace: name → whether
a package, and its code.
"""

import os
import sys


class Units:
    """Imports our own code out of memory, before any other finder is asked."""

    def __init__(self, units):  # type: ignore[no-untyped-def]
        self.units = units
        self._loads = __import__("marshal").loads

    def find_spec(self, name, path=None, target=None):  # type: ignore[no-untyped-def]
        """Find a unit by its dotted name."""
        if name not in self.units:
            return None
        spec = type(sys.__spec__)(name, self)  # type: ignore[arg-type]
        if self.units[name][0]:
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec):  # type: ignore[no-untyped-def]
        """Leave the making of the module to the import system."""

    def exec_module(self, module):  # type: ignore[no-untyped-def]
        """Run a unit in its module."""
        code = self.units[module.__name__][1]
        if isinstance(code, bytes):
            code = self._loads(code)
        else:
            code = compile(code, "<%s>" % module.__name__, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 -- the controller is whom this process works for


locale = os.environ.pop("O8LC", None)
if locale is not None:
    os.environ["LC_ALL"] = locale
    if not locale:
        del os.environ["LC_ALL"]
finder = Units(units)  # type: ignore[name-defined,no-untyped-call]  # noqa: F821
sys.meta_path.insert(0, finder)
__import__("orchestr8.remote.runner")
sys.modules["orchestr8.remote.runner"].main(finder.units)
