"""The user's own account, tokens and shortcuts over REST; for superusers, all accounts."""
