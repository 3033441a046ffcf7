"""How well the line hears: word errors, by condition and by who speaks. Run by `script/accuracy`."""
