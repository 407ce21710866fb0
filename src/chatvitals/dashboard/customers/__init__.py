"""What a customer's page shows beside figures: its incidents and its losses. Pure."""
