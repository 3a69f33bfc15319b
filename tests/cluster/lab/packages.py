"""Programs out of Debian packages: unpacked, never installed, so that no daemon of theirs starts.

Shared libraries that an unpacked program misses are unpacked likewise, from the packages it depends on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lab.part import Absent
from lab.places import DEBIAN

TREE = DEBIAN / "root"
_FOLDERS = ("usr/bin", "usr/sbin", "bin", "sbin")


def unpack(name: str, package: str) -> None:
    """Have a program: the machine's own, or one unpacked of its package with the libraries it misses.

    Raises:
        Absent: it is not on the machine, and there is no such package or no apt to ask.
    """
    if _own(name) or (_unpacked(name) and not _missing(_unpacked(name))):
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Absent(f"{name} is not on PATH, and there is no apt-get to fetch package {package} with")
    if not _unpacked(name):
        _fetch(package)
        for other in _dependencies(package):  # redis-server is a link into redis-tools
            if not _unpacked(name) and other.startswith(package.split("-")[0]):
                _fetch(other)
    found, seen = _unpacked(name), {package}
    waiting = sorted(_dependencies(package), key=_no_library)
    if not found:
        raise Absent(f"package {package} has no program {name}")
    while _missing(found) and waiting:
        other = waiting.pop(0)
        if other in seen or _installed(other):
            continue
        seen.add(other)
        _fetch(other)
        waiting = sorted((*waiting, *_dependencies(other)), key=_no_library)
    if missing := _missing(found):
        raise Absent(f"{name} of package {package} misses the libraries {', '.join(missing)}")


def find(name: str) -> Path:
    """Return a program that `unpack` has seen to.

    Raises:
        Absent: it has not.
    """
    if path := _own(name) or _unpacked(name):
        return path
    raise Absent(f"{name} is not there; `make lab` fetches it")


def libraries() -> dict[str, str]:
    """Return the environment in which unpacked programs find unpacked libraries."""
    folders = [str(path) for path in _library_folders()]
    return {"LD_LIBRARY_PATH": ":".join(folders)} if folders else {}


def _own(name: str) -> Path | None:
    path = ":".join((os.environ.get("PATH", os.defpath), "/usr/local/sbin:/usr/sbin:/sbin"))
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def _unpacked(name: str) -> Path | None:
    paths = (TREE / folder / name for folder in _FOLDERS)
    return next((path for path in paths if path.exists()), None)


def _library_folders() -> Iterator[Path]:
    for folder in (TREE / "usr/lib", TREE / "lib"):
        for path in (folder, *sorted(folder.glob("*-linux-*"))):
            if any(path.glob("lib*.so*")):
                yield path


def _missing(path: Path | None) -> list[str]:
    """Name the shared libraries that a program would not find."""
    if path is None or not shutil.which("ldd"):
        return []
    done = subprocess.run(
        ("ldd", str(path)), env={**os.environ, **libraries()}, capture_output=True, text=True, check=False
    )
    return re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)


def _file(package: str) -> Path | None:
    return next(iter(sorted(DEBIAN.glob(f"{package}_*.deb"))), None)


def _fetch(package: str) -> None:
    """Download and unpack one package.

    Raises:
        Absent: apt-get has none such, also after it has read the lists of packages.
    """
    DEBIAN.mkdir(parents=True, exist_ok=True)
    theirs, ours = ("download", package), (*_own_lists(), "download", package)
    said = ""
    for words in (theirs, ours, (*_own_lists(), "update"), ours):
        if _file(package):
            break
        said = _apt(*words).stderr.strip() or said
    path = _file(package)
    if path is None:
        raise Absent(f"package {package} can't be had: {said.splitlines()[-1] if said else 'apt-get fails'}")
    words = ("dpkg-deb", "-x", str(path), str(TREE))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        path.unlink()  # it may have come only in part
        raise Absent(f"package {package} can't be unpacked: {done.stderr.strip()}; try again")


def _apt(*words: str) -> subprocess.CompletedProcess[str]:
    sandbox = ("-o", "APT::Sandbox::User=root") if os.geteuid() == 0 else ()
    return subprocess.run(
        ("apt-get", "-qq", *sandbox, *words),
        cwd=DEBIAN,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@cache
def _own_lists() -> tuple[str, ...]:
    """Have apt-get keep its lists with us: that needs no rights, and the machine's stay as they are."""
    for folder in ("lists/partial", "archives/partial"):
        (DEBIAN / folder).mkdir(parents=True, exist_ok=True)
    places = {"Dir::State::lists": DEBIAN / "lists", "Dir::Cache": DEBIAN, "Debug::NoLocking": "1"}
    return tuple(word for name, value in places.items() for word in ("-o", f"{name}={value}"))


def _dependencies(package: str) -> list[str]:
    """Name what a fetched package depends on; of alternatives the first."""
    path = _file(package)
    if path is None:
        return []
    words = ("dpkg-deb", "-f", str(path), "Depends", "Pre-Depends")
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    lines = re.sub(r"^(Pre-)?Depends:", "", done.stdout, flags=re.MULTILINE).replace("\n", ",")
    names = (re.match(r"\s*([a-z0-9][a-z0-9+.-]*)", clause) for clause in lines.split(","))
    return [name[1] for name in names if name]


def _no_library(package: str) -> bool:
    return not package.startswith("lib")


def _installed(package: str) -> bool:
    words = ("dpkg-query", "-W", "-f", "${db:Status-Status}", package)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip().startswith("installed")
