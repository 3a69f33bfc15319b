"""Exec plugins: programs that print credentials (``client.authentication.k8s.io``), run without a terminal.

The screen is ours, so a plugin gets neither the terminal's input nor the terminal itself: it runs in a
session of its own and is told that it is not interactive.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from trombone_tui.adapters.credentials import Certificate, Grant, Held
from trombone_tui.adapters.endpoint import Endpoint
from trombone_tui.adapters.kubeconfig import Entry, extension
from trombone_tui.core.objects.basics import Partial
from trombone_tui.core.ports import Unauthenticated

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
_PATIENCE = 120.0
"""Seconds: long enough for a login in a browser."""
_GRACE = 2.0
"""Seconds a killed plugin's pipes may take to close."""


class _Given(Partial):
    """``status`` of an ``ExecCredential``."""

    expiration_timestamp: datetime | None = None
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None


class _Answer(Partial):
    """What a plugin prints."""

    kind: str | None = None
    api_version: str | None = None
    status: _Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """One plugin, ready to be run."""

    title: str
    """How messages call it: file, user entry and command."""
    version: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    hint: str
    patience: float = _PATIENCE
    """Seconds it may take."""

    @property
    def advice(self) -> str:
        """What the user can do when it fails, or what it gave is not accepted."""
        return "log in with kubectl in a terminal: it runs the same plugin"

    async def ask(self) -> Grant:
        """Run the plugin and return what it grants.

        Raises:
            Unauthenticated: it failed, took too long, or printed something else.
        """
        code, out, err = await self._run()
        if code:
            said = _last_line(err)
            raise self._failed(f"ended with {code}" + (f": {said}" if said else ""))
        return self._read(out)

    async def _run(self) -> tuple[int, bytes, bytes]:
        try:
            process = await asyncio.create_subprocess_exec(
                *self.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=dict(self.environ),
                start_new_session=True,
            )
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise self._failed(f"can't be run: {why}", advice=self.hint) from error
        try:
            async with asyncio.timeout(self.patience):
                out, err = await process.communicate()
        except TimeoutError:
            raise self._failed(f"gave no answer within {self.patience:g} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                with contextlib.suppress(TimeoutError):  # a grandchild may hold the pipes open
                    async with asyncio.timeout(_GRACE):
                        await process.communicate()
        return process.returncode or 0, out, err

    def _read(self, out: bytes) -> Grant:
        try:
            answer = msgspec.json.decode(out, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._failed("printed no ExecCredential") from None
        if answer.kind != "ExecCredential" or answer.api_version != self.version:
            printed = f"{answer.api_version} {answer.kind}"
            raise self._failed(f"printed {printed[:80]}, {self.version} ExecCredential was asked for")
        given = answer.status or _Given()
        chain, key = given.client_certificate_data, given.client_key_data
        if bool(chain) != bool(key):
            raise self._failed("printed a client certificate without its key, or the other way round")
        if not given.token and not chain:
            raise self._failed("printed neither a token nor a client certificate")
        expires = given.expiration_timestamp
        return Grant(
            held=Held(
                authorization=f"Bearer {given.token.strip()}" if given.token else None,
                certificate=Certificate(chain=chain.encode(), key=key.encode()) if chain and key else None,
            ),
            expires=expires if expires is None or expires.tzinfo else expires.replace(tzinfo=UTC),
        )

    def _failed(self, what: str, *, advice: str = "") -> Unauthenticated:
        return Unauthenticated(
            f"{self.title} {what}",
            advice=advice or "log in with kubectl in a terminal: it runs the same plugin",
        )


def read_plugin(user: Entry, exec_: Entry, endpoint: Endpoint, cluster: Entry | None) -> ExecPlugin:
    """Read the ``exec`` part of a user entry.

    Raises:
        Refused: it asks for something that can't be honoured, or its command is not there.
    """
    version, command = exec_.text("apiVersion"), exec_.text("command")
    if version not in _VERSIONS:
        raise exec_.refuse(
            f'apiVersion "{version}" is not supported',
            f"use {_VERSIONS[0]} or {_VERSIONS[1]}; the plugin's own documentation has a new kubeconfig",
        )
    mode = exec_.text("interactiveMode") or "IfAvailable"
    if mode == "Always":
        raise exec_.refuse(
            "interactiveMode is Always, but the terminal belongs to this program",
            "set it to IfAvailable if the plugin allows that, and log in with kubectl in another terminal",
        )
    if mode not in ("Never", "IfAvailable"):
        raise exec_.refuse(f'interactiveMode "{mode}" is unknown', "use Never or IfAvailable")
    if not command:
        raise exec_.refuse("it has no command", "set command to the plugin's program")
    environ = {**os.environ, **_variables(exec_)}
    path = str(exec_.file.parent / command) if os.sep in command else command
    hint = exec_.text("installHint").strip()
    program = shutil.which(path)
    if program is None:
        raise exec_.refuse(f'there is no program "{path}"', hint or "install the plugin, or correct command")
    environ["KUBERNETES_EXEC_INFO"] = _info(version, exec_, endpoint, cluster)
    return ExecPlugin(
        title=f'{user.file}: {user.title}: plugin "{command}"',
        version=version,
        argv=(program, *exec_.texts("args")),
        environ=environ,
        hint=hint,
    )


def _variables(exec_: Entry) -> dict[str, str]:
    variables: dict[str, str] = {}
    for item in exec_.items("env"):
        if not isinstance(item, Mapping):
            raise exec_.refuse("env must be a list of name and value", "correct env in that file")
        variable = Entry(f"{exec_.title}: env", item, exec_.file)
        name = variable.text("name")
        if not name or "=" in name:
            raise exec_.refuse("env has an entry without a proper name", "correct env in that file")
        variables[name] = variable.text("value")
    return variables


def _info(version: str, exec_: Entry, endpoint: Endpoint, cluster: Entry | None) -> str:
    """Return ``KUBERNETES_EXEC_INFO``; with the cluster if ``provideClusterInfo`` asks for it."""
    spec: dict[str, Any] = {"interactive": False}
    if exec_.flag("provideClusterInfo"):
        spec["cluster"] = _cluster_info(endpoint, cluster)
    return msgspec.json.encode({"kind": "ExecCredential", "apiVersion": version, "spec": spec}).decode()


def _cluster_info(endpoint: Endpoint, cluster: Entry | None) -> dict[str, Any]:
    info: dict[str, Any] = {"server": endpoint.server.geturl()}
    if endpoint.server_name:
        info["tls-server-name"] = endpoint.server_name
    if not endpoint.verify:
        info["insecure-skip-tls-verify"] = True
    if endpoint.authority:
        info["certificate-authority-data"] = base64.b64encode(endpoint.authority).decode("ascii")
    if not endpoint.compress:
        info["disable-compression"] = True
    if cluster is not None:
        if url := cluster.text("proxy-url"):
            info["proxy-url"] = url
        config = extension(cluster, f"{_GROUP}/exec")
        if config is not None:
            info["config"] = config
    return info


def _last_line(err: bytes) -> str:
    """Return the last thing a plugin said, short and without control characters."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    return "".join(c for c in lines[-1] if c.isprintable())[:200] if lines else ""
