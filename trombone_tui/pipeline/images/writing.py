"""Where a chosen tag is written, and what keeps Image Updater from writing it.

Rules: ``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go`` (newWBCFromSettings, getApplicationSourceType) and
``pkg/argocd/git.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_cd import Application, DrySource, SourceSpec
from trombone_tui.core.objects.image_updater import GitConfig, ManifestTargets, Target, WriteBack
from trombone_tui.core.objects.phrases import shortened, without_login
from trombone_tui.core.stage import Fact
from trombone_tui.pipeline.images.tracking import Tracked

_SUPPORTED = frozenset(("Helm", "Kustomize", "Plugin"))
_TYPED = ("kustomization", "helmvalues")
"""What a target begins with that says how it is written."""
_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def method(back: WriteBack) -> tuple[str, str]:
    """Return the method, ``argocd`` or ``git``, and where git's credentials come from."""
    written = (back.method or "argocd").strip()
    name, _, credentials = written.partition(":")
    return name, credentials or ("repocreds" if name == "git" else "")


def write_trouble(one: Tracked, namespace: str) -> str:
    """Say why Image Updater refuses the settings of an image; empty when it does not."""
    if one.rule.broken:
        return one.rule.broken
    if foreign := foreign_secret(one.pull_secret, namespace):
        return f"its pull secret is in namespace {foreign}, and Image Updater reads those of {namespace} only"
    targets = one.targets
    if sum(target is not None for target in (targets.helm, targets.kustomize, targets.plugin)) > 1:
        return "more than one of helm, kustomize and plugin is to be written, so it is left out"
    check = one.verification
    if check is not None and check.enabled is not False and check.cosign_key is None:
        return "signatures are to be checked but no key is named, so it is left out"
    return _git_trouble(one.back)


def _git_trouble(back: WriteBack) -> str:
    name, _ = method(back)
    git = back.git_config or GitConfig()
    if name not in ("argocd", "git"):
        return f"nobody knows the write-back method {shortened(name, 40)}, so nothing is written"
    if name == "argocd":
        return ""
    target = git.write_back_target or ""
    if not target.startswith(_TYPED) and target.rpartition("/")[2] in _FILES:
        return (
            f"write-back target {shortened(target, 40)} needs kustomization: before it, so nothing is written"
        )
    request = git.pull_request
    if request is None:
        return ""
    if ":" in (git.branch or ""):
        return "a pull request takes a base branch only, not base:target, so nothing is written"
    if (request.github is None) == (request.gitlab is None):
        return "a pull request goes to either github or gitlab, so nothing is written"
    return ""


def foreign_secret(source: str, namespace: str) -> str:
    """Return the namespace of a pull secret where that is not the Application's, which is refused."""
    kind, colon, rest = source.partition(":")
    where, slash, _ = rest.partition("/")
    known = bool(colon) and kind in ("pullsecret", "secret") and bool(slash)
    return where if known and where != namespace else ""


def left_alone(one: Tracked, apps: Sequence[Application]) -> list[Application]:
    """Return the Applications whose manifests are of a type that Image Updater does not write."""
    return [app for app in apps if _types(app) and not _SUPPORTED & set(_types(app)) and not _typed(one.back)]


def _types(app: Application) -> tuple[str, ...]:
    if app.status is None:
        return ()
    many = app.spec is not None and bool(app.spec.sources)
    single = (app.status.source_type,) if app.status.source_type else ()
    return tuple(app.status.source_types or ()) if many else single


def _typed(back: WriteBack) -> bool:
    """Whether the target says how to write, so that the Application's type does not count."""
    target = (back.git_config.write_back_target if back.git_config else None) or ""
    if method(back)[0] != "git":
        return False
    file = target.rpartition("/")[2]
    own = file.endswith((".yaml", ".yml")) and not file.startswith(".argocd-source-")
    return own or target.startswith(_TYPED)


def written_facts(one: Tracked, apps: Sequence[Application], namespace: str) -> Iterator[Fact]:
    """Tell where a chosen tag goes."""
    name, credentials = method(one.back)
    git = one.back.git_config or GitConfig()
    yield Fact("written by", (one.back.method or "argocd").strip())
    if name == "argocd":
        yield Fact("target", f"the Application's own spec ({_parameters(one.targets)})")
        return
    yield Fact("credentials", credentials)
    sources = [source for app in apps if (source := _source(app)) is not None]
    repository = git.repository or _said(source.repo_url for source in sources)
    yield Fact("repository", without_login(repository) if repository else None)
    yield Fact("branch", git.branch or _said(source.target_revision for source in sources))
    paths = _said(source.path for source in sources)
    files = ", ".join(f".argocd-source-{app.metadata.name}.yaml" for app in apps[:3])
    yield Fact("target", git.write_back_target or files or None)
    yield Fact("path", paths)
    if git.pull_request is not None:
        yield Fact("pull request", "GitHub" if git.pull_request.github is not None else "GitLab")
    yield Fact("sets", _parameters(one.targets))
    check = one.verification
    if check is not None and check.enabled is not False and check.cosign_key is not None:
        yield Fact("signature checked with", f"secret {namespace}/{check.cosign_key.secret_name or '?'}")


def _source(app: Application) -> SourceSpec | DrySource | None:
    """Return the source that is written to: of several the one that says how it is rendered."""
    hydrator = app.spec.source_hydrator if app.spec else None
    if hydrator is not None and not (app.spec and app.spec.sources):
        return hydrator.dry_source
    rendered = (one for one in app.sources if one.helm is not None or one.kustomize is not None)
    return next(rendered, next(iter(app.sources), None))


def _said(values: Iterator[str | None]) -> str | None:
    """Name different values once each."""
    return ", ".join(dict.fromkeys(value for value in values if value)) or None


def _parameters(targets: ManifestTargets) -> str:
    if targets.kustomize is not None:
        return f"Kustomize image {targets.kustomize.name or 'of the same name'}"
    if targets.plugin is not None:
        return f"plugin {_named(targets.plugin, 'no variables')}"
    if targets.helm is not None:
        return f"Helm {_named(targets.helm, 'image.name, image.tag')}"
    return "Kustomize image of the same name, or Helm image.name, image.tag"


def _named(target: Target, default: str) -> str:
    if target.spec:
        return target.spec
    return ", ".join(one for one in (target.name, target.tag) if one) or default
