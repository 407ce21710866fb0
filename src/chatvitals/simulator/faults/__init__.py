"""Faults to plant in the fleet: what each does (`table`), when and on whom (`plan`), and how (`harm`)."""
