"""A Django app that only the processes under test install: handlers that misbehave."""
