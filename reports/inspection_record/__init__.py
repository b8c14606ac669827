"""现场检查记录 inspection record."""
