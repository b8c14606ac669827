"""村居 villages: the villages and residents' communities of a township, as the district names them.

Owns: villages (the table stands with the places).
Words: 村居 village · 村(居)委会 villagers' or residents' committee · 区划代码 twelve-digit code.
Floor 1, inside facilities.
"""
