"""`ansible.utils.unsafe_proxy`: what plugins return is never rendered, so nothing has to be marked."""

from __future__ import annotations

from typing import Any

AnsibleUnsafeText = str
AnsibleUnsafeBytes = bytes


def wrap_var(value: Any) -> Any:
    """Return the value."""
    return value
