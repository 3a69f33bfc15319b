"""ImageUpdaters as Argo CD Image Updater 1.3.0 writes them, with other settings."""

from __future__ import annotations

from typing import Any

from stage_readers import stored

IMAGE = "registry.example:5000/demo/app"


def following(tag: str = "1.x", *, force: bool = True, back: Any = None, **settings: Any) -> dict[str, Any]:
    """Return the stored ImageUpdater with other settings, and nothing updated lately."""
    made = stored("images", "image-updater", status__recentUpdates=None)
    (ref,) = made["spec"]["applicationRefs"]
    (image,) = ref["images"]
    image["imageName"] = f"{IMAGE}:{tag}" if tag else IMAGE
    image["commonUpdateSettings"] |= {"forceUpdate": force, **settings}
    if back is not None:
        made["spec"]["writeBackConfig"] = back
    return made
