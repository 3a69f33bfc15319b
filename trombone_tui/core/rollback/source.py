"""The third step: what git asks for. It is not written here; what to do is told, and seen when it is done."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from shlex import quote

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import GitConfig
from trombone_tui.core.objects.managing import address
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.rollback.history import back
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.moves import Move
from trombone_tui.core.rollback.places import Follower, Place, git_config
from trombone_tui.core.rollback.plan import May, RollbackStep, State, comment
from trombone_tui.core.rollback.reverted import reverted


def revert(
    of: Place,
    bad: Sequence[ImageName],
    good: Sequence[ImageName],
    follows: Sequence[Follower],
    known: Known,
    may: May,
) -> RollbackStep:
    """Plan to take the bad version out of what an Application's source says."""
    state, reason = reverted(of)
    spec = _in_spec(of.app, bad)
    if spec and state is State.YOURS:
        reason = "its spec itself asks for it"
    gone = ", ".join(one.version for one in bad) or "the new version"
    return RollbackStep(
        title=f"take {gone} out of {'the spec of ' if spec else 'the source of '}Application {of.name}",
        why=f"Without it {gone} stays what Argo CD is asked for: a retry, or the next change of the Rollout, "
        "starts it again. Look first which tag stands there: once a tag is held, Image Updater may have "
        "written another one that it still allows.",
        state=state,
        reason=reason,
        command=_spec(of, bad, good) if spec else _commands(of, bad, good, git_config(follows, of.app)),
        undone_by=_undone(follows),
        stop="" if state is State.DONE else "Git asks for the version before; Argo CD has not looked yet.",
        instead=() if state is State.DONE else back(of, known, may),
    )


def revert_unseen(of: Move, *, visible: bool) -> RollbackStep:
    """Say that somebody deploys a Rollout who can't be seen, or that nobody is seen to."""
    gone = of.told(of.bad, of.bad_set) or "the new version"
    seen = "no Application is seen that deploys it: change what it is applied from"
    unseen = (
        "what deploys it can't be seen: you may not list applications.argoproj.io, or they are not read yet"
    )
    return RollbackStep(
        title=f"take {gone} out of what deploys Rollout {of.name}",
        why=f"Without it {gone} stays what is asked for, and the next deployment starts it again.",
        state=State.YOURS if visible else State.UNSEEN,
        reason=seen if visible else unseen,
        command=f"kubectl argo rollouts undo {of.name} -n {of.rollout.metadata.namespace}  # if nothing does",
        undone_by="Not known.",
        stop="What is asked for is the version before.",
    )


def _undone(follows: Sequence[Follower]) -> str:
    if follows:
        return "Image Updater writes the tag again at its next check, unless it is held first."
    return "Nobody, as far as can be seen: nothing follows the image."


def _in_spec(app: Application, bad: Sequence[ImageName]) -> bool:
    """Say whether the bad tag stands in the Application's own spec, as write-back method argocd leaves it."""
    tags = {one.tag for one in bad if one.tag}
    for source in app.sources:
        images = (source.kustomize.images if source.kustomize else None) or ()
        values = (source.helm.parameters if source.helm else None) or ()
        if any(ImageName.parse(one).tag in tags for one in images) or any(
            one.value in tags for one in values
        ):
            return True
    return False


def _spec(of: Place, bad: Sequence[ImageName], good: Sequence[ImageName]) -> str:
    lines = []
    for old, new in _pairs(bad, good):
        for source in of.app.sources:
            for one in (source.kustomize.images if source.kustomize else None) or ():
                if ImageName.parse(one).tag == old.tag:
                    image = f"{ImageName.parse(one).repository}:{new.version if new else '<tag>'}"
                    lines.append(f"argocd app set {of.name} --kustomize-image {quote(image)}")
            for value in (source.helm.parameters if source.helm else None) or ():
                if value.value == old.tag:
                    pair = f"{value.name}={new.version if new else '<tag>'}"
                    lines.append(f"argocd app set {of.name} -p {quote(pair)}")
    return "\n".join(dict.fromkeys(lines))


def _pairs(bad: Sequence[ImageName], good: Sequence[ImageName]) -> list[tuple[ImageName, ImageName | None]]:
    return [(old, next((new for new in good if new.join == old.join), None)) for old in bad]


def _commands(of: Place, bad: Sequence[ImageName], good: Sequence[ImageName], git: GitConfig | None) -> str:
    """Write what to do in git: which repository, branch, file and commit, and what it changes."""
    hydrator = of.app.spec.source_hydrator if of.app.spec else None
    source = (hydrator.dry_source if hydrator else None) or of.source
    if source is of.source and of.source is not None and of.source.chart:
        what = f"chart {of.source.chart} of {address(of.source.repo_url)}"
        return comment(f"set the image in the values of Application {of.name}: it takes {what}")
    written = (git.repository if git else None) or (source.repo_url if source else None)
    repository = address(written) if written else "<repository>"
    branch = (source.target_revision if source else None) or "HEAD"
    path = (source.path if source else None) or "."
    folder = posixpath.basename(repository.rstrip("/")).removesuffix(".git") or "repository"
    subject = f"build: automatic update of {of.name}"
    commit = "" if hydrator or "," in of.brought_by else of.brought_by
    return "\n".join(
        (
            f"git clone {quote(repository)} && cd {quote(folder)} && git switch {quote(branch)}",
            f"git log -5 --oneline --grep {quote(subject)} -- {quote(_file(of.app, path, git) or path)}",
            *(comment(_changed(old, new, commit)) for old, new in _pairs(bad, good)),
            f"git revert --no-edit {quote(commit) if commit else '<commit>'}",
            f"git push origin {quote(branch)}",
        )
    )


def _changed(old: ImageName, new: ImageName | None, commit: str) -> str:
    image = old.repository.rpartition("/")[2]
    likely = f", likely {short_revision(commit)} or one just before it" if commit else ""
    return (
        f"the commit that changed {image} from {new.version if new else '?'} to {old.version or '?'}{likely}"
    )


def _file(app: Application, path: str, git: GitConfig | None) -> str:
    """Name the file that Image Updater writes (``argocd-image-updater@v1.3.0:pkg/argocd/git.go``)."""
    target = (git.write_back_target if git else None) or ""
    kind, _, where = target.partition(":")
    if kind == "kustomization":
        folder = where.lstrip("/") if where.startswith("/") else posixpath.join(path, where)
        return posixpath.normpath(posixpath.join(folder, "kustomization.yaml"))
    if kind == "helmvalues":
        where = where or "values.yaml"
        return where.lstrip("/") if where.startswith("/") else posixpath.normpath(posixpath.join(path, where))
    if target:
        return target
    if git is None:
        return ""
    meta, status = app.metadata, app.status
    home = status.controller_namespace if status else None
    name = meta.name if home in (None, "", meta.namespace) else f"{meta.namespace}_{meta.name}"
    return posixpath.normpath(posixpath.join(path, f".argocd-source-{name}.yaml"))
