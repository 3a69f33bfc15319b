"""The only code, with `demo`, that opens a socket: the ports of `core.ports` on real servers."""
