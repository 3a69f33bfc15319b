"""An HTTP server that plays a script: what it answers to each request, down to the bytes and the silences."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

GROUP = "argoproj.io"


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float
    method: str = "GET"
    body: bytes = b""

    @property
    def streams_list(self) -> bool:
        return self.query.get("sendInitialEvents") == "true"

    @property
    def watches(self) -> bool:
        return self.query.get("watch") == "1"

    @property
    def asks_for_life(self) -> bool:
        """Whether it is a watch for a second, which only asks whether the server lives."""
        return self.query.get("timeoutSeconds") == "1"


@dataclass(frozen=True)
class Answer:
    """One answer: chunks are sent one by one, and then the connection ends as said."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: tuple[bytes, ...] = ()
    end: str = "clean"
    """clean, cut (reset without the last chunk), silence (nothing more, ever), or hold (until released)."""
    hold: asyncio.Event | None = None
    after: tuple[bytes, ...] = ()
    """Chunks sent when released."""
    reason: str = "X"


def line(kind: str, obj: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def thing(name: str, rv: int | str, *, namespace: str = "ns", uid: str = "", **more: Any) -> dict[str, Any]:
    meta = {
        "name": name,
        "namespace": namespace,
        "uid": uid or f"uid-{namespace}-{name}",
        "resourceVersion": str(rv),
    }
    return {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": meta, **more}


def bookmark(rv: int | str, *, ends_list: bool = False) -> bytes:
    meta: dict[str, Any] = {"resourceVersion": str(rv), "creationTimestamp": None}
    if ends_list:
        meta["annotations"] = {"k8s.io/initial-events-end": "true"}
    return line("BOOKMARK", {"kind": "Thing", "apiVersion": f"{GROUP}/v1", "metadata": meta})


def added(*names: str, rv: int = 1) -> bytes:
    return b"".join(line("ADDED", thing(name, rv + i)) for i, name in enumerate(names))


def status(code: int, message: str = "no", **details: Any) -> dict[str, Any]:
    found = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return {**found, "code": code, "details": details} if details else {**found, "code": code}


def refusal(code: int, message: str = "no", **headers: str) -> Answer:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answer(
        status=code,
        headers={"Content-Type": "application/json", **named},
        chunks=(json.dumps(status(code, message)).encode(),),
    )


def text(code: int, body: str, **headers: str) -> Answer:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answer(status=code, headers={"Content-Type": "text/plain", **named}, chunks=(body.encode(),))


def stream(*chunks: bytes, end: str = "silence", **more: Any) -> Answer:
    return Answer(headers={"Content-Type": "application/json"}, chunks=chunks, end=end, **more)


def page(*objects: dict[str, Any], rv: int = 10, more: str = "") -> Answer:
    meta = {"resourceVersion": str(rv), **({"continue": more} if more else {})}
    body = {"kind": "ThingList", "apiVersion": f"{GROUP}/v1", "metadata": meta, "items": list(objects)}
    return Answer(headers={"Content-Type": "application/json"}, chunks=(json.dumps(body).encode(),))


def discovery(groups: dict[str, dict[str, Iterable[str]]], **headers: str) -> Answer:
    items = [
        {
            "metadata": {"name": group},
            "versions": [
                {
                    "version": version,
                    "resources": [{"resource": plural, "scope": "Namespaced"} for plural in plurals],
                }
                for version, plurals in versions.items()
            ],
        }
        for group, versions in groups.items()
    ]
    body = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }
    return Answer(
        headers={
            "Content-Type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            **headers,
        },
        chunks=(json.dumps(body).encode(),),
    )


THINGS = discovery({GROUP: {"v1": ("things", "others")}})

Choose = Callable[[Request], Answer]


class Script:
    """What to answer: per path a list of answers, the last of which is given again and again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {"/apis": [THINGS]}
        self.requests: list[Request] = []
        self.life = Answer()
        """What a watch for a second is answered; it takes no answer away from others."""
        self.url = ""
        self.open = 0
        """How many connections are open."""
        self.rejecting = False
        """While set, connections are closed before a request is read."""
        self.thawed = asyncio.Event()
        """While not set, requests are read and nothing is said."""
        self.thawed.set()

    def at(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def things(self, *answers: Answer, namespace: str = "") -> None:
        scope = f"namespaces/{namespace}/" if namespace else ""
        self.at(f"/apis/{GROUP}/v1/{scope}things", *answers)

    def asked(self, ending: str = "things") -> list[Request]:
        return [r for r in self.requests if r.path.endswith(ending) and not r.asks_for_life]

    def choose(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.asks_for_life:
            return self.life
        answers = self.answers.get(request.path)
        if not answers:
            return text(404, "404 page not found\n")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def serving(script: Script | None = None) -> AsyncIterator[Script]:
    """Run a server on a free port of the loopback interface."""
    script = script or Script()
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        script.open += 1
        try:
            while not script.rejecting and await _exchange(script, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            running.discard(task)
            script.open -= 1
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)


async def _exchange(script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    if script.rejecting:
        return False
    target = urlsplit(head[0].split(" ")[1])
    headers = {k.lower(): v.strip() for k, _, v in (part.partition(":") for part in head[1:] if part)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    now, method = asyncio.get_running_loop().time(), head[0].split(" ")[0]
    request = Request(target.path, dict(parse_qsl(target.query)), headers, now, method, body)
    answer = script.choose(request)
    await script.thawed.wait()
    said = answer.headers if answer.status == 304 else {"Transfer-Encoding": "chunked", **answer.headers}
    top = f"HTTP/1.1 {answer.status} {answer.reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items())
    writer.write(top.encode() + b"\r\n")
    if answer.status == 304:
        await writer.drain()
        return True
    for chunk in answer.chunks:
        await _send(writer, chunk)
    if answer.end == "hold":
        assert answer.hold is not None
        await answer.hold.wait()
        for chunk in answer.after:
            await _send(writer, chunk)
    if answer.end == "silence":
        await reader.read()  # until the client goes
        return False
    if answer.end == "cut":
        writer.transport.abort()
        return False
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _send(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
    await writer.drain()
