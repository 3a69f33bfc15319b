"""What somebody can do to an Application, as ``argocd app`` calls it.

Requests and proofs are those that were seen to work with running controllers. Manifests from one's own
computer are never sent, for the API server refuses them where auto-sync is on.
"""

from __future__ import annotations

from trombone_tui.pipeline.sync.verbs.automation import AUTO_SYNC_OFF, AUTO_SYNC_ON
from trombone_tui.pipeline.sync.verbs.refreshing import REFRESHED
from trombone_tui.pipeline.sync.verbs.rolling_back import ROLLBACK
from trombone_tui.pipeline.sync.verbs.syncing import SYNC
from trombone_tui.pipeline.sync.verbs.terminating import TERMINATE

VERBS = (REFRESHED, SYNC, TERMINATE, ROLLBACK, AUTO_SYNC_OFF, AUTO_SYNC_ON)
