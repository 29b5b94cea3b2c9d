"""The pages of imports, runs and models."""
