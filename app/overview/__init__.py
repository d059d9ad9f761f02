"""Insights as people read them: in the terminal, and as one page with plots."""
