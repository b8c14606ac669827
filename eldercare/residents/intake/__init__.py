"""Excel 导入 intake: lists of older people from bureaus become records of the register.

Owns: recognising a list (`words.yaml`), checking its rows, the preview, the one transaction, the refused rows.
Words: 导入 intake · 预览 preview · 确认 confirm · 退回 refused row.
Floor 3, inside residents.
"""
