"""What templates show: plain values for people, and the pure functions that make them of figures."""
