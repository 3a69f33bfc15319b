"""Who may do what: tokens, personas with rules, impersonation, and the answers to reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trombone_tui.demo.errors import ApiError, bad_request, qualified
from trombone_tui.demo.records import Object

ALL = "*"
MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
_OPEN = frozenset({"api", "apis", "version", "healthz", "livez", "readyz", "openapi"})
"""First parts of paths that ClusterRole ``system:discovery`` opens."""
TOKEN_PATH = "/as/"
"""What comes before a token in a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is allowed, as in a Role; ``namespaces`` None means a ClusterRoleBinding."""

    verbs: Sequence[str]
    groups: Sequence[str]
    resources: Sequence[str]
    """Plurals, with a slash for subresources: ``pods``, ``pods/log``, ``*``."""
    names: Sequence[str] = ()
    namespaces: Sequence[str] | None = None

    def allows(self, asked: Attributes) -> bool:
        """Say whether the rule covers a request."""
        resource = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
        wild = f"*/{asked.subresource}" if asked.subresource else ALL
        return (
            any(one in (ALL, asked.verb) for one in self.verbs)
            and any(one in (ALL, asked.group) for one in self.groups)
            and any(one in (ALL, resource, wild) for one in self.resources)
            and (not self.names or asked.name in self.names)
            and (self.namespaces is None or (bool(asked.namespace) and asked.namespace in self.namespaces))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A user of the embedded cluster."""

    name: str
    token: str = ""
    """What it authenticates with; a persona without one can only be impersonated."""
    groups: Sequence[str] = ()
    rules: Sequence[Rule] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What a request wants to do."""

    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who makes a request, after authentication and impersonation."""

    name: str
    groups: Sequence[str] = ()
    uid: str = ""
    rules: Sequence[Rule] = field(default=(), repr=False)

    def may(self, asked: Attributes) -> bool:
        """Say whether the identity is allowed to do this."""
        return MASTERS in self.groups or any(rule.allows(asked) for rule in self.rules)

    def check(self, asked: Attributes) -> None:
        """Refuse what is not allowed (403)."""
        if not self.may(asked):
            raise forbidden(self.name, asked)

    def may_open(self, path: str) -> bool:
        """Say whether the identity may get a path that is no resource's."""
        return MASTERS in self.groups or path.strip("/").partition("/")[0] in _OPEN

    def check_path(self, path: str) -> None:
        """Refuse a path that is no resource's and not open to everybody who is known (403)."""
        if not self.may_open(path):
            message = f'forbidden: User "{self.name}" cannot get path "{path}"'
            raise ApiError(403, "Forbidden", message, {})

    @property
    def info(self) -> Object:
        """The ``userInfo`` of a SelfSubjectReview."""
        info: Object = {"username": self.name, "groups": list(self.groups)}
        return info | ({"uid": self.uid} if self.uid else {})


def admin(token: str) -> Persona:
    """Return a persona that may do everything."""
    return Persona(name="demo-admin", token=token, groups=(MASTERS,))


def forbidden(user: str, asked: Attributes) -> ApiError:
    """Say who may not do what, in RBAC's words (403)."""
    resource = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    what = qualified(asked.resource, asked.group) + (f' "{asked.name}"' if asked.name else "")
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return ApiError(
        403,
        "Forbidden",
        f'{what} is forbidden: User "{user}" cannot {asked.verb} resource "{resource}" '
        f'in API group "{asked.group}" {where}',
        {key: value for key, value in details.items() if value},
    )


def unauthorized() -> ApiError:
    """Say that nobody knows this token (401)."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def split_token(path: str) -> tuple[str, str]:
    """Split a URL path into the API's path and the token in front of it, empty if there is none."""
    if not path.startswith(TOKEN_PATH):
        return path, ""
    token, _, rest = path.removeprefix(TOKEN_PATH).partition("/")
    return f"/{rest}", token


class Access:
    """Personas by token and by name."""

    def __init__(self, personas: Iterable[Persona]) -> None:
        self._by_token = {one.token: one for one in personas if one.token}
        self._by_name = {one.name: one for one in personas}

    def add(self, persona: Persona) -> None:
        """Know one more persona, or change one of the same name."""
        self.revoke(persona.name)
        self._by_name[persona.name] = persona
        if persona.token:
            self._by_token[persona.token] = persona

    def revoke(self, name: str) -> None:
        """Know a persona no more: its token gets 401."""
        old = self._by_name.pop(name, None)
        if old is not None:
            self._by_token.pop(old.token, None)

    def identify(self, headers: Mapping[str, str], groups: Sequence[str], token: str = "") -> Identity:
        """Find out who makes a request, by its bearer token or else the one in its path.

        ``groups`` are the ``Impersonate-Group`` headers.

        Raises:
            ApiError: 401, no or an unknown token; 403, impersonation that is not allowed.
        """
        if given := headers.get("Authorization", ""):
            scheme, _, token = given.partition(" ")
            token = token.strip() if scheme.lower() == "bearer" else ""
        persona = self._by_token.get(token)
        if persona is None:
            raise unauthorized()
        real = _identity(persona)
        user = headers.get("Impersonate-User", "")
        if not user:
            if groups:
                raise bad_request(f"requested groups {list(groups)} without impersonating a user name")
            return real
        wanted = [("users", user), *(("groups", group) for group in groups)]
        for resource, name in wanted:
            real.check(Attributes(verb="impersonate", resource=resource, name=name))
        known = self._by_name.get(user, Persona(name=user))
        acting = groups or known.groups
        uid = headers.get("Impersonate-Uid", "")
        return Identity(name=user, groups=_with_authenticated(acting), uid=uid, rules=known.rules)


def _identity(persona: Persona) -> Identity:
    return Identity(name=persona.name, groups=_with_authenticated(persona.groups), rules=persona.rules)


def _with_authenticated(groups: Sequence[str]) -> tuple[str, ...]:
    return (*(one for one in groups if one != AUTHENTICATED), AUTHENTICATED)
