"""整改复查记录 recheck record."""
