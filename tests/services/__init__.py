"""Real servers for tests, private and thrown away: nothing of the machine's own Redis or PostgreSQL is touched."""
