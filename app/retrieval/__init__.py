"""Question to hits: embed, search, fuse, judge."""
