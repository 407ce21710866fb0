"""What was really sent and kept: written by the simulator (`recorder`), read back by tests (`reader`)."""
