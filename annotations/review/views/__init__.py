"""The article list, the article page and its forms: one domain call, then render."""
