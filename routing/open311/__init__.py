"""Open311 GeoReport v2 as a server, with the updates extension: other systems report, ask, and answer.

`app.py` mounts `server.open311_blueprint` at `/open311/v2`. What is published of a case is decided in `published`.
"""
