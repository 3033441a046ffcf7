"""From words to a Vosk model: acoustic model + base vocabulary + a city's words = a directory that Vosk loads.

A street name added today is known a few seconds later; nothing of Kaldi is needed.
"""

from speech.graph.build import GraphReport, build_graph, ensure_model
from speech.graph.openfst import GraphError

__all__ = ["GraphError", "GraphReport", "build_graph", "ensure_model"]
