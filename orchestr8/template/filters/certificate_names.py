"""How names in certificates are written, as OpenSSL and community.crypto do."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cryptography import x509

# Object identifiers by the long names of OpenSSL, where those of the library differ.
_LONG = {
    "1.3.6.1.5.5.7.3.1": "TLS Web Server Authentication",
    "1.3.6.1.5.5.7.3.2": "TLS Web Client Authentication",
    "1.3.6.1.5.5.7.3.3": "Code Signing",
    "1.3.6.1.5.5.7.3.4": "E-mail Protection",
    "1.3.6.1.5.5.7.3.8": "Time Stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP Signing",
    "1.3.6.1.5.2.3.4": "PKINIT Client Auth",
    "1.3.6.1.5.2.3.5": "Signing KDC Response",
    "2.5.29.37.0": "Any Extended Key Usage",
    "1.3.6.1.4.1.311.20.2.2": "Microsoft Smartcard Login",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
    "0.9.2342.19200300.100.1.1": "userId",
}


def oid_name(oid: Any) -> str:
    """Return the name of an object identifier, or its numbers."""
    dotted = str(oid.dotted_string)
    name = getattr(oid, "_name", "Unknown OID")
    return _LONG.get(dotted) or (dotted if name == "Unknown OID" else str(name))


def decoded(name: Any, encoding: str) -> str:
    """Return a general name with its kind, such as `DNS:example.com`; encoding is for domains."""
    if isinstance(name, x509.DNSName):
        return f"DNS:{_domain(name.value, encoding)}"
    if isinstance(name, x509.IPAddress):
        return f"IP:{_address(name.value)}"
    if isinstance(name, x509.RFC822Name):
        user, at, domain = name.value.rpartition("@")
        return f"email:{user}{at}{_domain(domain, encoding)}"
    if isinstance(name, x509.UniformResourceIdentifier):
        return f"URI:{_uri(name.value, encoding)}"
    if isinstance(name, x509.DirectoryName):
        return f"dirName:{name.value.rfc4514_string()}"
    if isinstance(name, x509.RegisteredID):
        return f"RID:{name.value.dotted_string}"
    if isinstance(name, x509.OtherName):
        return f"otherName:{name.type_id.dotted_string};{name.value.hex(':').upper()}"
    raise ValueError(f'Cannot decode name "{name}"')


def _address(value: Any) -> str:
    if isinstance(value, (IPv4Network, IPv6Network)):
        return f"{value.network_address.compressed}/{value.prefixlen}"
    return str(value.compressed)


def _uri(value: str, encoding: str) -> str:
    parts = urlsplit(value)
    if encoding == "ignore" or not parts.hostname:
        return value
    where = parts.netloc.replace(parts.hostname, _domain(parts.hostname, encoding))
    return urlunsplit(parts._replace(netloc=where))


def _domain(value: str, encoding: str) -> str:
    """Return a domain as it is, or each of its labels by the rules of IDNA: to ASCII or from it."""
    if encoding == "ignore":
        return value
    labels = [_ascii(each) if encoding == "idna" else _unicode(each) for each in value.split(".")]
    return ".".join(labels)


def _ascii(label: str) -> str:
    return label if label.isascii() else label.encode("idna").decode()


def _unicode(label: str) -> str:
    return label.encode().decode("idna") if label.startswith("xn--") else label
