"""One word per stage everywhere, and what a reviewer should not have to look for."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from trombone_tui.pipeline import PIPELINE

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "trombone_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
STAGES = ("events", "workflows", "images", "sync", "rollout", "metrics")


@pytest.fixture(scope="module")
def texts() -> list[Path]:
    """Every file that is committed, or could be."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("what is committed is known to git alone")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and file.suffix not in {".gz", ".png"}]


def test_the_pipeline_is_the_six_stages_in_travel_order() -> None:
    assert tuple(stage.name for stage in PIPELINE) == STAGES


def test_a_stage_is_a_module_or_folder_of_its_name_and_nothing_else_lies_beside_them() -> None:
    beside = {path.stem for path in (PACKAGE / "pipeline").iterdir() if not path.name.startswith("__")}
    assert beside == set(STAGES)


def test_every_stage_has_real_objects_in_a_data_folder_of_its_name() -> None:
    missing = [name for name in STAGES if not any((ROOT / "tests" / "data" / name).glob("*"))]
    assert missing == []


def test_manifests_are_in_folders_named_after_stages() -> None:
    assert {path.name for path in (ROOT / "manifests").iterdir() if path.is_dir()} <= set(STAGES)


def test_modules_are_short() -> None:
    lengths = {str(m.relative_to(ROOT)): len(m.read_text(encoding="utf-8").splitlines()) for m in MODULES}
    assert {module: length for module, length in lengths.items() if length > 330} == {}


def test_modules_are_named_by_what_they_are() -> None:
    empty_words = {"utils", "util", "helpers", "common", "manager", "base", "misc"}
    assert [module for module in MODULES if empty_words & set(module.stem.split("_"))] == []


def test_styles_live_in_style_sheets_alone() -> None:
    found = [
        f"{module.relative_to(ROOT)}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id in {"CSS", "DEFAULT_CSS"}
    ]
    assert found == []


@pytest.mark.parametrize(
    "pattern",
    [
        "--" + "(extra-)?index-url",
        "(pypi|pythonhosted)" + r"\.org",
        r"(?<![\w.}])/" + "(root|work|home/[a-z])" + "[/\"'\\s]",
    ],
    ids=["index flags", "index hosts", "machine paths"],
)
def test_no_file_names_a_package_index_or_a_machines_path(pattern: str, texts: list[Path]) -> None:
    wanted = re.compile(pattern)
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in texts
        for line in path.read_text(encoding="utf-8").splitlines()
        if wanted.search(line) and "--no-emit-index-url" not in line
    ]
    assert found == []


def test_every_test_module_has_a_name_of_its_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
