"""责令限期整改通知书 rectification order."""
