"""What people configure: sites and their keys; later users, rules and incidents. SQLite here, PostgreSQL by URL."""
