"""Running Goflow for real: processes, databases and outages of their own."""
