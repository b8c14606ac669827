"""`flask inspections …`: the group; each part of inspections hangs its own commands in it."""

from flask.cli import AppGroup

cli = AppGroup("inspections", help="Visits, plans, double-random draws.")
