"""Applies the manifests in travel order to a cluster, and takes off what it has put on."""

from trombone_tui.installer.installation import ManifestInstaller

__all__ = ["ManifestInstaller"]
