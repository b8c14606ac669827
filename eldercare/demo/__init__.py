"""演示 demo: a made-up district that is consistent with itself over eighteen months.

Owns: no table; `flask demo load` fills the others' tables once, while the register is empty.
Words: 演示数据 demo data · 种子 seed. Nobody's name, number or address in it belongs to anyone.
Floor 9, above all: it knows every table, and nobody imports it.
"""
