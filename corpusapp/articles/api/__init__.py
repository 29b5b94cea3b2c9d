"""REST API of corpora, imports, originals, near copies and zones. Articles with spans are in the API of `review`."""
