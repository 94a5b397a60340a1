"""What files need to know of each other: plain data, a function of one file's text alone."""
