"""The one table of limits: code, tests and documents read the same figures.

Over a limit the answer is 413 or 422 before the rest is read, never after.
"""

MEGABYTE = 1_000_000

JSON_BODY_BYTES = 1 * MEGABYTE
JSON_DEPTH = 32
IDEMPOTENCY_KEY_CHARACTERS = 200
PAGE_ROWS = 200
PAGE_ROWS_DEFAULT = 50

# Intake of filled checklists (OpenRosa).
SUBMISSION_BYTES = 120 * MEGABYTE
SUBMISSION_ANNOUNCED_BYTES = 10 * MEGABYTE
ATTACHMENT_BYTES = 100 * MEGABYTE
SUBMISSION_PARTS = 1_000
PART_HEADER_BYTES = 8_192
XML_BYTES = 5 * MEGABYTE
XML_DEPTH = 64
XML_ELEMENTS = 50_000

# Checklists uploaded as workbooks.
WORKBOOK_BYTES = 20 * MEGABYTE
WORKBOOK_UNPACKED_BYTES = 100 * MEGABYTE
WORKBOOK_UNPACKED_RATIO = 100

# Sign-in: 19 MiB of memory and one of two slots for each password that is checked.
SIGN_IN_QUEUE = 16
SESSION_HOURS = 12
