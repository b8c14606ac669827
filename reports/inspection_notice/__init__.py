"""检查通知书 inspection notice."""
