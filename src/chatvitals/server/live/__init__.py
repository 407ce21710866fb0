"""What is pushed to those who look: `/api/monitoring/live`, a WebSocket."""
