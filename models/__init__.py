"""The one store: tables by noun, queries by purpose in `models.store`."""
