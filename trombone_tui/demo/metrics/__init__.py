"""What the embedded Prometheus knows: traffic, the series made of it, and the language to ask in."""
