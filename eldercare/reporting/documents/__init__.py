"""可编辑文稿 documents: a report's words and tables as a Word document, for offices that go on writing.

Owns: no table; a document is made by a job from a report's sealed figures and goes when its time is over.
Words: Word 稿 document (DOCX) · 以电子签章的 PDF 为准 the sealed PDF prevails.
Floor 8, inside reporting; the only package that writes DOCX.
"""
