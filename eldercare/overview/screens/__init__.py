"""大屏 screens: the cockpit on a wall: figures, map, what is overdue; connected by a code, seen without signing in.

Owns: wall_screens.
Words: 大屏 wall screen · 连接码 code · 断开 disconnect.
Floor 8, inside overview.
"""
