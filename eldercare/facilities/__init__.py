"""设施 facilities: townships, villages, facilities of five types, licences, rooms and beds as places.

Owns: townships, villages, facilities, facility_service_townships, licences, rooms, beds.
Words: 镇街 township · 村居 village · 养老机构 institution · 证照 licence · 床位 bed.
Floor 1: knows core alone.
"""
