"""What the REST APIs of all apps share: strict JSON, strict values, pages, the schema. Knows no app."""
