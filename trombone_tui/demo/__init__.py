"""The embedded cluster: a small Kubernetes, Prometheus and registry API on loopback, and its story."""
