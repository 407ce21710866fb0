"""Programs that show chatvitals in use; none of them goes into the package."""
