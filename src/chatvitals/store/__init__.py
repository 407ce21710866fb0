"""What is kept, and where: the only package that knows databases and their drivers."""
