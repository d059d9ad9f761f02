"""How many wrong keys an address may still show."""

import ipaddress
import time
from collections import OrderedDict

_ADDRESSES = 10_000
_MINUTE = 60.0


class Attempts:
    """A bucket of attempts for each address, which fills again within a minute.

    The addresses seen last are known, and the oldest forgotten: whoever has very many
    of them wins attempts, not memory.
    """

    def __init__(self, per_minute: int) -> None:
        """Allow so many attempts a minute; 0 allows any number."""
        self._most = per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return the seconds until `address` may try again; 0 if it may now."""
        missing = 1.0 - self._filled(_network(address))
        return max(missing, 0.0) * _MINUTE / self._most if self._most else 0.0

    def note(self, address: str) -> None:
        """Take one attempt from `address`."""
        if not self._most:
            return
        name = _network(address)
        self._left[name] = (max(self._filled(name) - 1.0, 0.0), time.monotonic())
        self._left.move_to_end(name)
        while len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)

    def _filled(self, name: str) -> float:
        left, at = self._left.get(name, (float(self._most), 0.0))
        gained = (time.monotonic() - at) * self._most / _MINUTE
        return min(left + gained, float(self._most))


def _network(address: str) -> str:
    """Return what one caller can choose from: of IPv6, half of the address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(int(found) >> 64)
