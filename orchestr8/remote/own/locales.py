"""`ansible.module_utils.common.locale`: the locale in which programs speak so that one can read it."""

from typing import Any, Optional, Sequence


def get_best_parsable_locale(
    module: Any, preferences: Optional[Sequence[str]] = None, raise_on_locale: bool = False
) -> str:
    """Return the first of these locales that the host has, C when it has none."""
    program = module.get_bin_path("locale")
    if not program:
        if raise_on_locale:
            raise RuntimeWarning("Could not find 'locale' tool")
        return "C"
    rc, out, err = module.run_command([program, "-a"])
    known = out.strip().splitlines()
    if (rc != 0 or not known) and raise_on_locale:
        raise RuntimeWarning("Unable to get locale information, rc=%s: %s" % (rc, err))
    wanted = preferences or ("C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8", "C", "POSIX")
    return next((name for name in wanted if name in known), "C")
