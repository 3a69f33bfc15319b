"""What the API server refuses, shaped as Kubernetes' ``Status`` objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """A request that is refused: HTTP status, machine-readable reason, message, details.

    Message texts are those of kube-apiserver (``apimachinery/pkg/api/errors``), because programs and
    people look for them.
    """

    def __init__(
        self, status: int, reason: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message
        self.details = None if details is None else dict(details)
        self.metadata: dict[str, Any] = {}
        """The ``Status``' own metadata; a list that expired offers another ``continue`` there."""
        self.retry_after: int | None = (self.details or {}).get("retryAfterSeconds")
        """Seconds, for the ``Retry-After`` header."""

    def status_object(self) -> dict[str, Any]:
        """Return the body that is sent: a ``Status`` of ``Failure``."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        return body | {"code": self.status}


def qualified(plural: str, group: str) -> str:
    """Name a resource as messages do: ``workflows.argoproj.io``, ``pods``."""
    return f"{plural}.{group}" if group else plural


def _details(plural: str, group: str, name: str) -> dict[str, Any]:
    pairs = {"name": name, "group": group, "kind": plural}
    return {key: value for key, value in pairs.items() if value}


def not_found(plural: str, group: str, name: str) -> ApiError:
    """Say that an object does not exist (404)."""
    message = f'{qualified(plural, group)} "{name}" not found'
    return ApiError(404, "NotFound", message, _details(plural, group, name))


def no_such_path() -> ApiError:
    """Say that nothing is served at a path (404): the kind is not installed."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def no_such_method() -> ApiError:
    """Say that a method is not served at a path (405)."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def already_exists(plural: str, group: str, name: str) -> ApiError:
    """Say that the name is taken (409)."""
    message = f'{qualified(plural, group)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(plural, group, name))


def conflict(
    plural: str,
    group: str,
    name: str,
    why: str = "the object has been modified; please apply your changes to the latest version and try again",
) -> ApiError:
    """Say that the object is not the one the request was made for (409)."""
    message = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(plural, group, name))


def invalid(kind: str, group: str, name: str, causes: Sequence[tuple[str, str, str]]) -> ApiError:
    """Say which fields are wrong (422); a cause is reason, field, message."""
    texts = [f"{field}: {message}" for _, field, message in causes]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = _details(kind, group, name) | {
        "causes": [
            {"reason": reason, "message": message, "field": field} for reason, field, message in causes
        ]
    }
    return ApiError(422, "Invalid", f'{qualified(kind, group)} "{name}" is invalid: {joined}', details)


def bad_request(message: str) -> ApiError:
    """Say that the request makes no sense (400)."""
    return ApiError(400, "BadRequest", message)


def expired(message: str) -> ApiError:
    """Say that a resourceVersion or a continue token is too old (410)."""
    return ApiError(410, "Expired", message)


def unsupported_media(message: str) -> ApiError:
    """Say that the body's content type is not accepted (415)."""
    return ApiError(415, "UnsupportedMediaType", message)
