"""Acts on routes: order a day, write its hours into the visits."""

from eldercare.inspections.routes.services.ordering import ask, order, take

__all__ = ["ask", "order", "take"]
