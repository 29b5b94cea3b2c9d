"""The processes of an installation: the supervisor of `make run`, and the worker."""
