"""Names as people write them: the one they meant, and words for numbers that stand for choices."""
