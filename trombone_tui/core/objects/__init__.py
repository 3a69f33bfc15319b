"""Kinds, references and the typed partial objects that are kept of them.

A file an API: only the fields a stage reads are declared, everything may be absent, and what does not
fit its type is reported by path instead of being dropped.
"""
