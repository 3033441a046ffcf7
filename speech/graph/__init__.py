"""From words to a Vosk model: acoustic model + base vocabulary + a city's words = a directory that Vosk loads.

A street name added today is known a few seconds later; nothing of Kaldi is needed.
"""

from speech.graph.build import (
    GraphReport,
    alone,
    build_graph,
    build_version,
    ensure_model,
    known_words,
    put_in_service,
)
from speech.graph.openfst import GraphError

__all__ = [
    "GraphError",
    "GraphReport",
    "alone",
    "build_graph",
    "build_version",
    "ensure_model",
    "known_words",
    "put_in_service",
]
