"""Experiments: templates that run beside each other for a while, measured by analyses of their own."""
