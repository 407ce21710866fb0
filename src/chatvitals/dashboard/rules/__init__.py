"""Rules while they are being edited."""
