"""The test bed: a real fleet of SSH hosts with Docker engines, on one machine."""

from tests.bed.command import BedError
from tests.bed.farm import Farm
from tests.bed.fleet import Fleet
from tests.bed.host import Host

__all__ = ["BedError", "Farm", "Fleet", "Host"]
