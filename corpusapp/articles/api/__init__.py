"""The corpus over REST. What shows spans beside its articles stands in the review's API."""
