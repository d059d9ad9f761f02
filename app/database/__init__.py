"""Where keys, conversations and turns are kept: SQLite, or PostgreSQL by URL."""
