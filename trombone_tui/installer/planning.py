"""Works out what installing would do: values, controllers, objects, rights, what has to be brought along."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trombone_tui.core.installing import (
    Controller,
    InstallPlan,
    Order,
    Planned,
    Prerequisite,
    Presence,
    Standing,
)
from trombone_tui.core.objects.basics import Kind, Object, Ref
from trombone_tui.core.ports import Cluster, Denied, NotInstalled, Refused
from trombone_tui.core.writes import Right
from trombone_tui.installer.manifests import APPLIED, FOR_GIT, Manifest, to_apply
from trombone_tui.installer.parts import CONTROLLERS
from trombone_tui.installer.standing import Asked, stand, there
from trombone_tui.installer.values import Given, placeholders, read_defaults, settle

SECRET = Kind(name="Secret", plural="secrets", group="", version="v1", shape=Object)
SERVICE = Kind(name="Service", plural="services", group="", version="v1", shape=Object)


async def present(cluster: Cluster, address: str = "") -> tuple[Presence, ...]:
    """Say of each controller whether its kinds are served; of Prometheus, whether its Service is there.

    Raises:
        PortError: the API server does not say what it serves.
    """
    return tuple([await _present(cluster, one, address) for one in CONTROLLERS])


async def _present(cluster: Cluster, controller: Controller, address: str) -> Presence:
    if not controller.kinds:
        return await _prometheus(cluster, controller, address)
    lacking = []
    for resource in controller.kinds:
        kind, _, group = resource.partition(".")
        try:
            await cluster.find(group, kind)
        except NotInstalled:
            lacking.append(resource)
    if not lacking:
        return Presence(controller=controller, there=True, text="its kinds are served")
    text = f"the API server does not serve {', '.join(lacking)}"
    return Presence(controller=controller, there=False, lacking=tuple(lacking), text=text)


async def _prometheus(cluster: Cluster, controller: Controller, address: str) -> Presence:
    host = urlsplit(address).hostname or ""
    name, _, rest = host.partition(".")
    namespace, _, domain = rest.partition(".")
    if not namespace or domain.partition(".")[0] not in ("svc", ""):
        text = f"{address or 'it'} is not looked for: it is no Service of this cluster"
        return Presence(controller=controller, there=None, text=text)
    where = f"Service {namespace}/{name}"
    try:
        found = await there(cluster, SERVICE, namespace, name)
    except Denied:
        return Presence(controller=controller, there=None, text=f"you may not look whether {where} is there")
    there_ = found is not None
    text = f"{where} is there" if there_ else f"there is no {where} (prometheus_address)"
    return Presence(controller=controller, there=there_, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans on one cluster."""

    cluster: Cluster
    folder: Path
    protected: Collection[str]

    async def plan(self, order: Order) -> InstallPlan:
        """Work out object by object what would be done.

        Raises:
            Refused: a value or stage is wrong.
            PortError: the API server can't be asked.
        """
        stages = _stages(order.stages)
        given = {name: Given(one, order.origins.get(name, name)) for name, one in order.values.items()}
        values = settle(read_defaults(self.folder), given)
        manifests = to_apply(self.folder, placeholders(values), stages)
        rehearse = order.rehearse and not self.cluster.read_only
        objects = await self._objects(manifests, order, rehearse)
        controllers = await present(self.cluster, str(values["prometheus_address"]))
        missing = await _missing(self.cluster, objects)
        return InstallPlan(
            order=order,
            service=str(values["service"]),
            values=values,
            objects=objects,
            controllers=controllers,
            prerequisites=await _prerequisites(self.cluster, values, stages),
            missing=missing,
            notes=_notes(values, stages, rehearsed=rehearse),
            protected=self.cluster.name in self.protected,
            hindrance=_hindrance(self.cluster.read_only, objects, controllers, missing, stages),
        )

    async def _objects(
        self, manifests: Sequence[Manifest], order: Order, rehearse: bool
    ) -> tuple[Planned, ...]:
        coming: set[str] = set()
        objects = []
        for manifest in manifests:
            asked = Asked(cluster=self.cluster, coming=coming, force=order.force, rehearse=rehearse)
            planned = await stand(manifest, asked)
            if manifest.kind == "Namespace" and planned.standing is Standing.MISSING:
                coming.add(manifest.name)
            objects.append(planned)
        return tuple(objects)


def _stages(asked: Collection[str]) -> tuple[str, ...]:
    """Return the stages that were asked for; all where none was.

    Raises:
        Refused: there is none of that name, or none of them has anything to apply.
    """
    known = (*APPLIED, *FOR_GIT)
    for name in asked:
        if name not in known:
            raise Refused(f"there is no stage {name}", advice=f"stages are {', '.join(known)}")
    if asked and not set(asked) & set(APPLIED):
        raise Refused(
            f"{' and '.join(asked)} are applied by Argo CD from the config repository, not from here",
            advice="`trombone-tui install --config-to FOLDER` writes what belongs there",
        )
    return tuple(name for name in known if name in asked) if asked else known


async def _missing(cluster: Cluster, objects: Sequence[Planned]) -> tuple[Right, ...]:
    """Return the rights that sending takes and the user has not: an apply that creates takes two."""
    wanted: dict[Right, None] = {}
    for one in objects:
        write = one.write
        if write is None or not one.standing.sends:
            continue
        wanted[write.right] = None
        if one.standing is Standing.MISSING and write.method == "PATCH":
            wanted[Right(verb="create", kind=write.kind, namespace=write.namespace)] = None
    return tuple([one for one in wanted if not await cluster.may(one.verb, one.about, one.namespace or None)])


def _hindrance(
    read_only: str,
    objects: Sequence[Planned],
    controllers: Sequence[Presence],
    missing: Sequence[Right],
    stages: Collection[str],
) -> str:
    if read_only:
        return read_only
    absent = [one.controller.name for one in controllers if one.lacking and one.controller.stage in stages]
    if absent:
        names = " and ".join(absent)
        return f"{names} {'is' if len(absent) == 1 else 'are'} missing, so nothing is installed"
    bad = [one for one in objects if one.standing.hinders]
    if bad:
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        return f"{bad[0].ref} is {bad[0].standing}: {bad[0].text}{more}"
    return f"may not {', '.join(map(str, missing))}" if missing else ""


async def _prerequisites(
    cluster: Cluster, values: Mapping[str, Any], stages: Collection[str]
) -> tuple[Prerequisite, ...]:
    """Say which Secrets have to be there, in travel order, each once."""
    registry, config = str(values["registry_secret"]), str(values["config_secret"])
    host = str(values["image_repository"]).partition("/")[0]
    login = f"kubectl create secret docker-registry {registry} --docker-server={host}"
    wanted = [
        ("workflows", registry, values["namespace"], "the login with which images are pushed", login),
        ("images", registry, values["argocd_namespace"], "the login with which tags are read", login),
        (
            "images",
            config,
            values["argocd_namespace"],
            "the login with which the Image Updater commits, and with which Argo CD reads once it has the"
            " label argocd.argoproj.io/secret-type=repository",
            f"kubectl create secret generic {config} --from-literal=type=git"
            f" --from-literal=url={values['config_repository']}",
        ),
        ("rollout", registry, values["app_namespace"], "the login with which images are pulled", login),
    ]
    more = {
        registry: "--docker-username=… --docker-password=…",
        config: "--from-literal=username=… --from-literal=password=…",
    }
    found: dict[Ref, Prerequisite] = {}
    for stage, name, namespace, about, command in wanted:
        if stage in stages:
            ref = Ref(cluster=cluster.name, kind="Secret", namespace=str(namespace), name=name, uid="")
            found.setdefault(
                ref,
                Prerequisite(
                    ref=ref,
                    there=await _there(cluster, ref),
                    about=about,
                    command=f"{command} -n {namespace} {more[name]}",
                ),
            )
    return tuple(found.values())


async def _there(cluster: Cluster, ref: Ref) -> bool | None:
    try:
        return await there(cluster, SECRET, ref.namespace, ref.name) is not None
    except (Denied, NotInstalled):
        return None


def _notes(values: Mapping[str, Any], stages: Collection[str], *, rehearsed: bool) -> tuple[str, ...]:
    namespace, secret = values["namespace"], values["webhook_secret"]
    notes = []
    if not rehearsed:
        notes.append("the API server was not asked what would change, so defaults it fills in are not known")
    if "events" in stages:
        notes += [
            f"GitHub needs a webhook of {values['source_repository']}: payload URL"
            f" {values['webhook_url']}{values['webhook_path']}, content type application/json, pushes only,"
            f" secret from `kubectl get secret {secret} -n {namespace}"
            " -o jsonpath='{.data.secret}' | base64 -d`",
            f"GitHub has to reach Service {namespace}/{values['service']}-eventsource-svc under that address",
        ]
    if "rollout" in stages:
        notes.append(
            f"{values['config_repository']} needs the folder {values['config_path']}:"
            " `trombone-tui install --config-to FOLDER` writes it"
        )
    return tuple(notes)
