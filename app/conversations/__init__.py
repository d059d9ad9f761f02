"""Conversations: turns under one id and one owner."""
