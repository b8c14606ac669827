"""核心 core: what every feature stands on: walls, audit, runs, forms, lists, secrets.

Owns: no feature's data; only the audit log and the Runs.
Floor 0: imports no feature, ever.
"""
