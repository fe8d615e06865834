"""Where facts are kept between runs, as the settings of Ansible say it."""

from __future__ import annotations

import sys

from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.ports import FactCache
from orchestr8.inventory.inventory import Inventory


def fact_cache(inventory: Inventory, *, flush: bool) -> FactCache | None:
    """Return the cache that was asked for, emptied first with `flush`; raise InvalidInput without a place."""
    settings = Settings()
    kind = str(settings["CACHE_PLUGIN"] or "memory").rpartition(".")[2]
    if kind == "memory":
        return None
    if kind != "jsonfile":
        sys.stderr.write(f"[WARNING]: facts are not kept: there is no cache `{kind}`, only jsonfile\n")
        return None
    folder = settings["CACHE_PLUGIN_CONNECTION"]
    if not folder:
        message = "the fact cache `jsonfile` needs a folder"
        raise InvalidInput(Diagnostic("O8-1731", message, hint="set fact_caching_connection"))
    from orchestr8.state.fact_cache import JsonFacts

    prefix, lifetime = str(settings["CACHE_PLUGIN_PREFIX"] or ""), settings["CACHE_PLUGIN_TIMEOUT"]
    cache = JsonFacts(folder, prefix=prefix, lifetime=lifetime)
    if flush:
        for name in {*inventory.hosts, "localhost"}:
            cache.save(name, {})
    return cache
