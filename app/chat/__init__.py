"""Question and history become a cited answer; no HTTP here."""
