"""Filters of community.crypto that say what is in certificates, requests for them, and keys."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from orchestr8.template.filters import public_keys
from orchestr8.template.filters.certificate_names import decoded, oid_name

_USAGES = {
    "digital_signature": "Digital Signature",
    "content_commitment": "Non Repudiation",
    "key_encipherment": "Key Encipherment",
    "data_encipherment": "Data Encipherment",
    "key_agreement": "Key Agreement",
    "key_cert_sign": "Certificate Sign",
    "crl_sign": "CRL Sign",
}
_AGREEMENT_USAGES = {"encipher_only": "Encipher Only", "decipher_only": "Decipher Only"}
_ASN1_TIME = "%Y%m%d%H%M%SZ"


def x509_certificate_info(data: Any, name_encoding: str = "ignore") -> dict[str, Any]:
    """Return what a certificate in PEM says."""
    cert = _loaded(x509.load_pem_x509_certificate, data, "certificate")
    key = cert.public_key()
    kind, numbers = public_keys.kind_and_numbers(key)
    return {
        **_described(cert, name_encoding),
        **_named("issuer", cert.issuer),
        "signature_algorithm": oid_name(cert.signature_algorithm_oid),
        "version": {x509.Version.v1: 1, x509.Version.v3: 3}[cert.version],
        "not_before": cert.not_valid_before_utc.strftime(_ASN1_TIME),
        "not_after": cert.not_valid_after_utc.strftime(_ASN1_TIME),
        "expired": cert.not_valid_after_utc < datetime.now(UTC),
        "public_key_type": kind,
        "public_key_data": numbers,
        "public_key_fingerprints": public_keys.key_fingerprints(key),
        "fingerprints": public_keys.fingerprints(cert.public_bytes(Encoding.DER)),
        "serial_number": cert.serial_number,
        "ocsp_uri": _access(cert.extensions, Access.OCSP),
        "issuer_uri": _access(cert.extensions, Access.CA_ISSUERS),
    }


def openssl_csr_info(data: Any, name_encoding: str = "ignore") -> dict[str, Any]:
    """Return what a request for a certificate in PEM says; its signature has to be valid."""
    request = _loaded(x509.load_pem_x509_csr, data, "certificate signing request")
    try:
        if not request.is_signature_valid:
            raise InvalidSignature
    except (InvalidSignature, UnsupportedAlgorithm):
        raise ValueError("CSR signature is invalid!") from None
    key = request.public_key()
    kind, numbers = public_keys.kind_and_numbers(key)
    return {
        **_described(request, name_encoding),
        **_constraints(request.extensions, name_encoding),
        "public_key_type": kind,
        "public_key_data": numbers,
        "public_key_fingerprints": public_keys.key_fingerprints(key),
        "signature_valid": True,
    }


def _loaded(load: Callable[[bytes], Any], data: Any, what: str) -> Any:
    if not isinstance(data, (str, bytes)):
        raise TypeError(f"The input must be a text type, not {type(data)}")
    try:
        return load(data if isinstance(data, bytes) else data.encode())
    except ValueError as failure:
        raise ValueError(f"Cannot read the {what}: {failure}") from None


def _described(source: Any, encoding: str) -> dict[str, Any]:
    """Return what certificates and requests for them have in common."""
    if encoding not in ("ignore", "idna", "unicode"):
        raise ValueError('The name_encoding option must be one of the values "ignore", "idna", or "unicode"')
    own = source.extensions
    names = _extension(own, x509.SubjectAlternativeName, lambda at: [decoded(each, encoding) for each in at])
    return {
        **_named("subject", source.subject),
        **_pair("key_usage", _extension(own, x509.KeyUsage, _usages)),
        **_pair(
            "extended_key_usage",
            _extension(own, x509.ExtendedKeyUsage, lambda at: sorted(map(oid_name, at))),
        ),
        **_pair("basic_constraints", _extension(own, x509.BasicConstraints, _basic)),
        **_pair("ocsp_must_staple", _extension(own, x509.TLSFeature, _must_staple)),
        **_pair("subject_alt_name", names),
        "public_key": public_keys.pem(source.public_key()),
        "subject_key_identifier": _extension(own, x509.SubjectKeyIdentifier, lambda at: at.digest.hex(":"))[
            0
        ],
        **_authority(own, encoding),
        "extensions_by_oid": {each.oid.dotted_string: _raw(each) for each in own},
    }


def _named(what: str, name: x509.Name) -> dict[str, Any]:
    parts = [[oid_name(each.oid), str(each.value)] for each in name]
    return {what: dict(parts), f"{what}_ordered": parts}


def _extension(own: x509.Extensions, kind: Any, read: Callable[[Any], Any]) -> tuple[Any, bool]:
    """Return what an extension says and whether it is critical; None and False where it is not there."""
    try:
        found = own.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None, False
    return read(found.value), found.critical


def _pair(name: str, found: tuple[Any, bool]) -> dict[str, Any]:
    return {name: found[0], f"{name}_critical": found[1]}


def _usages(usage: Any) -> list[str]:
    known = {**_USAGES, **(_AGREEMENT_USAGES if usage.key_agreement else {})}
    return sorted(name for attribute, name in known.items() if getattr(usage, attribute))


def _basic(constraints: Any) -> list[str]:
    length = constraints.path_length
    return [f"CA:{str(constraints.ca).upper()}", *([] if length is None else [f"pathlen:{length}"])]


def _must_staple(feature: Any) -> bool:
    return x509.TLSFeatureType.status_request in feature


def _authority(own: x509.Extensions, encoding: str) -> dict[str, Any]:
    found = _extension(own, x509.AuthorityKeyIdentifier, lambda at: at)[0]
    key, issuer = getattr(found, "key_identifier", None), getattr(found, "authority_cert_issuer", None)
    return {
        "authority_key_identifier": None if key is None else key.hex(":"),
        "authority_cert_issuer": None if issuer is None else [decoded(each, encoding) for each in issuer],
        "authority_cert_serial_number": getattr(found, "authority_cert_serial_number", None),
    }


def _constraints(own: x509.Extensions, encoding: str) -> dict[str, Any]:
    def read(at: Any) -> tuple[list[str], list[str]]:
        trees = (at.permitted_subtrees or [], at.excluded_subtrees or [])
        return [decoded(each, encoding) for each in trees[0]], [decoded(each, encoding) for each in trees[1]]

    found, critical = _extension(own, x509.NameConstraints, read)
    permitted, excluded = found or (None, None)
    return {
        "name_constraints_permitted": permitted,
        "name_constraints_excluded": excluded,
        "name_constraints_critical": critical,
    }


def _access(own: x509.Extensions, method: Any) -> str | None:
    found = _extension(own, x509.AuthorityInformationAccess, list)[0] or []
    uris = (
        str(each.access_location.value)
        for each in found
        if each.access_method == method and isinstance(each.access_location, x509.UniformResourceIdentifier)
    )
    return next(uris, None)


def _raw(extension: Any) -> dict[str, Any]:
    value = base64.b64encode(extension.value.public_bytes()).decode()
    return {"critical": extension.critical, "value": value}


NAMES: dict[str, Callable[..., Any]] = {
    "openssl_csr_info": openssl_csr_info,
    "openssl_privatekey_info": public_keys.private_key_info,
    "openssl_publickey_info": public_keys.public_key_info,
    "x509_certificate_info": x509_certificate_info,
}
