"""From a fresh clone to a running line: what is checked, what is prepared, which processes run."""
