"""An address as a flow writes it: what two readers could read differently is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from .addresses import read_address
from .errors import Refused

LONGEST_URL = 8_000
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# Python's own reader takes what stands in brackets, whatever stands around them.
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]@:]*)(:[0-9]{1,5})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_USED_IN_PATHS = "/%:=&?~+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class Url:
    """`path` is what is asked of the host, with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as it stands in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(text: str) -> Url:
    """Return the parts of an address.

    Raises:
        Refused: it is none of http or https, or is written in a way that hides where it leads.
    """
    if len(text) > LONGEST_URL:
        raise Refused(f"The address has {len(text)} characters; {LONGEST_URL} are the most.")
    if any(letter <= " " or letter in "\x7f\\" for letter in text):
        raise Refused(
            "The address holds a space, a line break, a backslash or a control character."
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(f"This is no address: {error}.") from error
    if parts.scheme not in _PORTS:
        raise Refused(f"Only http and https can be called, not {parts.scheme or 'this'!r}.")
    if "@" in parts.netloc:
        raise Refused("The address names a user: secrets belong into GOFLOW_SECRETS.")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise Refused(f"{parts.netloc[:80]!r} is not the name of a host.")
    path = quote(parts.path or "/", safe=_USED_IN_PATHS)
    query = f"?{quote(parts.query, safe=_USED_IN_PATHS)}" if parts.query else ""
    number = _PORTS[parts.scheme] if port is None else port
    return Url(parts.scheme, _read_host(parts.hostname or ""), number, path + query)


def _read_host(host: str) -> str:
    host = host.removesuffix(".")
    if ":" in host:
        address = read_address(host)
        if address is None or "%" in host:
            raise Refused(f"{host!r} is no address of a host.")
        return str(address)
    if not _HOST.fullmatch(host):
        cure = "" if host.isascii() else " Write it in its xn-- form."
        raise Refused(f"{host!r} is not the name of a host.{cure}")
    # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to some readers.
    if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) and read_address(host) is None:
        raise Refused(f"{host!r} is no usual spelling of an IP address.")
    return host
