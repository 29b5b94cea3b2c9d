"""Articles with their spans, decisions and labels over REST. A view makes one domain call, then renders its result."""
