"""Indonesian telephone speech, offline: recognition (Vosk) and synthesis (espeak-ng).

Knows no Flask, no SQL and no city: what a city adds are words, given to `speech.graph`.
"""
