"""kubernetes-asyncio's client for one API server and one client certificate: TLS and pooled connections."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from kubernetes_asyncio.client import ApiClient, Configuration

from trombone_tui.adapters.credentials import Certificate
from trombone_tui.adapters.endpoint import Endpoint
from trombone_tui.core.ports import Refused

_READ_BUFFER = 2**21
"""Bytes; as the library sets it, for objects of more than a megabyte."""


class NotOpened(Exception):
    """A websocket was refused, by an answer whose body is not read yet."""

    def __init__(self, response: ClientResponse) -> None:
        super().__init__(f"answered {response.status}")
        self.response = response


class Transport:
    """A session with the endpoint's TLS and the certificate; closed when the last request has let go.

    A certificate can't be exchanged in a session, so a renewed one needs a new Transport; the old one
    is retired and serves the watches that are still open.
    """

    def __init__(self, endpoint: Endpoint, certificate: Certificate | None) -> None:
        """Build the session; needs a running loop, sends nothing.

        Raises:
            Refused: the authority or the certificate can't be used.
        """
        self.certificate = certificate
        self._session = _session(_connector(endpoint, certificate))
        self._users = 0
        self._retired = False

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session; to be used between ``take`` and ``release``."""
        return self._session

    @property
    def closed(self) -> bool:
        """Whether it can no longer be used."""
        return self._session.closed

    def take(self) -> None:
        """Note one more request."""
        self._users += 1

    async def release(self) -> None:
        """Note that a request has ended."""
        self._users -= 1
        if self._retired and not self._users:
            await self.close()

    async def retire(self) -> None:
        """Close as soon as no request needs it."""
        self._retired = True
        if not self._users:
            await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def _client(endpoint: Endpoint, certificate: Certificate | None) -> ApiClient:
    """Build the library's client. It reads keys from files: they exist only while it does."""
    configuration = Configuration(host=endpoint.server.geturl())
    configuration.verify_ssl = endpoint.verify
    # Go accepts the older certificates that many clusters have; Python 3.13 would not.
    configuration.disable_strict_ssl_verification = True
    configuration.tls_server_name = endpoint.server_name or None
    configuration.connection_pool_maxsize = 0
    if endpoint.proxy is not None:
        configuration.proxy = endpoint.proxy.url
        configuration.proxy_headers = endpoint.proxy.headers
    with TemporaryDirectory(prefix="trombone-tui-") as folder:
        if endpoint.authority is not None:
            configuration.ssl_ca_cert = _file(folder, "ca", endpoint.authority)
            _check_authority(endpoint, configuration.ssl_ca_cert)
        if certificate is not None:
            configuration.cert_file = _file(folder, "certificate", certificate.chain)
            configuration.key_file = _file(folder, "key", certificate.key)
        try:
            return ApiClient(configuration)
        except (ssl.SSLError, ValueError) as error:
            what = getattr(error, "reason", None) or str(error)
            raise Refused(
                f"{endpoint.title}: the client certificate can't be used: {what.replace('_', ' ').lower()}",
                advice="check that client-certificate and client-key belong together and are PEM",
            ) from error


def _check_authority(endpoint: Endpoint, path: str) -> None:
    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, ValueError) as error:
        raise Refused(
            f"{endpoint.title}: certificate-authority holds no certificate",
            advice="it must be PEM, with BEGIN CERTIFICATE; in base64 where it is certificate-authority-data",
        ) from error


def _file(folder: str, name: str, content: bytes) -> str:
    path = Path(folder, name)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return str(path)


def _connector(endpoint: Endpoint, certificate: Certificate | None) -> aiohttp.BaseConnector:
    """Return the connections of the library's client, freed of its session.

    Where nothing speaks TLS there is nothing the library would add but the time to read the system's
    certificates.
    """
    if not endpoint.secure and not (endpoint.proxy and endpoint.proxy.url.startswith("https:")):
        return aiohttp.TCPConnector(limit=0)
    theirs: aiohttp.ClientSession = _client(endpoint, certificate).rest_client.pool_manager
    connector = theirs.connector
    assert connector is not None  # the session is open
    theirs.detach()
    return connector


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    """Make a session that minds neither ``~/.netrc`` nor cookies, as kubectl.

    Proxies of the environment are chosen by ``adapters/proxy.py``.
    """
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=_READ_BUFFER,
        trust_env=False,
        middlewares=(_opened,),
    )


async def _opened(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Hand out what refuses a websocket, which aiohttp would follow or drop; requests bring their own.

    Raises:
        NotOpened: it is refused.
    """
    response = await handler(request)
    if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        raise NotOpened(response)
    return response
