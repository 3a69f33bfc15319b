"""The states of an Application."""

from __future__ import annotations

from trombone_tui.demo.crowd.sections import NEW, Sections, sections


def application_states() -> tuple[Sections, ...]:
    """Return an Application that is well, out of sync, progressing, and degraded."""
    return (
        _application("Synced", "Healthy"),
        _application("OutOfSync", "Healthy"),
        _application("Synced", "Progressing"),
        _application("Synced", "Degraded"),
    )


def _application(sync: str, health: str) -> Sections:
    source = {
        "repoURL": "https://github.com/acme/@service@-config.git",
        "path": "overlays/prod",
        "targetRevision": "main",
    }
    destination = {"namespace": "@namespace@", "server": "https://kubernetes.default.svc"}
    spec = {
        "project": "default",
        "source": source,
        "destination": destination,
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true"],
        },
    }
    kinds = (
        ("", "Service", "v1", "@service@-stable"),
        ("", "Service", "v1", "@service@-canary"),
        ("argoproj.io", "AnalysisTemplate", "v1alpha1", "@service@-success-rate"),
        ("argoproj.io", "Rollout", "v1alpha1", "@service@"),
        ("networking.k8s.io", "Ingress", "v1", "@service@"),
    )
    resources = [
        {
            **({"group": group} if group else {}),
            "kind": kind,
            "version": version,
            "name": name,
            "namespace": "@namespace@",
            "status": sync if kind == "Rollout" else "Synced",
        }
        for group, kind, version, name in kinds
    ]
    results = [
        {
            **one,
            "group": one.get("group", ""),
            "status": "Synced",
            "hookPhase": "Running",
            "syncPhase": "Sync",
            "message": f"{one['kind'].lower()}/{one['name']} unchanged",
        }
        for one in resources
    ]
    operation = {
        "initiatedBy": {"automated": True},
        "retry": {"limit": 5},
        "sync": {"prune": True, "revision": "@revision@", "source": source},
    }
    history = [
        {
            "id": number,
            "deployStartedAt": "@began@",
            "deployedAt": "@began@",
            "initiatedBy": {"automated": True},
            "revision": "@revision@",
            "source": source,
        }
        for number in range(8)
    ]
    status = {
        "controllerNamespace": "argocd",
        "health": {"status": health, "lastTransitionTime": "@began@"},
        "history": history,
        "operationState": {
            "operation": operation,
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "startedAt": "@began@",
            "finishedAt": "@began@",
            "syncResult": {"resources": results, "revision": "@revision@", "source": source},
        },
        "reconciledAt": "@began@",
        "resourceHealthSource": "appTree",
        "resources": resources,
        "sourceHydrator": {},
        "sourceType": "Kustomize",
        "summary": {"images": [NEW], "externalURLs": ["http://@service@.example/"]},
        "sync": {
            "status": sync,
            "revision": "@revision@",
            "comparedTo": {"source": source, "destination": destination},
        },
    }
    return sections("argoproj.io/v1alpha1", "Application", spec, status)
