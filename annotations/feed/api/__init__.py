"""The change feed and webhooks over REST."""
