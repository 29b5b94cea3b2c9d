"""What `make run` starts and keeps running: the database, the web server and the worker."""
