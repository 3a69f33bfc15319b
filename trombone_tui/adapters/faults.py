"""Network faults in plain words: what aiohttp, TLS and the operating system raise, as ``Unreachable``."""

from __future__ import annotations

import errno
import os
import ssl

import aiohttp

from trombone_tui.core.ports import Unreachable

_CERTIFICATE = {
    9: ("its certificate is not valid yet", "check this machine's clock"),
    10: ("its certificate has expired", "renew the API server's certificate; check this machine's clock"),
    18: ("certificate signed by unknown authority", ""),
    19: ("certificate signed by unknown authority", ""),
    20: ("certificate signed by unknown authority", ""),
    21: ("certificate signed by unknown authority", ""),
    23: ("its certificate has been revoked", "ask who runs the cluster"),
    62: ("its certificate is for another host name", "set tls-server-name in the kubeconfig's cluster entry"),
    64: ("its certificate is for another address", "set tls-server-name in the kubeconfig's cluster entry"),
}
"""What OpenSSL's verify codes mean (X509_V_ERR_*), and what to do where it is not the authority."""
_AUTHORITY_ADVICE = (
    "check certificate-authority in the kubeconfig's cluster entry; or a proxy breaks TLS open"
)

_TLS = (
    ("WRONG_VERSION_NUMBER", "does not speak TLS on this port", "check the server's address: http or https?"),
    ("HTTP_REQUEST", "does not speak TLS on this port", "check the server's address: http or https?"),
    ("CERTIFICATE_REQUIRED", "asks for a client certificate", "give the kubeconfig's user a certificate"),
    (
        "HANDSHAKE_FAILURE",
        "refuses TLS: it may ask for a client certificate",
        "look at the user's certificate",
    ),
    ("ALERT_UNKNOWN_CA", "does not accept our client certificate", "renew the user's client certificate"),
    ("ALERT_BAD_CERTIFICATE", "does not accept our client certificate", "renew the user's certificate"),
    ("ALERT_CERTIFICATE_EXPIRED", "says our client certificate has expired", "renew the user's certificate"),
    ("CERTIFICATE_EXPIRED", "says our client certificate has expired", "renew the user's certificate"),
)

_ERRNO = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "the connection was cut",
    errno.EPIPE: "the connection was cut",
    errno.ETIMEDOUT: "no answer from the network",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "the network can't be reached",
    errno.EHOSTDOWN: "the host is down",
}

_BEFORE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
"""What happens before a request is sent."""


def unreachable(error: BaseException, *, server: str, seconds: float | None = None) -> Unreachable:
    """Return what a fault means to the user.

    Args:
        error: What aiohttp or asyncio raised.
        server: The address that was asked, for the message.
        seconds: How long was waited at most, for the message of a time-out.
    """
    what, advice = said(error, seconds)
    return Unreachable(f"{server}: {what}", advice=advice, sent=not isinstance(error, _BEFORE))


def said(error: BaseException, seconds: float | None = None) -> tuple[str, str]:
    """Return what a fault is in plain words, and what to do about it; empty where that is the usual."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _certificate(error.certificate_error)
        case aiohttp.ClientConnectorSSLError():
            return _tls(error.os_error)
        case aiohttp.ClientConnectorDNSError():
            return "no such host", "check the server's name and this machine's DNS"
        case aiohttp.ClientProxyConnectionError():
            reason = _os(error.os_error)
            return f"the proxy {error.host}:{error.port} can't be reached: {reason}", "check the proxy"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answers {error.status} {error.message}", "check the proxy and its password"
        case TimeoutError():
            waited = "" if seconds is None else f" within {seconds:g} s"
            return f"no answer{waited}", ""
        case OSError():
            return _os(_inner(error)), ""
    return _protocol(error)


def _protocol(error: BaseException) -> tuple[str, str]:
    match error:
        case aiohttp.ServerDisconnectedError():
            return "the connection was cut before an answer came", ""
        case aiohttp.ClientPayloadError():
            return "the connection was cut in the middle of an answer", ""
        case aiohttp.ClientConnectionError():
            return "the connection was cut", ""
        case aiohttp.ClientResponseError():
            return "what answers there does not speak HTTP as an API server does", ""
    return f"{type(error).__name__}: {error}", ""


def _certificate(error: Exception) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        known = _CERTIFICATE.get(error.verify_code)
        what, advice = known or (f"its certificate is not accepted: {error.verify_message}", "")
        return what, advice or _AUTHORITY_ADVICE
    return f"its certificate is not accepted: {error}", _AUTHORITY_ADVICE


def _tls(error: OSError) -> tuple[str, str]:
    reason = str(getattr(error, "reason", "") or error)
    for mark, what, advice in _TLS:
        if mark in reason:
            return what, advice
    return f"TLS does not come about: {reason.replace('_', ' ').lower()}", ""


def _inner(error: OSError) -> OSError:
    """Return what the operating system or TLS said beneath aiohttp's own error."""
    inner = getattr(error, "os_error", error.__cause__)
    return inner if isinstance(inner, OSError) else error


def _os(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return _tls(error)[0]
    if isinstance(error, ConnectionResetError | ConnectionAbortedError):
        return "the connection was cut"
    if error.errno is None:
        return str(error) or type(error).__name__
    return _ERRNO.get(error.errno) or os.strerror(error.errno).lower()
