"""The way onto a cluster and off it: what is there, the values, the plan, and how far it has come."""
