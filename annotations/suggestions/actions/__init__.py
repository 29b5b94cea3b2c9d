"""Every write to pipelines and runs. One verb a file; keyword-only; atomic."""
