"""What operators look at: how the server fares, how it is set, and what it keeps about people."""
