"""Prometheus, and a service that it scrapes each second: `metrics_app` counts requests nobody makes."""

from __future__ import annotations

import sys

from lab.packages import find
from lab.part import Part
from lab.places import HERE, RUN
from lab.processes import start
from lab.waiting import serves, wait

_CONFIG = """\
global: {scrape_interval: 1s, evaluation_interval: 1s}
scrape_configs:
- job_name: app
  static_configs: [{targets: ['127.0.0.1:9102']}]
"""


def _start() -> None:
    folder = RUN / "prometheus"
    folder.mkdir(exist_ok=True)
    (folder / "prometheus.yml").write_text(_CONFIG, encoding="utf-8")
    start("metrics-app", sys.executable, HERE / "metrics_app.py", "9102")
    wait("metrics-app", lambda: serves("http://127.0.0.1:9102/metrics"), process="metrics-app")
    start(
        "prometheus",
        find("prometheus"),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        "--storage.tsdb.retention.time=2h",
        "--web.listen-address=127.0.0.1:9091",
    )
    wait("prometheus", lambda: serves("http://127.0.0.1:9091/-/ready"), process="prometheus")


PROMETHEUS = Part(
    name="prometheus",
    about="Prometheus of the machine's Debian, scraping a made-up service each second",
    needs=("control-plane",),
    programs=(("prometheus", "prometheus"),),
    processes=("metrics-app", "prometheus"),
    ports=(9091, 9102),
    start=_start,
)
