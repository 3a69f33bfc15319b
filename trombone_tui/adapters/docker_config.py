"""The user's own logins for registries: Docker's and Podman's files, and credential helpers.

A helper is a program ``docker-credential-NAME`` that is told a registry and prints a login
(``docker/docker-credential-helpers@v0.9:README.md``); ECR's is one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path

import msgspec

from trombone_tui.core.docker_auth import HUB, DockerConfig, host_of, read_docker_config
from trombone_tui.core.ports import Login, Unauthenticated

_PATIENCE = 30.0
"""Seconds a helper may take."""
_HUB_KEY = "https://index.docker.io/v1/"
"""What Docker Hub is called in front of helpers."""


class _Printed(msgspec.Struct, rename="pascal"):
    """What a helper prints."""

    username: str = ""
    secret: str = ""


def files(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Return where logins may be kept, in the order in which they are looked through."""
    docker = Path(environ["DOCKER_CONFIG"]) if environ.get("DOCKER_CONFIG") else home / ".docker"
    podman = [Path(environ["REGISTRY_AUTH_FILE"])] if environ.get("REGISTRY_AUTH_FILE") else []
    if environ.get("XDG_RUNTIME_DIR"):
        podman.append(Path(environ["XDG_RUNTIME_DIR"], "containers", "auth.json"))
    config = Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else home / ".config"
    return (docker / "config.json", *podman, config / "containers" / "auth.json")


async def own_login(repository: str, environ: Mapping[str, str], home: Path) -> Login | None:
    """Return the user's login for a repository; None where there is none.

    Raises:
        Refused: a file can't be understood.
        Unauthenticated: a helper is named that is not there or fails.
    """
    for file in files(environ, home):
        config = await asyncio.to_thread(_read, file)
        if config is None:
            continue
        if helper := config.helper(repository):
            found = await _ask(helper, host_of(repository))
            if found is not None:
                return found
        if (login := config.login(repository)) is not None:
            return login
    return None


def _read(file: Path) -> DockerConfig | None:
    try:
        return read_docker_config(file.read_bytes(), str(file))
    except OSError:
        return None


async def _ask(helper: str, host: str) -> Login | None:
    """Ask a credential helper.

    Raises:
        Unauthenticated: it is not there, took too long, or failed for another reason than having none.
    """
    program = f"docker-credential-{helper}"
    try:
        process = await asyncio.create_subprocess_exec(
            program, "get", stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
    except OSError:
        raise Unauthenticated(
            f"the Docker config asks {program} for the login of {host}, and it can't be run",
            advice=f"install {program}, or take it out of the Docker config",
        ) from None
    try:
        async with asyncio.timeout(_PATIENCE):
            out, _ = await process.communicate((_HUB_KEY if host == HUB else host).encode())
    except TimeoutError:
        raise Unauthenticated(
            f"{program} gave no answer within {_PATIENCE:g} s", advice="run docker login in a terminal"
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        if b"credentials not found" in out:
            return None
        raise Unauthenticated(
            f"{program} has no login for {host}", advice="log in where the helper keeps its logins"
        )
    try:
        printed = msgspec.json.decode(out, type=_Printed)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unauthenticated(
            f"{program} printed no login", advice="run docker login in a terminal"
        ) from None
    return Login(user=printed.username, password=printed.secret) if printed.secret else None
