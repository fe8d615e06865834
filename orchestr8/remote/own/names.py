"""Answers imports of `ansible.module_utils…` by what is here, whatever else a host has under that name."""

import sys
from typing import Any, FrozenSet

HERE = "orchestr8.remote.own"
_UTILS = "ansible.module_utils"
OWN = {
    "_text": "converters",
    "ansible_release": "system",
    "api": "api",
    "basic": "basic",
    "common._collections_compat": "containers",
    "common.arg_spec": "specs",
    "common.collections": "containers",
    "common.dict_transformations": "dicts",
    "common.file": "placing",
    "common.locale": "locales",
    "common.network": "network",
    "common.parameters": "parameters",
    "common.process": "commanding",
    "common.respawn": "respawn",
    "common.sys_info": "system",
    "common.text.converters": "converters",
    "common.text.formatters": "formatters",
    "common.validation": "checks",
    "common.warnings": "telling",
    "compat.datetime": "moments",
    "compat.version": "versions",
    "connection": "connection",
    "database": "database",
    "distro": "system",
    "errors": "mistakes",
    "facts": "facts",
    "facts.compat": "facts",
    "facts.utils": "facts",
    "parsing.convert_bool": "booleans",
    "pycompat24": "telling",
    "service": "daemons",
    "six": "six",
    "six.moves": "moves",
    "splitter": "splitter",
    "urls": "urls",
}
"""What stands below `ansible.module_utils`, and which module here it is."""
STANDARD = {
    "common.json": "json",
    "compat.importlib": "importlib",
    "compat.selectors": "selectors",
    "compat.typing": "typing",
    "six.moves.builtins": "builtins",
    "six.moves.collections_abc": "collections.abc",
    "six.moves.configparser": "configparser",
    "six.moves.html_parser": "html.parser",
    "six.moves.http_client": "http.client",
    "six.moves.http_cookiejar": "http.cookiejar",
    "six.moves.http_cookies": "http.cookies",
    "six.moves.cPickle": "pickle",
    "six.moves.queue": "queue",
    "six.moves.reprlib": "reprlib",
    "six.moves.socketserver": "socketserver",
    "six.moves.urllib": "urllib",
    "six.moves.urllib.error": "urllib.error",
    "six.moves.urllib.parse": "urllib.parse",
    "six.moves.urllib.request": "urllib.request",
    "six.moves.urllib.response": "urllib.response",
    "six.moves.urllib.robotparser": "urllib.robotparser",
    "six.moves.urllib_error": "urllib.error",
    "six.moves.urllib_parse": "urllib.parse",
    "six.moves.xmlrpc_client": "xmlrpc.client",
}
"""What Python has itself."""
MODULES = {
    **{"%s.%s" % (_UTILS, name): "%s.%s" % (HERE, own) for name, own in OWN.items()},
    **{"%s.%s" % (_UTILS, name): own for name, own in STANDARD.items()},
}


def _packages() -> FrozenSet[str]:
    found = {"ansible", _UTILS}
    for name in MODULES:
        parts = name.split(".")
        found.update(".".join(parts[:depth]) for depth in range(1, len(parts)))
    return frozenset(found)


PACKAGES = _packages()


class Names:
    """A finder that hands out what stands for a name; modules of users that are shipped come before it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return how to import a name below `ansible`, None for all others."""
        if name != "ansible" and not name.startswith("ansible."):
            return None
        kind: Any = type(sys.__spec__)
        spec = kind(name, self, is_package=name in PACKAGES)
        if name in MODULES or name in PACKAGES:
            return spec
        message = "No module named '%s': neither orchestr8 nor a folder module_utils has it" % name
        raise ModuleNotFoundError(message, name=name)

    def create_module(self, spec: Any) -> None:
        """Leave the making of the module to the import system."""

    def exec_module(self, module: Any) -> None:
        """Put what is here in the module's place."""
        name = module.__name__
        if name in MODULES:
            real = __import__(MODULES[name], fromlist=["_"])
            if name in PACKAGES and not hasattr(real, "__path__"):
                real.__path__ = []
            sys.modules[name] = real


def install() -> None:
    """Answer such imports in this process from now on."""
    at = 1 if sys.meta_path and type(sys.meta_path[0]).__name__ == "Units" else 0
    sys.meta_path.insert(at, Names())
