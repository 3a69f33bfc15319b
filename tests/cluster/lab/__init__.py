"""A Kubernetes control plane with the real Argo controllers, as plain processes, without containers.

All of it listens on loopback. Only the standard library is used, so that it runs with any Python from 3.11 on
before anything is installed:
``PYTHONPATH=tests/cluster python3 -m lab up``. ``docs/lab.md`` says what is in it.
"""
