"""What became of a question on its way to an answer, told step by step."""
