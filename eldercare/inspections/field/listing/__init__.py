"""What goes to a tablet and what came from one, put into words."""

from eldercare.inspections.field.listing.left import Left, by_tablet
from eldercare.inspections.field.listing.packing import brief, package, window

__all__ = ["Left", "brief", "by_tablet", "package", "window"]
