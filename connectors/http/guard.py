"""Keeps requests off addresses that nobody meant: private networks, and hosts that an answer leads to.

An OKR file is reviewed, but a name may resolve to an address inside the worker's network, today or later. So the
address is looked at where it counts: on the socket that was connected, before anything is sent through it.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError


class PrivateAddress(HTTPError):
    """The name leads into a private network."""


def is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global


def _refuse_private(connection: HTTPConnection) -> None:
    address = connection.sock.getpeername()[0]
    if not is_public(address):
        connection.close()
        raise PrivateAddress(f"{connection.host} leads to the private address {address}")


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _refuse_private(self)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _refuse_private(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class PublicOnly(HTTPAdapter):
    """Connects to public addresses only. Through a proxy it is the proxy that decides."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
