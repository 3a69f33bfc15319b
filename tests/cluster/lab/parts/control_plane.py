"""etcd, kube-apiserver, controller-manager and scheduler; kwok is the kubelet of a node that runs nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from lab import client, identity
from lab.part import Manifests, Part, Tool
from lab.places import ADMIN, HERE, PKI, RUN, USED
from lab.processes import start
from lab.waiting import serves, wait

VERSION = "1.36.3"
_FLAGS = " ".join(  # without them /version is empty, and controllers that read it end
    f"-X {package}.gitVersion=v{VERSION} -X {package}.gitMajor=1 -X {package}.gitMinor=36"
    f" -X {package}.gitTreeState=clean"
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
)
_STOCK = Manifests(
    module="kwok",
    path="sigs.k8s.io/kwok",
    files=(
        "kustomize/crd/bases",
        "kustomize/stage/node/fast/node-initialize.yaml",
        "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    ),
)
_ETCD = "http://127.0.0.1:2379"
_PEER = "http://127.0.0.1:2380"
_ADMISSION_LEFT_OUT = (
    "TaintNodesByCondition,StorageObjectInUseProtection,DefaultStorageClass,PersistentVolumeClaimResize,"
    "RuntimeClass,CertificateApproval,CertificateSigning,CertificateSubjectRestriction,ClusterTrustBundleAttest"
)
_LOGS = {
    "build": ("+ make test", "ok  cart  0.41s", "FAIL rounding  expected 10.10 got 10.1", "exit status 2"),
    "service": ("listening on :8080", "GET / 200 3ms", "GET /cart 500 12ms"),
    "service-previous": ("listening on :8080", "panic: out of memory"),
}
"""What ``kubectl logs`` says: no container runs, so the lines are made up."""


def _kubernetes(name: str, given_by: str = "") -> Tool:
    return Tool(
        module="k8s", name=name, package=f"k8s.io/kubernetes/cmd/{name}", flags=_FLAGS, given_by=given_by
    )


def _start() -> None:
    identity.make()
    _servers()
    _controllers()
    client.define(_STOCK)
    client.apply(HERE / "stages/ingress.yaml")
    client.apply(HERE / "stages/pods.yaml")
    client.apply(HERE / "objects/personas.yaml")
    _kubelet()


def _servers() -> None:
    start(
        "etcd", USED / "etcd", "--name=lab", f"--data-dir={RUN / 'etcd'}", "--unsafe-no-fsync",
        "--log-level=warn", f"--listen-client-urls={_ETCD}", f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={_PEER}", f"--initial-advertise-peer-urls={_PEER}",
        f"--initial-cluster=lab={_PEER}",
    )  # fmt: skip
    wait("etcd", lambda: serves(f"{_ETCD}/health"), process="etcd")
    start(
        "kube-apiserver", USED / "kube-apiserver", f"--etcd-servers={_ETCD}", "--bind-address=127.0.0.1",
        "--secure-port=6443",
        # A machine without a default route has no address that the API server would find by itself.
        "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
        f"--tls-cert-file={PKI}/srv.crt", f"--tls-private-key-file={PKI}/srv.key",
        f"--client-ca-file={PKI}/ca.crt", f"--token-auth-file={PKI}/tokens.csv",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={PKI}/sa.pub", f"--service-account-signing-key-file={PKI}/sa.key",
        "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC", "--allow-privileged=true",
        "--kubelet-preferred-address-types=InternalIP", "--enable-priority-and-fairness=false",
        "--profiling=false", f"--disable-admission-plugins={_ADMISSION_LEFT_OUT}",
    )  # fmt: skip
    wait("kube-apiserver", lambda: serves(f"{identity.SERVER}/readyz"), process="kube-apiserver")


def _controllers() -> None:
    start(
        "kube-controller-manager", USED / "kube-controller-manager", f"--kubeconfig={ADMIN}",
        "--leader-elect=false", "--bind-address=127.0.0.1", "--secure-port=10257",
        f"--service-account-private-key-file={PKI}/sa.key", f"--root-ca-file={PKI}/ca.crt",
        "--authorization-always-allow-paths=/healthz,/readyz,/metrics",
    )  # fmt: skip
    start(
        "kube-scheduler", USED / "kube-scheduler", f"--kubeconfig={ADMIN}", "--leader-elect=false",
        "--bind-address=127.0.0.1", "--secure-port=10259",
    )  # fmt: skip
    wait(
        "kube-controller-manager",
        lambda: client.kubectl("get", "serviceaccount", "default", "--ignore-not-found", "-o", "name"),
        process="kube-controller-manager",
    )
    wait("kube-scheduler", lambda: serves("https://127.0.0.1:10259/healthz"), process="kube-scheduler")


def _kubelet() -> None:
    # ClusterExec stays off: Argo Workflows ends containers by exec, which kwok would run on this machine.
    start(
        "kwok", USED / "kwok", f"--kubeconfig={ADMIN}", "--manage-all-nodes=true", "--node-ip=127.0.0.1",
        "--node-name=localhost", "--node-port=10247", "--server-address=127.0.0.1:10247",
        f"--tls-cert-file={PKI}/srv.crt", f"--tls-private-key-file={PKI}/srv.key", "--cidr=10.244.0.0/16",
        "--node-lease-duration-seconds=40",
        "--enable-crds=Stage,Logs,ClusterLogs,PortForward,ClusterPortForward",
    )  # fmt: skip
    folder = RUN / "cri"
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for name, lines in _LOGS.items():
        text = "".join(f"{now}.{number:09d}Z stdout F {line}\n" for number, line in enumerate(lines))
        (folder / f"{name}.log").write_text(text, encoding="utf-8")
    client.apply(HERE / "objects/logs.yaml", LOGS=folder)
    client.apply(HERE / "objects/node.yaml")
    path = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
    wait("the node", lambda: client.kubectl("get", "node", "kwok-0", "-o", path) == "True", process="kwok")


CONTROL_PLANE = Part(
    name="control-plane",
    about=f"etcd 3.6.14, Kubernetes {VERSION}, kwok 0.8.0 as kubelet",
    tools=(
        Tool(module="etcd", name="etcd", package="go.etcd.io/etcd/server/v3", given_by="TEST_ASSET_ETCD"),
        _kubernetes("kube-apiserver", "TEST_ASSET_KUBE_APISERVER"),
        _kubernetes("kube-controller-manager"),
        _kubernetes("kube-scheduler"),
        _kubernetes("kubectl", "TEST_ASSET_KUBECTL"),
        Tool(module="kwok", name="kwok", package="sigs.k8s.io/kwok/cmd/kwok"),
    ),
    manifests=_STOCK,
    processes=("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"),
    ports=(2379, 2380, 6443, 10247, 10257, 10259),
    start=_start,
)
