"""Golden questions, asked along the real road, and what their answers are worth."""
