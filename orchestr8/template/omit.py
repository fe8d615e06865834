"""The value that takes an argument away."""

from __future__ import annotations

from typing import final


@final
class Omit:
    """What `omit` is worth: an entry of a mapping or list with this value is left out."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<omit>"

    def __bool__(self) -> bool:
        return False


OMIT = Omit()
