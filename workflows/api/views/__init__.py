"""The views: check what came, call the engine once, show the result."""
