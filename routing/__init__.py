"""The right agency, a promised date, and nobody forgets. Never knows that a case came by telephone."""
