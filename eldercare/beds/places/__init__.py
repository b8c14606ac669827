"""床位设置 places: buildings, floors, rooms and beds as places.

Owns: what may be done to rooms, beds (the tables are facilities').
Words: 楼栋 building · 房间 room · 床位 bed · 启用 put into use · 停用 take out of use · 注销 retire.
Floor 4: whether somebody sleeps in a bed decides what may be done to it.
"""
