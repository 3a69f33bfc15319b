"""What a context's requests carry, over real HTTP and TLS, and what the answers mean."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from apiserver import ApiServer, Seen, TunnelProxy, says, write_kubeconfig
from certificates import Authority

from trombone_tui.adapters.credentials import Certificate, Held
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster, asked_for, contexts
from trombone_tui.adapters.target import find_target
from trombone_tui.core.objects.basics import Kind, Object
from trombone_tui.core.ports import Cluster, Denied, Refused, Unauthenticated, Unreachable

ROLLOUT = Kind(name="Rollout", plural="rollouts", group="argoproj.io", version="v1alpha1", shape=Object)


async def get(kubeconfig: str, path: str = "/version", **access: Any) -> Any:
    """Connect, ask once, close."""
    cluster = await KubernetesCluster.connect(Access(kubeconfig=kubeconfig, **access))
    try:
        return await cluster.get_json(path)
    finally:
        await cluster.close()


async def refusal(kubeconfig: str, **access: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await KubernetesCluster.connect(Access(kubeconfig=kubeconfig, **access))
    assert caught.value.advice
    return caught.value


def in_data(certificate: Certificate) -> dict[str, str]:
    return {
        "client-certificate-data": base64.b64encode(certificate.chain).decode(),
        "client-key-data": base64.b64encode(certificate.key).decode(),
    }


async def test_it_is_the_cluster_port_and_sends_nothing_on_connecting(tmp_path: Path, api: ApiServer) -> None:
    path = write_kubeconfig(tmp_path / "c", api.url, user={"token": "t"}, context={"namespace": "shop"})
    cluster: Cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
    assert (cluster.name, cluster.namespace) == ("here", "shop")
    await cluster.close()
    assert api.seen == []


async def test_token_is_sent_and_nothing_else_that_speaks_for_us(
    tmp_path: Path, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login else password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    api.answer = says({}, Set_Cookie="a=b")
    await get(write_kubeconfig(tmp_path / "c", api.url, user={"token": "abc"}))
    assert api.last.authorization == "Bearer abc"
    assert api.last.headers["Accept"] == "application/json"
    assert api.last.headers["User-Agent"].startswith("trombone-tui/")
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "d", api.url)))
    for _ in range(2):
        await cluster.get_json("/version")
        assert api.last.authorization is None
        assert "Cookie" not in api.last.headers
    await cluster.close()


async def test_context_without_user_asks_without_credentials_also_over_tls(
    tmp_path: Path, tls_api: ApiServer, pki: Authority
) -> None:
    cluster = {"certificate-authority": str(pki.path)}
    assert await get(write_kubeconfig(tmp_path / "c", tls_api.url, cluster=cluster)) == {"kind": "Anything"}
    assert tls_api.last.authorization is None
    assert tls_api.last.peer == ""


async def test_refused_credentials_say_whose_and_what_to_do(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says({"kind": "Status", "message": "no"}, 401)
    with pytest.raises(Unauthenticated, match="does not accept the credentials of context here") as caught:
        await get(write_kubeconfig(tmp_path / "c", api.url, user={"token": "SECRET"}))
    assert 'put a new token into user "dev"' in caught.value.advice
    assert "SECRET" not in str(caught.value) + caught.value.advice
    assert len(api.seen) == 1
    for user, advice in ((None, "a user in the kubeconfig"), ({}, "holds no credentials")):
        with pytest.raises(Unauthenticated, match="requests without credentials") as anonymous:
            await get(write_kubeconfig(tmp_path / "d", api.url, user=user))
        assert advice in anonymous.value.advice


async def test_basic_authentication_is_sent(tmp_path: Path, api: ApiServer) -> None:
    await get(write_kubeconfig(tmp_path / "c", api.url, user={"username": "ann", "password": "p:w é"}))
    expected = base64.b64encode("ann:p:w é".encode()).decode()
    assert api.last.authorization == f"Basic {expected}"


async def test_client_certificate_from_files_and_from_data_is_shown(
    tmp_path: Path, tls_api: ApiServer, pki: Authority
) -> None:
    chain, key = pki.issue("ann")
    cluster = {"certificate-authority-data": base64.b64encode(pki.pem).decode()}
    files = {"client-certificate": str(chain), "client-key": str(key)}
    await get(write_kubeconfig(tmp_path / "c", tls_api.url, user=files, cluster=cluster))
    assert tls_api.last.peer == "ann"
    data = in_data(pki.client("ann"))
    await get(write_kubeconfig(tmp_path / "d", tls_api.url, user={**data, "token": "t"}, cluster=cluster))
    assert (tls_api.last.peer, tls_api.last.authorization) == ("ann", "Bearer t")


async def test_no_key_material_is_left_on_disk(
    tmp_path: Path, tls_api: ApiServer, pki: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    user = in_data(pki.client("ann"))
    path = write_kubeconfig(
        tmp_path / "c", tls_api.url, user=user, cluster={"certificate-authority": str(pki.path)}
    )
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
    assert list(scratch.iterdir()) == []
    await cluster.get_json("/version")
    assert tls_api.last.peer == "ann"
    await cluster.close()


async def test_tls_server_name_is_asked_for_and_checked(tmp_path: Path, pki: Authority) -> None:
    async with ApiServer(tls=pki.server_context("named", "DNS:cluster.example")) as server:
        ca = {"certificate-authority": str(pki.path)}
        with pytest.raises(Unreachable, match="certificate is for another address"):
            await get(write_kubeconfig(tmp_path / "c", server.url, cluster=ca))
        right = write_kubeconfig(
            tmp_path / "d", server.url, cluster={**ca, "tls-server-name": "cluster.example"}
        )
        assert await get(right) == {"kind": "Anything"}
        assert server.sni[-1] == "cluster.example"
        wrong = write_kubeconfig(tmp_path / "e", server.url, cluster={**ca, "tls-server-name": "x.example"})
        with pytest.raises(Unreachable, match="certificate is for another host name"):
            await get(wrong)


async def test_insecure_skip_tls_verify_accepts_any_certificate(
    tmp_path: Path, tls_api: ApiServer, other_pki: Authority
) -> None:
    other = {"certificate-authority": str(other_pki.path)}
    with pytest.raises(Unreachable, match="certificate signed by unknown authority") as caught:
        await get(write_kubeconfig(tmp_path / "c", tls_api.url, cluster=other))
    assert "certificate-authority" in caught.value.advice
    insecure = {"insecure-skip-tls-verify": True}
    assert await get(write_kubeconfig(tmp_path / "d", tls_api.url, cluster=insecure)) == {"kind": "Anything"}


async def test_a_server_without_scheme_speaks_plain_http(tmp_path: Path, api: ApiServer) -> None:
    without_scheme = api.url.removeprefix("http://")
    assert await get(write_kubeconfig(tmp_path / "c", without_scheme)) == {"kind": "Anything"}


async def test_credentials_leave_this_machine_over_tls_only(tmp_path: Path) -> None:
    user = {"token": "SECRET", "as": "jane"}
    async with TunnelProxy() as proxy, ApiServer() as server:
        server.answer = says({}, 401)
        cluster = {"proxy-url": f"http://127.0.0.1:{proxy.port}"}
        path = write_kubeconfig(tmp_path / "c", server.url, user=user, cluster=cluster)
        with pytest.raises(Unauthenticated, match="requests without credentials") as caught:
            await get(path)
        assert "not sent over plain http" in caught.value.advice
        assert server.last.authorization is None
        assert server.last.headers["Impersonate-User"] == "jane"
    elsewhere = write_kubeconfig(tmp_path / "d", "http://cluster.example", user=user)
    target = await asyncio.to_thread(find_target, Access(kubeconfig=elsewhere))
    assert await target.credentials.current() == Held()


async def test_impersonation_of_the_kubeconfig_is_really_sent(tmp_path: Path, api: ApiServer) -> None:
    user = {
        "token": "t",
        "as": "jane",
        "as-uid": "u-1",
        "as-groups": ["dev", "ops"],
        "as-user-extra": {"Acme.io/Project": ["a", "b"], "scopes": ["view"]},
    }
    await get(write_kubeconfig(tmp_path / "c", api.url, user=user))
    headers = api.last.headers
    assert headers.getall("Impersonate-User") == ["jane"]
    assert headers.getall("Impersonate-Uid") == ["u-1"]
    assert headers.getall("Impersonate-Group") == ["dev", "ops"]
    assert headers.getall("Impersonate-Extra-acme.io%2Fproject") == ["a", "b"]
    assert headers.getall("Impersonate-Extra-scopes") == ["view"]
    assert headers["Authorization"] == "Bearer t"


async def test_flags_win_over_the_kubeconfig_in_whom_to_impersonate(tmp_path: Path, api: ApiServer) -> None:
    path = write_kubeconfig(tmp_path / "c", api.url, user={"as": "jane", "as-groups": ["dev"], "as-uid": "1"})
    await get(path, as_user="root", as_groups=("admins", "all"))
    assert api.last.headers.getall("Impersonate-User") == ["root"]
    assert api.last.headers.getall("Impersonate-Group") == ["admins", "all"]
    assert api.last.headers.getall("Impersonate-Uid") == ["1"]
    assert "groups, uid or extras" in str(
        await refusal(write_kubeconfig(tmp_path / "d", api.url), as_groups=("dev",))
    )
    path = write_kubeconfig(tmp_path / "e", api.url, user={"as-uid": "7"})
    assert str(tmp_path / "e") in str(await refusal(path))


async def test_two_contexts_at_once_keep_their_credentials_apart(tmp_path: Path, api: ApiServer) -> None:
    async with ApiServer() as second:
        paths = [
            write_kubeconfig(tmp_path / name, server.url, user={"token": name})
            for name, server in (("one", api), ("two", second))
        ]
        clusters = [await KubernetesCluster.connect(Access(kubeconfig=path)) for path in paths]
        await asyncio.gather(*(cluster.get_json("/version") for cluster in clusters for _ in range(5)))
        assert {seen.authorization for seen in api.seen} == {"Bearer one"}
        assert {seen.authorization for seen in second.seen} == {"Bearer two"}
        for cluster in clusters:
            await cluster.close()


async def test_context_flag_chooses_among_several(tmp_path: Path, api: ApiServer) -> None:
    path = tmp_path / "c"
    write_kubeconfig(path, api.url, user={"token": "t"})
    path.write_text(path.read_text().replace("name: here", "name: there"))
    assert "no-such" in str(await refusal(str(path), context="no-such"))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path), context="there"))
    assert cluster.name == "there"
    await cluster.close()
    assert contexts(str(path)) == (("there",), "here")


async def test_path_of_the_server_stays_before_ours(tmp_path: Path, api: ApiServer) -> None:
    await get(write_kubeconfig(tmp_path / "c", f"{api.url}/k8s/clusters/c-1/"), "/api/v1/pods")
    assert api.last.path == "/k8s/clusters/c-1/api/v1/pods"


async def test_a_body_is_json_and_own_headers_win(tmp_path: Path, api: ApiServer) -> None:
    path = write_kubeconfig(tmp_path / "c", api.url, cluster={"disable-compression": True})
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
    async with cluster.request("POST", "/x", body=b"{}", params=[("a", "1"), ("b", "c d")]) as response:
        assert response.status == 200
    assert (api.last.headers["Content-Type"], api.last.body) == ("application/json", b"{}")
    assert api.last.query == {"a": "1", "b": "c d"}
    assert api.last.headers["Accept-Encoding"] == "identity"
    merge = {"Content-Type": "application/merge-patch+json", "accept": "text/plain"}
    async with cluster.request("PATCH", "/x", body=b"{}", headers=merge):
        assert api.last.headers.getall("Content-Type") == ["application/merge-patch+json"]
        assert api.last.headers.getall("Accept") == ["text/plain"]
    await cluster.close()


async def test_any_status_but_401_is_handed_out_unread(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says("later", 503)
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", api.url)))
    async with cluster.request("GET", "/x") as response:
        assert (response.status, await response.text()) == (503, "later")
    await cluster.close()


async def test_namespaces_come_in_pages_of_metadata(tmp_path: Path, api: ApiServer) -> None:
    def answer(seen: Seen) -> web.StreamResponse:
        names, after = (["a", "b"], "more") if "continue" not in seen.query else (["c"], "")
        items = [{"metadata": {"name": name}} for name in names]
        return web.json_response({"metadata": {"continue": after}, "items": items})

    api.answer = answer
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", api.url)))
    assert await cluster.namespaces() == ("a", "b", "c")
    assert [seen.query.get("continue") for seen in api.seen] == [None, "more"]
    assert "as=PartialObjectMetadataList" in api.last.headers["Accept"]
    await cluster.close()


async def test_metadata_alone_is_asked_for_and_none_is_null(tmp_path: Path, api: ApiServer) -> None:
    kinds = [{"name": "secrets", "kind": "Secret", "namespaced": True}]

    def answer(seen: Seen) -> web.StreamResponse:
        if seen.path == "/api":
            return web.json_response({"kind": "APIVersions", "versions": ["v1"]})
        if seen.path == "/api/v1":
            return web.json_response({"kind": "APIResourceList", "resources": kinds})
        found = [{"metadata": {"name": "a", "uid": "1"}}] if seen.query["labelSelector"] == "x=y" else None
        return web.json_response({"metadata": {}, "items": found})

    api.answer = answer
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", api.url)))
    secret = Kind(name="Secret", plural="secrets", group="", version="v1", shape=Object)
    (found,) = await cluster.names(secret.narrowed(selector="x=y", fields="metadata.name=a"), "ci")
    assert (found.name, found.uid) == ("a", "1")
    assert (api.last.path, api.last.query["fieldSelector"]) == (
        "/api/v1/namespaces/ci/secrets",
        "metadata.name=a",
    )
    assert api.last.headers["Accept"].startswith("application/json;as=PartialObjectMetadataList")
    assert await cluster.names(secret.narrowed(selector="x=z"), None) == ()
    await cluster.close()


async def test_namespaces_are_read_at_once_when_the_pages_expire(tmp_path: Path, api: ApiServer) -> None:
    expired = {"kind": "Status", "code": 410, "message": "continue is too old"}

    def answer(seen: Seen) -> web.StreamResponse:
        if "continue" in seen.query:
            return web.json_response(expired, status=410)
        after = "more" if seen.query["limit"] == "500" else ""
        return web.json_response({"metadata": {"continue": after}, "items": [{"metadata": {"name": "a"}}]})

    api.answer = answer
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", api.url)))
    assert await cluster.namespaces() == ("a",)
    api.answer = says({"kind": "Status", "message": "no"}, 403)
    with pytest.raises(Denied) as caught:
        await cluster.namespaces()
    assert (caught.value.verb, caught.value.resource, caught.value.namespace) == ("list", "namespaces", None)
    await cluster.close()


async def test_rights_are_asked_once_a_minute_each(tmp_path: Path, api: ApiServer) -> None:
    def answer(seen: Seen) -> web.StreamResponse:
        attributes = json.loads(seen.body)["spec"]["resourceAttributes"]
        return web.json_response({"status": {"allowed": attributes["verb"] == "list"}}, status=201)

    api.answer = answer
    cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", api.url)))
    assert await cluster.may("list", ROLLOUT, "shop")
    assert await cluster.may("list", ROLLOUT, "shop")
    assert len(api.seen) == 1
    sent = json.loads(api.last.body)
    assert sent["kind"] == "SelfSubjectAccessReview"
    assert sent["spec"]["resourceAttributes"] == {
        "verb": "list", "group": "argoproj.io", "resource": "rollouts", "namespace": "shop",
    }  # fmt: skip
    assert not await cluster.may("patch", ROLLOUT, None)
    status = Kind(
        name="Rollout", plural="rollouts/status", group="argoproj.io", version="v1alpha1", shape=Object
    )
    assert not await cluster.may("patch", status, "shop")
    attributes = json.loads(api.last.body)["spec"]["resourceAttributes"]
    assert (attributes["resource"], attributes["subresource"]) == ("rollouts", "status")
    await cluster.close()


async def test_answers_that_are_no_json_are_said_to_be_so(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says("<html>log in</html>", Content_Type="text/html")
    with pytest.raises(Unreachable, match="not what an API server says"):
        await get(write_kubeconfig(tmp_path / "c", api.url))


async def test_following_a_kind_goes_over_the_same_credentials(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says({"kind": "Status", "message": "no"}, 403)
    path = write_kubeconfig(tmp_path / "c", api.url, user={"token": "t"})
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
    changes = cluster.follow(ROLLOUT, "shop")
    async with asyncio.timeout(10):
        await anext(aiter(changes))
    await changes.aclose()  # type: ignore[attr-defined]  # an async generator, said as an iterator
    assert {seen.authorization for seen in api.seen} == {"Bearer t"}
    await cluster.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/namespaces", ("list", "namespaces", None)),
        ("/api/v1/namespaces/shop", ("get", "namespaces", None)),
        ("/api/v1/namespaces/shop/pods", ("list", "pods", "shop")),
        ("/api/v1/namespaces/shop/pods/a/log", ("get", "pods/log", "shop")),
        ("/apis/argoproj.io/v1alpha1/rollouts", ("list", "rollouts.argoproj.io", None)),
        ("/apis/argoproj.io/v1alpha1/namespaces/n/rollouts/x", ("get", "rollouts.argoproj.io", "n")),
        ("/apis/argoproj.io/v1alpha1", ("get", "/apis/argoproj.io/v1alpha1", None)),
        ("/version", ("get", "/version", None)),
    ],
)
def test_paths_name_the_right_they_need(path: str, expected: tuple[str, str, str | None]) -> None:
    assert asked_for(path) == expected


@pytest.mark.parametrize(
    ("cluster", "what"),
    [
        ({"server": ""}, "it has no server"),
        ({"server": "ftp://a"}, "server is not an http or https address"),
        ({"server": "https://a:port"}, "server is not an http or https address"),
        ({"server": "https://u:SECRET@a"}, "server holds a user name"),
        ({"certificate-authority-data": "bm90IFBFTQ=="}, "certificate-authority holds no certificate"),
        ({"certificate-authority": "gone.crt"}, "certificate-authority: .*gone.crt: no such file"),
        ({"certificate-authority-data": "YQ==", "insecure-skip-tls-verify": True}, "are both set"),
        ({"insecure-skip-tls-verify": "perhaps"}, "must be true or false"),
    ],
)
async def test_clusters_that_cannot_be_honoured_are_refused(
    tmp_path: Path, cluster: dict[str, Any], what: str
) -> None:
    path = write_kubeconfig(tmp_path / "c", "https://127.0.0.1:1", user={"token": "t"}, cluster=cluster)
    with pytest.raises(Refused, match=what) as caught:
        await KubernetesCluster.connect(Access(kubeconfig=path))
    assert str(caught.value).startswith(f'{path}: cluster "c"')
    assert "SECRET" not in str(caught.value) + caught.value.advice


ENCRYPTED = base64.b64encode(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n").decode()


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ({"token": "SECRET", "username": "u"}, "a token and a password are both set"),
        ({"tokenFile": "t", "password": "SECRET"}, "a token and a password are both set"),
        ({"tokenFile": "gone"}, "tokenFile: .*gone: no such file"),
        ({"client-certificate-data": "YQ=="}, "client-certificate without a client-key"),
        ({"client-certificate-data": "YQ==", "client-key-data": ENCRYPTED}, "client-key is encrypted"),
        ({"client-certificate-data": "YQ==", "client-key-data": "YQ=="}, "client certificate can't be used"),
        ({"auth-provider": {"name": "azure"}}, '"azure" is not supported'),
        ({"auth-provider": {"name": "gcp"}, "token": "SECRET"}, '"gcp" is not supported'),
        ({"auth-provider": {"name": "openstack"}}, '"openstack" is not supported'),
        ({"auth-provider": {"name": "oidc"}, "exec": {}}, "exec and auth-provider are both set"),
    ],
)
async def test_users_that_cannot_be_honoured_are_refused(
    tmp_path: Path, user: dict[str, Any], what: str
) -> None:
    path = write_kubeconfig(tmp_path / "c", "https://127.0.0.1:1", user=user)
    with pytest.raises(Refused, match=what) as caught:
        await KubernetesCluster.connect(Access(kubeconfig=path))
    assert path in str(caught.value)
    assert "SECRET" not in str(caught.value) + caught.value.advice


async def test_removed_auth_providers_are_refused_with_their_successors(tmp_path: Path) -> None:
    for name, successor in (("azure", "kubelogin"), ("gcp", "gke-gcloud-auth-plugin"), ("x", "exec plugin")):
        user = {"auth-provider": {"name": name}}
        error = await refusal(write_kubeconfig(tmp_path / "c", "https://127.0.0.1:1", user=user))
        assert successor in error.advice


async def test_a_line_break_in_a_token_is_refused_not_sent(tmp_path: Path, api: ApiServer) -> None:
    path = write_kubeconfig(tmp_path / "c", api.url, user={"token": "a\nX-Injected: 1"})
    with pytest.raises(Refused, match="holds a line break"):
        await get(path)
    assert api.seen == []
