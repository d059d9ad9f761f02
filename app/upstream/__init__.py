"""The completions API that writes answers; the openai door."""
