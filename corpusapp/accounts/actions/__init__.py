"""All writes to users and tokens. Actions are keyword-only and atomic."""
