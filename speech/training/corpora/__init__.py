"""Speech corpora, as they were fetched, into one store: 8 kHz sound, a manifest, and splits by speaker.

Nothing of a corpus enters the project: the folder is the user's, the store lies under var/.
"""

from speech.training.corpora.manifest import LeakError, Manifest, Utterance
from speech.training.corpora.prepare import CorporaError, prepare

__all__ = ["CorporaError", "LeakError", "Manifest", "Utterance", "prepare"]
