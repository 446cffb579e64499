"""What each command draws: a recipe as data, and the function from recipe to sketches."""
