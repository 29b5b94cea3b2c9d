"""Pages of imports, originals and near copies."""
