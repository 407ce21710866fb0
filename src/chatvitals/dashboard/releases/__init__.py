"""What the page of releases is made of: which were seen, how they compare, and how far each was taken up."""
