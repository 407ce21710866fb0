"""The HTTP server: routes, problem details, health checks, and the assembly of all parts."""
