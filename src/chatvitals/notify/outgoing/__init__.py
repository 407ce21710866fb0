"""HTTP to where people say that notifications should go, and nowhere else: what a guard lets through, and how."""
