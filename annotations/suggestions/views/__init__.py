"""The pages of imports, runs and pipelines."""
