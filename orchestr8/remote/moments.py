"""Times and lengths of time as `datetime` writes them, whose loading would take longer than most commands."""

import time


def moment(micro: int) -> str:
    """Return a local time such as 2026-01-31 09:05:00.250000; micro: microseconds since the epoch."""
    seconds, rest = divmod(micro, 10**6)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) + _fraction(rest)


def span(micro: int) -> str:
    """Return a length of time such as 1 day, 0:00:02.500000; micro: microseconds."""
    seconds, rest = divmod(micro, 10**6)
    days, seconds = divmod(seconds, 86400)
    before = "%d day%s, " % (days, "" if abs(days) == 1 else "s") if days else ""
    clock = "%d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return before + clock + _fraction(rest)


def _fraction(micro: int) -> str:
    return ".%06d" % micro if micro else ""
