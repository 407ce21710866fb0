"""How a site comes to be measured: what to paste, and whether anything comes."""
