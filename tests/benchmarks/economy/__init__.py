"""A simulated editor who corrects articles to their gold, and the actions that this costs."""
