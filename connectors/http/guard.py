"""Keeps requests off addresses that nobody meant: private networks, and hosts that an answer leads to.

An OKR file is reviewed, but a name may resolve to an address inside the worker's network, today or later. So the name
is resolved here, each address is looked at, and the socket is connected to one that was: nothing is sent to another,
not even the beginning of a TLS handshake, and a name that changes in between changes nothing.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.network import PrivateAddress
from connectors.transport import Cuttable, CuttableAdapter, SecureCuttable

WITHIN = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10", "::/96", "192.88.99.0/24")
)
"""Not private by name, but ways into a private network: translated and tunnelled IPv4, and site-local addresses."""


def is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    inside = any(found in net for net in WITHIN if net.version == found.version)
    return found.is_global and not found.is_multicast and not found.is_reserved and not inside


class _Guarded(Cuttable):
    def addresses(self, name: str) -> list[str]:
        """Raises PrivateAddress where one of its addresses is not: which one is asked must not be a matter of luck."""
        found = super().addresses(name)
        for address in found:
            if not is_public(address):
                raise PrivateAddress(f"{name} has the private address {address}")
        return found


class _SecureGuarded(_Guarded, SecureCuttable):
    """As above, before the TLS handshake."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureGuarded


class PublicOnly(CuttableAdapter):
    """Connects to public addresses only. Through a proxy it is the proxy that decides."""

    pools: dict[str, Any] = {"http": _Pool, "https": _SecurePool}  # noqa: RUF012 - never changed
