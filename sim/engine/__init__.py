"""Everyone, fast: the compiled month."""
