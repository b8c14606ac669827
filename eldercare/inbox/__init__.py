"""提醒 inbox: what a person has to do and should know, on the page and by mail.

Owns: mails, mail_addresses (alerts are core's: every feature tells its own).
Words: 待办 to do · 待阅 to know · 升级提醒 step up · 邮件提醒 mail.
Floor 8: reads everything; nobody imports it.
"""
