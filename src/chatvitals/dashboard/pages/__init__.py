"""The pages: of each its context, documented field by field, and the function that builds it."""
