"""The words everything else speaks: objects, ports, stages, services, snapshots.

Only the standard library and msgspec may be imported here; nothing opens a socket, draws or sleeps.
"""
