"""What is data, not code: codebooks, training recipes and lexicons, with their loading and checking."""
