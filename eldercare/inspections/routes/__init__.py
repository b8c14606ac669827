"""路线 routes: in which order a day's visits are made, all teams together.

Owns: no tables; an order is the result of a Run, the hours it gives stand in the visits.
Words: 当日路线 route of the day · 结伴 team · 午休 break · 出发点 bureau.
Floor 7, part of inspections: reads visits and places, writes the hours of visits through their services.
"""
