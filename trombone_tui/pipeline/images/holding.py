"""Where the tags that are ignored of one image are written, and how another list is written there.

Of an ImageUpdater: ``ignoreTags`` of the image's own settings, which count instead of those further out
(``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go``, mergeCommonUpdateSettings). Of an Application: the
annotation ``<alias>.ignore-tags``, or ``ignore-tags`` of an image without an alias.
"""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, PREFIX, ImageUpdater, UpdateSettings
from trombone_tui.core.verbs import Whole
from trombone_tui.core.wholes import typed
from trombone_tui.pipeline.images.annotations import read_annotations
from trombone_tui.pipeline.images.tracking import Tracked, tracked, tracked_by

SETTINGS, LIST = "commonUpdateSettings", "ignoreTags"
_WORDS = {"what": "the object", "advice": "mend that field first"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A list of ignored tags as it is sent."""

    fields: dict[str, Any]
    """What a merge patch has beside the mark: ``spec``, or ``annotations`` in ``metadata``."""
    made: str
    """What had to be added for it besides a tag."""
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The place of one image's ignored tags."""

    kind: Kind
    whole: Whole
    obj: ImageUpdater | Application
    image: str
    """Which of the object's images."""
    one: Tracked
    own: tuple[str, ...] | None
    """The list that is written there; None where one further out counts, or none at all."""
    outer: UpdateSettings
    """What counts where the image says nothing itself."""
    at: tuple[int, int] | None = None
    """Of an ImageUpdater: which ApplicationRef, and which of its images."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The patterns that count."""
        return self.one.rule.ignore

    @property
    def key(self) -> str:
        """The annotation it is written in; of an ImageUpdater the field."""
        if self.at is not None:
            return LIST
        return f"{PREFIX}{self.one.alias}.ignore-tags" if self.one.alias else f"{PREFIX}ignore-tags"

    def adding(self, pattern: str) -> Change:
        """Ignore one more pattern."""
        return self._change([*self.ignored, pattern], "")

    def removing(self, pattern: str, made: str) -> Change | None:
        """Ignore a pattern no longer, and undo what was made for it; None when it is not ignored here."""
        left = list(self.own or ())
        if pattern not in left:
            return None
        left.remove(pattern)
        return self._change(left, made if left == list(self.outer.ignore_tags or ()) else "")

    def _change(self, tags: Sequence[str], undo: str) -> Change:
        """Write a list; ``undo`` is what is taken away instead, where it is as ``hold`` made it."""
        if self.at is None:
            return self._annotated(None if undo or not any(tags) else ",".join(tags))
        return self._specified(tags, undo)

    def _annotated(self, value: str | None) -> Change:
        meta = self.obj.metadata
        written = f"{self.key}-" if value is None else shlex.quote(f"{self.key}={value}") + " --overwrite"
        return Change(
            fields={"metadata": {"annotations": {self.key: value}}},
            made=LIST if self.own is None else "",
            command=f"kubectl -n {meta.namespace} annotate application {meta.name} {written}",
        )

    def _specified(self, tags: Sequence[str], undo: str) -> Change:
        ref, number = self.at or (0, 0)
        refs = copy.deepcopy(self.whole["spec"]["applicationRefs"])
        image, path = refs[ref]["images"][number], f"/spec/applicationRefs/{ref}/images/{number}/{SETTINGS}"
        block, made = image.get(SETTINGS), "" if self.own is not None else LIST
        if undo == SETTINGS and block == {**self._copied(), LIST: block[LIST]}:
            del image[SETTINGS]
            step: dict[str, Any] = {"op": "remove", "path": path}
        elif undo == LIST:
            del block[LIST]
            step = {"op": "remove", "path": f"{path}/{LIST}"}
        elif block is None:
            made = SETTINGS
            image[SETTINGS] = {**self._copied(), LIST: list(tags)}
            step = {"op": "add", "path": path, "value": image[SETTINGS]}
        else:
            block[LIST] = list(tags)
            step = {"op": "add", "path": f"{path}/{LIST}", "value": list(tags)}
        return Change(fields={"spec": {"applicationRefs": refs}}, made=made, command=self._patch(step))

    def _copied(self) -> dict[str, Any]:
        """Return what a block of its own must repeat: the API server would write its defaults there."""
        return {
            "updateStrategy": self.outer.update_strategy or "semver",
            "forceUpdate": bool(self.outer.force_update),
        }

    def _patch(self, step: dict[str, Any]) -> str:
        meta, written = self.obj.metadata, json.dumps([step], ensure_ascii=False)
        where = f"kubectl -n {meta.namespace} patch imageupdater {meta.name}"
        return f"{where} --type=json -p {shlex.quote(written)}"


def in_updater(whole: Whole, part: str) -> Spot | None:
    """Find an image that an ImageUpdater names itself.

    Raises:
        Refused: the object can't be read.
    """
    obj = typed(whole, ImageUpdater, **_WORDS)
    found = tracked(obj)
    one = next((one for one in found if one.part == part), None)
    if one is None:
        return None
    number = [each.part for each in found if each.ref == one.ref].index(part)
    ref = obj.application_refs[one.ref]
    own = (ref.images or [])[number].common_update_settings
    given = [ref.common_update_settings, obj.spec.common_update_settings if obj.spec else None]
    return Spot(
        kind=IMAGE_UPDATER,
        whole=whole,
        obj=obj,
        image=part,
        one=one,
        own=None if own is None or own.ignore_tags is None else tuple(own.ignore_tags),
        outer=_merged([one for one in given if one is not None]),
        at=(one.ref, number),
    )


def _merged(given: Sequence[UpdateSettings]) -> UpdateSettings:
    return UpdateSettings(
        update_strategy=next((s.update_strategy for s in given if s.update_strategy is not None), None),
        force_update=next((s.force_update for s in given if s.force_update is not None), None),
        ignore_tags=next((s.ignore_tags for s in given if s.ignore_tags is not None), None),
    )


def in_application(whole: Whole, part: str) -> Spot | None:
    """Find an image that an Application's annotations list.

    Raises:
        Refused: the object can't be read.
    """
    app = typed(whole, Application, **_WORDS)
    annotated = read_annotations(app.metadata)
    if annotated is None:
        return None
    for place, one in enumerate(tracked_by(annotated, app.metadata.name)):
        if one.part == part:
            settings = annotated.images[place].common_update_settings if one.alias else annotated.settings
            own = settings.ignore_tags if settings else None
            return Spot(
                kind=APPLICATION,
                whole=whole,
                obj=app,
                image=part,
                one=one,
                own=None if own is None else tuple(own),
                outer=(annotated.settings if one.alias else None) or UpdateSettings(),
            )
    return None
