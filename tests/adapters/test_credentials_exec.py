"""Exec plugins: run as kubectl runs them, before their credentials end, and without the terminal."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from apiserver import ApiServer, Moment, Seen, says, write_kubeconfig
from certificates import Authority

from trombone_tui.adapters.execplugin import ExecPlugin
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.ports import Refused, Unauthenticated, Unreachable

V1 = "client.authentication.k8s.io/v1"

PLUGIN = """\
import json, os, sys
from pathlib import Path
here = Path(__file__).parent
runs = here / "runs"
count = len(runs.read_text().splitlines()) + 1 if runs.exists() else 1
try:
    terminal = os.open("/dev/tty", os.O_RDWR)
except OSError:
    terminal = None
noted = {
    "argv": sys.argv[1:], "stdin": sys.stdin.read(), "terminal": terminal is not None, "sid": os.getsid(0),
    "info": json.loads(os.environ["KUBERNETES_EXEC_INFO"]), "extra": os.environ.get("EXTRA"),
    "home": os.environ.get("HOME"),
}
with runs.open("a") as file:
    file.write(json.dumps(noted) + "\\n")
"""
GIVES = """\
status = json.loads((here / "status.json").read_text())
status = {key: str(value).replace("COUNT", str(count)) for key, value in status.items()}
print(json.dumps({"kind": "ExecCredential", "apiVersion": noted["info"]["apiVersion"], "status": status}))
"""


class Plugin:
    """A plugin in a folder: what it gives, and how it was run."""

    def __init__(self, folder: Path, then: str = GIVES) -> None:
        self.folder = folder
        script = folder / "plugin.py"
        script.write_text(PLUGIN + then)
        self.config: dict[str, Any] = {"apiVersion": V1, "command": sys.executable, "args": [str(script)]}
        self.config["interactiveMode"] = "IfAvailable"
        self.give(token="token-COUNT")

    def give(self, **status: str) -> None:
        (self.folder / "status.json").write_text(json.dumps(status))

    @property
    def runs(self) -> list[dict[str, Any]]:
        path = self.folder / "runs"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def kubeconfig(self, server: str, cluster: dict[str, Any] | None = None, **more: Any) -> str:
        user = {"exec": {**self.config, **more}}
        return write_kubeconfig(self.folder / "config", server, user=user, cluster=cluster)


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


async def connect(path: str, clock: Moment | None = None) -> KubernetesCluster:
    return await KubernetesCluster.connect(
        Access(kubeconfig=path, request_timeout=5), clock=clock or Moment()
    )


async def test_token_is_asked_for_on_the_first_request_and_kept(plugin: Plugin, api: ApiServer) -> None:
    cluster = await connect(plugin.kubeconfig(api.url))
    assert plugin.runs == []
    await asyncio.gather(*(cluster.get_json("/version") for _ in range(5)))
    await cluster.get_json("/version")
    assert {seen.authorization for seen in api.seen} == {"Bearer token-1"}
    assert len(plugin.runs) == 1
    await cluster.close()


async def test_token_is_renewed_before_it_expires(plugin: Plugin, api: ApiServer) -> None:
    clock = Moment()
    expires = (clock.now + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    plugin.give(token="token-COUNT", expirationTimestamp=expires)
    cluster = await connect(plugin.kubeconfig(api.url), clock)
    await cluster.get_json("/version")
    clock.pass_by(minutes=58)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-1"
    clock.pass_by(minutes=1, seconds=10)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-2"
    await cluster.close()


async def test_a_401_runs_the_plugin_once_more_and_the_request_goes_on(
    plugin: Plugin, api: ApiServer
) -> None:
    def answer(seen: Seen) -> web.StreamResponse:
        return says({}, 200 if seen.authorization == "Bearer token-2" else 401)(seen)

    api.answer = answer
    cluster = await connect(plugin.kubeconfig(api.url))
    async with cluster.request("POST", "/x", body=b"{}") as response:
        assert response.status == 200
    assert [seen.authorization for seen in api.seen] == ["Bearer token-1", "Bearer token-2"]
    assert api.last.body == b"{}"
    await cluster.close()


async def test_many_requests_that_fail_together_run_the_plugin_once(plugin: Plugin, api: ApiServer) -> None:
    api.answer = says({}, 401)
    cluster = await connect(plugin.kubeconfig(api.url))
    answers = await asyncio.gather(*(cluster.get_json("/version") for _ in range(8)), return_exceptions=True)
    assert all(isinstance(answer, Unauthenticated) for answer in answers)
    assert len(plugin.runs) == 2
    with pytest.raises(Unauthenticated) as caught:
        await cluster.get_json("/version")
    assert len(plugin.runs) == 2
    assert "log in with kubectl" in caught.value.advice
    assert "token-" not in str(caught.value)
    await cluster.close()


async def test_a_plugin_gets_arguments_environment_and_no_terminal(
    plugin: Plugin, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTRA", "of the process")
    args = [*plugin.config["args"], "get-token", "--x"]
    env = [{"name": "EXTRA", "value": "of the entry"}]
    cluster = await connect(plugin.kubeconfig(api.url, args=args, env=env))
    await cluster.get_json("/version")
    run = plugin.runs[0]
    assert (run["argv"], run["extra"], run["home"]) == (
        ["get-token", "--x"],
        "of the entry",
        os.environ["HOME"],
    )
    assert run["stdin"] == ""
    assert not run["terminal"]
    assert run["sid"] != os.getsid(0)
    assert run["info"] == {"kind": "ExecCredential", "apiVersion": V1, "spec": {"interactive": False}}
    await cluster.close()


async def test_provide_cluster_info_tells_the_plugin_all_of_the_cluster(
    plugin: Plugin, api: ApiServer
) -> None:
    cluster = {
        "insecure-skip-tls-verify": True,
        "tls-server-name": "name.example",
        "disable-compression": True,
        "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"n": 5, "on": True}}],
    }
    connected = await connect(plugin.kubeconfig(api.url, cluster, provideClusterInfo=True))
    await connected.get_json("/version")
    await connected.close()
    assert plugin.runs[0]["info"]["spec"] == {
        "interactive": False,
        "cluster": {
            "server": api.url,
            "insecure-skip-tls-verify": True,
            "tls-server-name": "name.example",
            "disable-compression": True,
            "config": {"n": 5, "on": True},
        },
    }


async def test_provide_cluster_info_carries_authority_and_proxy(plugin: Plugin, pki: Authority) -> None:
    cluster = {"certificate-authority": str(pki.path), "proxy-url": "http://127.0.0.1:9"}
    connected = await connect(plugin.kubeconfig("https://127.0.0.1:1", cluster, provideClusterInfo=True))
    with pytest.raises(Unreachable):
        await connected.get_json("/version")
    await connected.close()
    told = plugin.runs[0]["info"]["spec"]["cluster"]
    assert told["proxy-url"] == "http://127.0.0.1:9"
    assert base64.b64decode(told["certificate-authority-data"]) == pki.pem


async def test_command_is_relative_to_the_kubeconfig(
    plugin: Plugin, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = plugin.folder / "bin" / "my-plugin"
    binary.parent.mkdir()
    binary.symlink_to(sys.executable)
    monkeypatch.chdir("/")
    cluster = await connect(plugin.kubeconfig(api.url, command="bin/my-plugin"))
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-1"
    await cluster.close()


async def test_client_certificate_of_a_plugin_is_shown_and_exchanged(
    plugin: Plugin, tls_api: ApiServer, pki: Authority
) -> None:
    def give(name: str) -> None:
        certificate = pki.client(name)
        plugin.give(
            clientCertificateData=certificate.chain.decode(),
            clientKeyData=certificate.key.decode(),
            expirationTimestamp=(clock.now + timedelta(hours=1)).isoformat(),
        )

    clock = Moment()
    give("ann")
    cluster = await connect(plugin.kubeconfig(tls_api.url, {"certificate-authority": str(pki.path)}), clock)
    await cluster.get_json("/version")
    assert (tls_api.last.peer, tls_api.last.authorization) == ("ann", None)
    give("bob")
    async with cluster.request("GET", "/open") as still_open:
        clock.pass_by(minutes=59, seconds=30)
        await cluster.get_json("/version")
        assert tls_api.last.peer == "bob"
        assert await still_open.json() == {"kind": "Anything"}
    await cluster.get_json("/version")
    assert tls_api.last.peer == "bob"
    await cluster.close()


async def test_a_certificate_that_does_not_fit_its_key_is_refused(
    plugin: Plugin, tls_api: ApiServer, pki: Authority
) -> None:
    plugin.give(
        clientCertificateData=pki.client("ann").chain.decode(), clientKeyData=pki.client("bob").key.decode()
    )
    cluster = await connect(plugin.kubeconfig(tls_api.url, {"certificate-authority": str(pki.path)}))
    with pytest.raises(Refused, match="client certificate can't be used: key values mismatch"):
        await cluster.get_json("/version")
    await cluster.close()


async def test_own_token_goes_before_the_plugin(plugin: Plugin, api: ApiServer) -> None:
    user = {"exec": plugin.config, "token": "own"}
    cluster = await connect(write_kubeconfig(plugin.folder / "c", api.url, user=user))
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer own"
    assert plugin.runs == []
    await cluster.close()


@pytest.mark.parametrize(
    ("change", "what", "advice"),
    [
        ({"interactiveMode": "Always"}, "interactiveMode is Always, but the terminal", "IfAvailable"),
        ({"interactiveMode": "Sometimes"}, '"Sometimes" is unknown', "Never or IfAvailable"),
        ({"apiVersion": "client.authentication.k8s.io/v1alpha1"}, "v1alpha1.* is not supported", "v1beta1"),
        ({"command": ""}, "it has no command", "set command"),
        ({"command": "no-such-plugin"}, 'no program "no-such-plugin"', "install the plugin"),
        ({"command": "./gone", "installHint": "brew install it"}, "no program", "brew install it"),
        ({"env": ["X=1"]}, "env must be a list of name and value", "correct env"),
        ({"env": [{"name": "A=B"}]}, "without a proper name", "correct env"),
    ],
)
async def test_plugins_that_cannot_be_honoured_are_refused(
    plugin: Plugin, change: dict[str, Any], what: str, advice: str
) -> None:
    path = plugin.kubeconfig("https://127.0.0.1:1", **change)
    with pytest.raises(Refused, match=what) as caught:
        await connect(path)
    assert f'{path}: user "dev": exec' in str(caught.value)
    assert advice in caught.value.advice


def prints(answer: Any) -> str:
    return f"print({json.dumps(answer)!r})"


@pytest.mark.parametrize(
    ("then", "what"),
    [
        ("print('first', file=sys.stderr); print('\\x1b[31mtoo bad\\n', file=sys.stderr); sys.exit(3)",
         r"ended with 3: \[31mtoo bad$"),
        ("sys.exit(1)", "ended with 1$"),
        ("print('no json')", "printed no ExecCredential"),
        (prints({"kind": "ExecCredential", "apiVersion": "x/v9"}), "printed x/v9 ExecCredential"),
        (prints({"kind": "ExecCredential", "apiVersion": V1}), "neither a token nor a client certificate"),
        (prints({"kind": "ExecCredential", "apiVersion": V1, "status": {"clientKeyData": "k"}}), "without"),
    ],
)  # fmt: skip
async def test_failing_plugins_are_named_with_their_last_words(
    tmp_path: Path, api: ApiServer, then: str, what: str
) -> None:
    plugin = Plugin(tmp_path, then)
    path = plugin.kubeconfig(api.url)
    cluster = await connect(path)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match=what) as caught:
            await cluster.get_json("/version")
    assert f'{path}: user "dev": plugin' in str(caught.value)
    assert len(plugin.runs) == 1
    assert api.seen == []
    await cluster.close()


async def test_a_failed_plugin_is_tried_again_after_a_while(plugin: Plugin, api: ApiServer) -> None:
    clock = Moment()
    plugin.give(nothing="")
    cluster = await connect(plugin.kubeconfig(api.url), clock)
    with pytest.raises(Unauthenticated):
        await cluster.get_json("/version")
    plugin.give(token="token-COUNT")
    clock.pass_by(seconds=6)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-2"
    await cluster.close()


async def test_a_renewal_that_fails_early_leaves_what_is_still_good(plugin: Plugin, api: ApiServer) -> None:
    clock = Moment()
    plugin.give(token="token-COUNT", expirationTimestamp=(clock.now + timedelta(hours=1)).isoformat())
    cluster = await connect(plugin.kubeconfig(api.url), clock)
    await cluster.get_json("/version")
    plugin.give(nothing="")
    clock.pass_by(minutes=59, seconds=30)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-1"
    assert len(plugin.runs) == 2
    clock.pass_by(seconds=31)
    with pytest.raises(Unauthenticated, match="neither a token"):
        await cluster.get_json("/version")
    await cluster.close()


def slow(folder: Path, patience: float) -> ExecPlugin:
    """A plugin that says its process id and then takes for ever."""
    argv = ("/bin/sh", "-c", 'echo $$ > "$0/pid"; sleep 600', str(folder))
    return ExecPlugin(title="slow", version=V1, argv=argv, environ=os.environ, hint="", patience=patience)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_plugin_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated, match="slow gave no answer within 1 s"):
        await slow(tmp_path, 1).ask()
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_closing_ends_a_plugin_that_is_running(tmp_path: Path, api: ApiServer) -> None:
    plugin = Plugin(tmp_path, "(here / 'pid').write_text(str(os.getpid())); import time; time.sleep(600)")
    cluster = await connect(plugin.kubeconfig(api.url))
    asking = asyncio.create_task(cluster.get_json("/version"))
    pid = tmp_path / "pid"
    async with asyncio.timeout(10):
        while not (pid.exists() and pid.read_text()):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait((asking,))
        assert alive(int(pid.read_text()))
        await cluster.close()
    assert not alive(int(pid.read_text()))


async def test_a_program_that_cannot_be_run_says_so(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    plugin = ExecPlugin(title="broken", version=V1, argv=(str(script),), environ={}, hint="install it")
    with pytest.raises(Unauthenticated, match="broken can't be run") as caught:
        await plugin.ask()
    assert caught.value.advice == "install it"


async def test_v1beta1_is_understood_and_a_time_without_zone_is_utc(plugin: Plugin, api: ApiServer) -> None:
    plugin.give(token=" token-COUNT\n", expirationTimestamp="2001-01-01T00:00:00")
    del plugin.config["interactiveMode"]
    path = plugin.kubeconfig(api.url, apiVersion="client.authentication.k8s.io/v1beta1")
    cluster = await connect(path)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer token-1"
    assert plugin.runs[0]["info"]["apiVersion"] == "client.authentication.k8s.io/v1beta1"
    await cluster.close()
