"""The conversation: prompts, dialogue, turn-taking, and the channels that carry it."""
