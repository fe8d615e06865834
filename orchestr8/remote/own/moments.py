"""`ansible.module_utils.compat.datetime`: moments in universal time."""

from datetime import datetime, timezone

UTC = timezone.utc


def utcnow() -> datetime:
    """Return now."""
    return datetime.now(UTC)


def utcfromtimestamp(timestamp: float) -> datetime:
    """Return the moment of a timestamp."""
    return datetime.fromtimestamp(timestamp, UTC)
