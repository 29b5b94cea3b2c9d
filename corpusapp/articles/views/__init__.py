"""Imports, originals and near copies by the browser: one domain call, then render."""
