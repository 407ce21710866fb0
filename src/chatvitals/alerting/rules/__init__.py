"""Rules as people write them, as the program ships them, and as they are in force."""
