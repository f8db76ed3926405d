"""What holds for the whole checkout: the launcher, and that the tree is tidy."""
