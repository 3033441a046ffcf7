"""The acoustic network as plain numbers, and Kaldi's file of it (`final.mdl`), which Vosk loads.

Nothing of Kaldi is needed: the format is written and read here, byte for byte.
"""

from speech.training.kaldi.description import Layer, Network, forward, low_rank
from speech.training.kaldi.model_file import ModelFormatError, read_model, write_model

__all__ = ["Layer", "ModelFormatError", "Network", "forward", "low_rank", "read_model", "write_model"]
