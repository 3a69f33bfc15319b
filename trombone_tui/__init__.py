"""trombone-tui: one terminal that follows a change through six Argo systems."""

__version__ = "0.1.0"
