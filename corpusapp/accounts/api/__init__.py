"""One's own account, tokens and keys over REST; for superusers, the accounts of all."""
