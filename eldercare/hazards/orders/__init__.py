"""责令限期整改通知书 orders: the paper that orders hazards of one place to be put right, its service, its withdrawal.

Owns: rectification_orders, rectification_order_items, rectification_receipts.
Words: 责令限期整改通知书 rectification order · 送达回证 service receipt · 留置送达 left at the place.
Floor 5, inside hazards.
"""
