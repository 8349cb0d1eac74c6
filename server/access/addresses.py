"""Whose requests without a key are counted together."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

_NETWORK = 64  # bits: the smallest part of IPv6 that is given to one customer (RFC 6177)


def counted_address() -> str:
    """The address that asks; of IPv6 its network, whose addresses one customer changes at will."""
    text = (request.remote_addr or "").partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:  # a socket of this machine, or whatever a proxy says
        return text
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _NETWORK), strict=False))
