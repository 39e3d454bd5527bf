"""The engine's REST API: thin views over the engine's calls, one shape of error, one of page."""
