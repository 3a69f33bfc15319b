"""The story the embedded cluster plays: a module a controller, driven by one schedule.

Everything that happens is an action at a moment of story time, so a seed gives the same objects every
time, and an hour of history is played in a moment before the first request is answered. Objects and the
order of their states are those that the real controllers write; sources are named where a rule matters.
"""
