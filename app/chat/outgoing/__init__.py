"""What leaves with an answer: its text, checked while it streams, and its calls."""
