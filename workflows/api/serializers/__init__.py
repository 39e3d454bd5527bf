"""What is taken in (`Strict`) and given out, by subject."""
