"""The only code that knows Textual. Everything shown is made from `core.stage` declarations."""
