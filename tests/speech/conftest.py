from tests.contracts.model import vosk_model

__all__ = ["vosk_model"]
