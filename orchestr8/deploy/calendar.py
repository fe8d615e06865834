"""When a scheduled job runs: the calendar expressions of systemd, and what cron can say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

Values = tuple[int, ...]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
}
_PART = re.compile(r"(\*|\d+)(?:\.\.(\d+))?(?:/(\d+))?")
_HORIZON = 366 * 8


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moments of an expression; empty values mean every one. Weekdays count from Monday, 0."""

    weekdays: Values = ()
    years: Values = ()
    months: Values = ()
    days: Values = ()
    hours: Values = ()
    minutes: Values = ()
    seconds: Values = (0,)

    def cron(self) -> str:
        """Return the five fields of cron; raise ValueError for what cron cannot say."""
        if self.seconds != (0,):
            raise ValueError("cron knows no seconds")
        if self.years:
            raise ValueError("cron knows no years")
        if self.weekdays and self.days:
            raise ValueError("cron takes a day of the week and a day of the month as either of them")
        weekdays = tuple((day + 1) % 7 for day in self.weekdays)
        fields = (self.minutes, self.hours, self.days, self.months, tuple(sorted(weekdays)))
        return " ".join(",".join(map(str, values)) or "*" for values in fields)

    def after(self, moment: datetime) -> datetime | None:
        """Return the first moment of the calendar after another one, or None when there is none for years."""
        for day in (moment.date() + timedelta(days=n) for n in range(_HORIZON)):
            if not self._on(day):
                continue
            found = (t for t in self._times(day) if t > moment)
            if (first := next(found, None)) is not None:
                return first
        return None

    def _on(self, day: date) -> bool:
        asked = (self.weekdays, self.years, self.months, self.days)
        have = (day.weekday(), day.year, day.month, day.day)
        return all(not values or value in values for values, value in zip(asked, have, strict=True))

    def _times(self, day: date) -> Iterator[datetime]:
        for hour in self.hours or range(24):
            for minute in self.minutes or range(60):
                for second in self.seconds or range(60):
                    yield datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 -- a host's own time


def calendar(text: str) -> Calendar:
    """Return the calendar of an expression; raise ValueError saying what cannot be read."""
    words = _WORDS.get(text.strip().lower(), text).split()
    weekdays: Values = ()
    if words and words[0][:1].isalpha():
        weekdays = _weekdays(words.pop(0))
    day = words.pop(0) if words and "-" in words[0] else "*-*-*"
    time = words.pop(0) if words and ":" in words[0] else "00:00:00"
    if not text.strip() or words:
        odd = words[0] if words else text
        raise ValueError(f"`{odd}` is no day and no time (time zones are those of the hosts)")
    dates, times = day.split("-"), time.split(":")
    if len(dates) == 2:
        dates.insert(0, "*")
    if len(times) == 2:
        times.append("00")
    if len(dates) != 3 or len(times) != 3:
        raise ValueError(f"`{text}` is no [weekday] year-month-day hour:minute:second")
    year, month, day_ = (
        _field(t, low, high) for t, low, high in zip(dates, (1970, 1, 1), (2199, 12, 31), strict=True)
    )
    hour, minute, second = (_field(t, 0, high) for t, high in zip(times, (23, 59, 59), strict=True))
    return Calendar(weekdays, year, month, day_, hour, minute, second)


def _weekdays(text: str) -> Values:
    found: set[int] = set()
    for part in text.lower().rstrip(",").split(","):
        first, dots, last = part.partition("..")
        begin, end = _weekday(first), _weekday(last if dots else first)
        if end < begin:
            raise ValueError(f"`{part}` ends before it begins")
        found.update(range(begin, end + 1))
    return tuple(sorted(found))


def _weekday(text: str) -> int:
    for number, name in enumerate(_DAYS):
        if len(text) >= 3 and text[:3] == name:
            return number
    raise ValueError(f"`{text}` is no day of the week")


def _field(text: str, low: int, high: int) -> Values:
    """Return the values of a field, nothing when it is every one."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"`{part}` is no number, range (a..b), step (a/b) or *")
        first = low if match[1] == "*" else int(match[1])
        last = int(match[2]) if match[2] else high if match[1] == "*" or match[3] else first
        if not low <= first <= last <= high or match[3] == "0":
            raise ValueError(f"`{part}` is not within {low} and {high}")
        found.update(range(first, last + 1, int(match[3] or 1)))
    return () if len(found) == high - low + 1 else tuple(sorted(found))
