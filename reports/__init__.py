"""Reports as paper, one folder each; found by name, imported by nothing."""
