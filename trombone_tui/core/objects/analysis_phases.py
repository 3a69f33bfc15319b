"""The phases of an AnalysisRun, a metric, a measurement and an Experiment.

``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/analysis_types.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.basics import Health

BAD = ("Failed", "Error", "Inconclusive")
FINISHED = ("Successful", *BAD)
PHASES = {
    "Successful": Health.HEALTHY,
    "Running": Health.PROGRESSING,
    "Pending": Health.PROGRESSING,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
    "Inconclusive": Health.SUSPENDED,
}
"""How well one of each phase is."""
ERROR_LIMIT = 4
"""How many errors in a row a metric may have that says nothing of it (``utils/analysis/helpers.go``)."""
