"""Runs the service: listens, takes connections, and ends when told to."""
