"""The wheel, built once by way of the sdist: it carries the code, styles and manifests, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from trombone_tui import __version__
from trombone_tui.config import folder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=50)
    assert len(list(out.glob("*.tar.gz"))) == 1
    (built,) = out.glob("*.whl")
    return zipfile.ZipFile(built)


def shipped(name: str) -> set[str]:
    files = (path for path in (ROOT / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_holds_package_styles_and_manifests_and_no_other_file(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    beside = {f"trombone_tui/{name}" for name in shipped("styles") | shipped("manifests")}
    assert inside == shipped("trombone_tui") | beside
    assert any(name.endswith(".tcss") for name in beside)


def test_the_wheel_says_who_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"trombone_tui-{__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert f"Version: {__version__}\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert "trombone-tui = trombone_tui.__main__:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_a_checkout_finds_both_folders_beside_the_package() -> None:
    assert folder("styles") == ROOT / "styles"
    assert folder("manifests") == ROOT / "manifests"


def test_a_folder_that_is_nowhere_is_a_broken_installation() -> None:
    with pytest.raises(FileNotFoundError, match="install trombone-tui again"):
        folder("nowhere")
