from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.channels.telephone_recordings import RecordingHost
from ivr.line import Line
from tests.ivr.channels.served import ACCOUNT, TOKEN, Served, serve


@pytest.fixture(scope="session")
def recording_host() -> Iterator[RecordingHost]:
    with RecordingHost(ACCOUNT, TOKEN) as host:
        yield host


@pytest.fixture
def served(line: Line, recording_host: RecordingHost) -> Iterator[Served]:
    """The line behind a real web server on a free port."""
    with serve(line, recording_host) as running:
        yield running
