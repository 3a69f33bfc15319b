"""What the lab's commands say and leave behind when something is missing, taken or killed.

Each test has a lab folder of its own, in which nothing is built, so that no other lab is touched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import until

CLUSTER = Path(__file__).parent
ROOT = CLUSTER.parents[1]
SLEEPER = """
import sys, time
from lab import lifecycle, processes
with lifecycle._leash(True):
    lifecycle._prepare()
    print(processes.start("sleeper", sys.executable, "-c", "import time; time.sleep(600)").pid, flush=True)
    time.sleep(600)
"""


class Elsewhere:
    """The lab's command line with another folder, and another environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "TROMBONE_LAB": str(folder / "lab"), "PYTHONPATH": str(CLUSTER)}
        for name in [
            name for name in self.env if name.startswith(("LAB_", "TEST_ASSET_", "KUBEBUILDER_", "CONTRACT_"))
        ]:
            del self.env[name]

    def without_go(self) -> None:
        """Leave no program on PATH but a few."""
        programs = self.folder / "programs"
        programs.mkdir()
        for name in ("env", "sh", "python3"):
            (programs / name).symlink_to(sys.executable if name == "python3" else f"/usr/bin/{name}")
        self.env["PATH"] = str(programs)

    def lab(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "lab", *words)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], env=self.env, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


def test_without_go_nothing_is_built_and_it_is_said_why(elsewhere: Elsewhere) -> None:
    elsewhere.without_go()
    done = elsewhere.lab("up", "rollouts")
    assert done.returncode == 1
    assert "control-plane is not there: etcd is not built and there is no go on PATH" in done.stderr
    assert "rollouts is not there: it needs control-plane" in done.stderr


def test_too_little_time_to_build_is_said(elsewhere: Elsewhere) -> None:
    elsewhere.env["LAB_BUILD_MINUTES"] = "0"
    done = elsewhere.lab("up", "control-plane")
    assert done.returncode == 1
    assert "no time was left for building etcd; give it more with LAB_BUILD_MINUTES" in done.stderr


def test_a_build_is_given_up_when_its_time_is_over(elsewhere: Elsewhere) -> None:
    elsewhere.env |= {"LAB_BUILD_MINUTES": "0.003", "GOCACHE": str(elsewhere.folder / "cache")}
    done = elsewhere.lab("build", "control-plane")
    assert done.returncode == 1
    assert "building etcd took too long" in done.stdout


def test_a_named_program_that_is_not_there_is_said(elsewhere: Elsewhere) -> None:
    elsewhere.env["TEST_ASSET_ETCD"] = "/nonexistent/etcd"
    done = elsewhere.lab("up", "control-plane")
    assert "TEST_ASSET_ETCD names /nonexistent/etcd, which is not there" in done.stderr


def test_programs_that_the_environment_names_are_used_and_not_built(elsewhere: Elsewhere) -> None:
    assets = elsewhere.folder / "assets"
    assets.mkdir()
    for name in ("etcd", "kube-apiserver", "kubectl"):
        (assets / name).touch(mode=0o755)
    named = elsewhere.folder / "my-kubectl"
    named.touch(mode=0o755)
    elsewhere.env |= {"KUBEBUILDER_ASSETS": str(assets), "TEST_ASSET_KUBECTL": str(named)}
    script = """
from lab import building
from lab.parts import PARTS
for tool in PARTS["control-plane"].tools:
    print(tool.name, building.program(tool), building.built(tool))
"""
    lines = elsewhere.python("-c", script).stdout.splitlines()
    assert lines[0] == f"etcd {assets}/etcd True"
    assert lines[1] == f"kube-apiserver {assets}/kube-apiserver True"
    assert lines[4] == f"kubectl {named} True"
    assert lines[5] == f"kwok {elsewhere.folder}/lab/bin/kwok False"


def test_an_unknown_part_is_refused_with_the_known_ones(elsewhere: Elsewhere) -> None:
    done = elsewhere.lab("up", "tekton")
    assert done.returncode == 2
    assert "there is no part 'tekton'; there are control-plane, rollouts" in done.stderr


def test_a_command_runs_though_there_is_no_lab_and_its_exit_code_is_passed_on(elsewhere: Elsewhere) -> None:
    elsewhere.without_go()
    script = "import os, sys; sys.exit(7 if 'CONTRACT_KUBECONFIG' not in os.environ else 8)"
    assert elsewhere.lab("during", "control-plane", "--", sys.executable, "-c", script).returncode == 7
    assert not (elsewhere.folder / "lab" / "run").exists()


def test_a_killed_session_leaves_no_process_behind(elsewhere: Elsewhere) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], env=elsewhere.env, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdout is not None
        sleeper = int(session.stdout.readline())
        assert Path(f"/proc/{sleeper}").exists()
        session.send_signal(signal.SIGKILL)
    until(lambda: not Path(f"/proc/{sleeper}").exists(), what="the end of the lab's process")
    until(lambda: not (elsewhere.folder / "lab" / "run").exists(), what="the end of the run's folder")


def test_the_runs_folders_are_their_owners_alone(elsewhere: Elsewhere) -> None:
    script = """
from lab import identity, lifecycle, places
lifecycle._prepare()
identity.make()
for path in (places.RUN, places.PKI, places.LOGS, places.PROCESSES):
    print(oct(path.stat().st_mode & 0o777))
"""
    done = elsewhere.python("-c", script)
    assert done.stdout.split() == ["0o700"] * 4, done.stderr


def test_what_a_program_is_made_of_is_its_key(elsewhere: Elsewhere) -> None:
    script = """
import shutil
from dataclasses import replace
from pathlib import Path
from lab import building
from lab.parts import PARTS
copy = Path("COPY")
shutil.copytree(building.HERE / "tools", copy / "tools")
building.HERE = copy
tool = PARTS["events"].tools[1]
keys = [building._key(tool), building._key(replace(tool, flags="-X a=b"))]
for name in ("go.mod", "go.sum", "main.go"):
    path = copy / "tools" / "events" / name
    path.write_text(path.read_text() + "\\n")
    keys.append(building._key(tool))
building._version = lambda: "go9.99 linux amd64"
keys.append(building._key(tool))
print(len(set(keys)), len(keys))
""".replace("COPY", str(elsewhere.folder / "copy"))
    assert elsewhere.python("-c", script).stdout.split() == ["6", "6"]


def test_a_process_is_started_again_as_it_was_and_never_one_that_has_its_id_by_chance(
    elsewhere: Elsewhere,
) -> None:
    script = """
import os, sys, time
from dataclasses import replace
from lab import lifecycle, processes
lifecycle._prepare()
code = "import os, time; print(os.environ['WORD'], flush=True); time.sleep(600)"
first = processes.start("one", sys.executable, "-c", code, env={"WORD": "hello"})
while "hello" not in first.last_words():
    time.sleep(0.01)
second = processes.restart("one")
while first.last_words().count("hello") != 2:
    time.sleep(0.01)
assert second.pid != first.pid and second.alive and not first.alive
stranger = replace(second, born="another boot/1")
assert not stranger.alive
stranger.signal(9)
assert second.alive
processes.stop("one")
assert not second.alive
print("done")
"""
    done = elsewhere.python("-c", script)
    assert done.stdout.split() == ["done"], done.stderr


def test_a_taken_port_is_named_before_anything_is_started(elsewhere: Elsewhere) -> None:
    script = """
import socket
from lab import lifecycle, part
lifecycle._prepare()
with socket.create_server(("127.0.0.1", 0)) as server:
    port = server.getsockname()[1]
    def start():
        raise AssertionError("started")
    one = part.Part(name="one", about="", ports=(port,), start=start)
    print(lifecycle._bring_up(one, {}, {}) == f"port {port} on 127.0.0.1 is taken by something else;"
          " end it and try again")
"""
    done = elsewhere.python("-c", script)
    assert done.stdout.splitlines()[-1] == "True", done.stdout + done.stderr


def test_a_process_that_ends_while_it_starts_is_named_with_its_log(elsewhere: Elsewhere) -> None:
    script = """
import sys
from lab import lifecycle, part, processes, waiting
lifecycle._prepare()
def start():
    processes.start("one", sys.executable, "-c", "print('no such flag'); raise SystemExit(3)")
    waiting.wait("one", lambda: False, process="one")
print(lifecycle._bring_up(part.Part(name="one", about="", start=start), {}, {}))
"""
    text = elsewhere.python("-c", script).stdout
    log = elsewhere.folder / "lab" / "run" / "logs" / "one.log"
    assert f"one ended while it started; its log is {log}\nno such flag" in text


@pytest.mark.parametrize(("required", "verdict"), [("", "2 skipped in"), ("1", "1 skipped, 1 error in")])
def test_without_a_lab_tests_are_skipped_with_the_reason_or_fail_where_it_is_required(
    elsewhere: Elsewhere, required: str, verdict: str
) -> None:
    folder = elsewhere.folder / "tests" / "cluster"
    folder.mkdir(parents=True)
    for path in CLUSTER.glob("*.py"):
        if not path.name.startswith("test_"):
            (folder / path.name).write_bytes(path.read_bytes())
    test = "import pytest\n" + "".join(
        f'@pytest.mark.needs("{part}")\ndef test_{part}():\n    pass\n' for part in ("rollouts", "events")
    )
    (folder / "test_it.py").write_text(test)
    (elsewhere.folder / "pytest.ini").write_text("[pytest]\nmarkers = cluster: a\n")
    elsewhere.env["LAB_REQUIRED"] = required
    done = elsewhere.python("-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", str(elsewhere.folder))
    assert verdict in done.stdout, done.stdout + done.stderr
    for part, line in {"rollouts": "MISSING" if required else "skipped", "events": "skipped"}.items():
        assert f"the lab has no {part}: no lab runs; `make lab` starts one" in done.stdout
        assert f"{part:14} {line}: no lab runs" in done.stdout
