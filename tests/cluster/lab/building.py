"""Builds the lab's Go programs, one after the other, and keeps each until something it is made of changes.

A program is keyed by everything in its folder of ``tools/`` (go.mod, go.sum, a main.go), its package, link
flags, build settings and the Go version; an empty file ``.NAME.KEY`` beside it says that it was built so.
Modules come by the ordinary go client as the machine has it set up.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from lab.part import Absent, Manifests, Tool
from lab.places import BIN, HERE, MANIFESTS

SETTINGS = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false -trimpath", "GOGC": "200"}
ASSETS = "KUBEBUILDER_ASSETS"
"""Names a folder with etcd, kube-apiserver and kubectl, where there is one."""

Say = Callable[[str], None]


def program(tool: Tool) -> Path:
    """Return where a program is, or will be once it is built."""
    return given(tool) or BIN / tool.name


def given(tool: Tool) -> Path | None:
    """Return the finished program that the environment names, if it does.

    Raises:
        Absent: what is named is not there.
    """
    if tool.given_by and (named := os.environ.get(tool.given_by)):
        if not Path(named).is_file():
            raise Absent(f"{tool.given_by} names {named}, which is not there")
        return Path(named)
    if tool.given_by and (folder := os.environ.get(ASSETS)) and (path := Path(folder, tool.name)).is_file():
        return path
    return None


def built(tool: Tool) -> bool:
    """Say whether a program is there as it would be built now.

    Without Go nothing can be built anyway, so any that was built once will do.
    """
    if given(tool):
        return True
    if not (BIN / tool.name).exists():
        return False
    if not shutil.which("go"):
        return any(BIN.glob(f".{tool.name}.*"))
    return _stamp(tool).exists()


def build(tool: Tool, deadline: float, say: Say) -> None:
    """Build a program if it is not there.

    Args:
        tool: The program.
        deadline: When the time for building is over, on the monotonic clock.
        say: Told what happens.

    Raises:
        Absent: there is no Go, no time, no module, or the compiler says no.
    """
    BIN.mkdir(parents=True, exist_ok=True)
    if built(tool):
        return
    if not shutil.which("go"):
        raise Absent(f"{tool.name} is not built and there is no go on PATH")
    begin, fresh = time.monotonic(), BIN / f"{tool.name}.new"
    say(f"building {tool.name} ...")
    words = ("build", "-ldflags", f"-s -w {tool.flags}", "-o", str(fresh), tool.package)
    _go(tool.module, words, deadline, f"building {tool.name}")
    fresh.replace(BIN / tool.name)
    for old in BIN.glob(f".{tool.name}.*"):
        old.unlink()
    _stamp(tool).touch()
    size = (BIN / tool.name).stat().st_size >> 20
    say(f"built {tool.name} in {time.monotonic() - begin:.0f} s, {size} MiB")


def copied(manifests: Manifests) -> Path:
    """Return the folder into which a module's files are copied: its name holds all they depend on."""
    mod = HERE / "tools" / manifests.module / "go.mod"
    key = hashlib.sha256(mod.read_bytes() + repr(manifests).encode()).hexdigest()[:12]
    return MANIFESTS / f"{manifests.module}.{key}"


def copy(manifests: Manifests, deadline: float) -> None:
    """Copy the files that a part applies out of their module, if they are not there yet.

    Raises:
        Absent: there is no Go, no time or no module.
    """
    target = copied(manifests)
    if target.exists():
        return
    if not shutil.which("go"):
        raise Absent(f"the manifests of {manifests.path} are not there and there is no go on PATH")
    what = f"fetching the manifests of {manifests.path}"
    reply = json.loads(_go(manifests.module, ("mod", "download", "-json", manifests.path), deadline, what))
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in manifests.files:
        source, place = Path(reply["Dir"], name), fresh / name
        place.parent.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.rglob("*.yaml")) if source.is_dir() else [source]:
            put = place / path.relative_to(source) if source.is_dir() else place
            put.parent.mkdir(parents=True, exist_ok=True)
            put.write_bytes(path.read_bytes())  # the module cache can't be written to; the copy can
    fresh.replace(target)


def _stamp(tool: Tool) -> Path:
    return BIN / f".{tool.name}.{_key(tool)}"


def _key(tool: Tool) -> str:
    text = hashlib.sha256()
    for path in sorted((HERE / "tools" / tool.module).iterdir()):
        text.update(path.name.encode() + b"\0" + path.read_bytes())
    text.update(repr((tool.package, tool.flags, sorted(SETTINGS.items()), _version())).encode())
    return text.hexdigest()[:12]


@cache
def _version() -> str:
    """Return Go's version and what it builds for."""
    words = ("go", "env", "GOVERSION", "GOOS", "GOARCH")
    done = subprocess.run(words, env={**os.environ, **SETTINGS}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f"go env fails: {done.stderr.strip()}")
    return " ".join(done.stdout.split())


def _go(module: str, words: tuple[str, ...], deadline: float, what: str) -> str:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Absent(f"no time was left for {what}; give it more with LAB_BUILD_MINUTES")
    process = subprocess.Popen(
        ("go", *words),
        cwd=HERE / "tools" / module,
        env={**os.environ, **SETTINGS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=left)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise Absent(f"{what} took too long; give it more with LAB_BUILD_MINUTES") from None
        raise
    if process.returncode:
        said = [line for line in (errors + out).strip().splitlines() if line.strip()]
        raise Absent(f"{what} failed: {'; '.join(said[-3:])[-600:]}")
    return out
