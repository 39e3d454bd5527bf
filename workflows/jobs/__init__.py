"""Work that leaves the process: jobs are rows, and a worker takes, runs and ends them."""
