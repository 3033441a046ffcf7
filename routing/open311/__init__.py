"""Open311 GeoReport v2 as a server, with the updates extension: other systems report, ask, and answer.

`app.py` mounts `open311_blueprint` at `/open311/v2`. What is published of a case is decided in `published`.
"""

from __future__ import annotations

from routing.open311.server import Parts, open311_blueprint

__all__ = ["Parts", "open311_blueprint"]
