"""The real processes under test: databases, brokers, web server, workers."""
