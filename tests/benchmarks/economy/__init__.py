"""A simulated editor who brings articles to their gold, and what that costs in actions."""
