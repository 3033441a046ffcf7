"""The recipe of the acoustic model."""
