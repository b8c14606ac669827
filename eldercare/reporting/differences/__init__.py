"""版本差异 differences: what two editions of a report say differently, part by part, in words and numbers.

Owns: no table; it compares the sealed figures and words of two rows of `reports`.
Words: 版次 edition · 更正 correction · 增加 added · 删除 removed.
Floor 8, inside reporting: its doors stand below /reporting/<id>/differences/; a later issue's corrections ask here.
"""
