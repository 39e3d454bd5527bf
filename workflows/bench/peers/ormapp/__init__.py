"""What one writes without an engine: a request with django-fsm, its tasks and a log, on the ORM."""
