"""Puts load on a service that speaks the OpenAI chat API, and tells how it bears it."""
