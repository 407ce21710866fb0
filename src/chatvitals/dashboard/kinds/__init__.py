"""What the pages about one kind of event show: pure, from answers of queries to elements."""
