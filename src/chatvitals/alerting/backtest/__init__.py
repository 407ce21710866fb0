"""What a rule would have done: the evaluation that runs live, over history."""
