"""The command line: the one place that builds adapters and hands them to the screen or a printer."""
