"""A container that ends as soon as it begins: the kubelet starts it anew, after longer and longer waits.

Source: ``kubernetes@v1.36:pkg/kubelet/kuberuntime`` (10 s, doubled up to 5 minutes).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from trombone_tui.demo.records import Record
from trombone_tui.demo.story import kubelet, pods
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

_LASTS = 1.4
"""Seconds from a start to its end."""
_FIRST, _LONGEST = 10, 300
_WORDS = (
    "starting, version {version}",
    "reading settings from the environment",
    "Traceback (most recent call last):",
    '  File "/app/__main__.py", line 12, in <module>',
    "    serve(Settings.from_environment(os.environ))",
    '  File "/app/settings.py", line 41, in from_environment',
    '    price_cache=int(environ["PRICE_CACHE_SECONDS"]),',
    "KeyError: 'PRICE_CACHE_SECONDS'",
)


class Crashes:
    """Keeps pods of a crashing image in their loop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kubelet")

    def begin(self, namespace: str, name: str, address: str) -> None:
        """Have a pod's container running for the first time."""
        now = self._world.stamp

        def first(pod: Object) -> None:
            pods.run(pod, now, address)
            pods.unready(pod, now)

        self._run(self._api.edit_status("pods", namespace, name, first), _FIRST)

    def _run(self, stored: Record | None, wait: int) -> None:
        """Let a container write its last words, and plan its end."""
        if stored is None:
            return
        pod = stored.object()
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        container = pod["spec"]["containers"][0]
        kubelet.started(self._world, pod, container["name"])
        version = container["image"].rpartition(":")[2]
        for line in _WORDS:
            self._api.log(namespace, name, container["name"], line.format(version=version))
        self._world.after(_LASTS, partial(self._end, namespace, name, container["name"], wait))

    def _end(self, namespace: str, name: str, container: str, wait: int) -> None:
        now = self._world.stamp
        pod = self._api.edit_status("pods", namespace, name, lambda pod: pods.crash(pod, now, back_off=wait))
        if pod is None:
            return
        self._world.logs.crash(namespace, name, container)
        kubelet.backs_off(self._world, pod.object(), container)
        self._world.after(wait, partial(self._again, namespace, name, container, min(2 * wait, _LONGEST)))

    def _again(self, namespace: str, name: str, container: str, wait: int) -> None:
        now = self._world.stamp
        pod = self._api.edit_status("pods", namespace, name, lambda pod: pods.start_anew(pod, now))
        if pod is not None:
            self._world.logs.restart(namespace, name, container)
            self._run(pod, wait)
