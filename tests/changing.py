"""Objects like those that are stored, but for a few places."""

from __future__ import annotations

import pickle
from typing import Any


def changed(obj: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a copy with changes by path; ``__`` goes deeper, None removes what is there."""
    made: dict[str, Any] = pickle.loads(pickle.dumps(obj))  # a tenth of what copy.deepcopy takes
    for path, value in changes.items():
        *above, last = path.split("__")
        place = made
        for step in above:
            place = place.setdefault(step, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return made
