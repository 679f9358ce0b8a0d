"""The one table of limits: code, tests and documents read the same figures.

Over a limit the answer is 413 or 422 before the rest is read, never after.
"""

MEGABYTE = 1_000_000

JSON_BODY_BYTES = 1 * MEGABYTE
JSON_DEPTH = 32
IDEMPOTENCY_KEY_CHARACTERS = 200
PAGE_ROWS = 200
PAGE_ROWS_DEFAULT = 50
# Rows of a list that a page gives as one spreadsheet.
SHEET_ROWS = 20_000

# Intake of filled checklists (OpenRosa).
SUBMISSION_BYTES = 120 * MEGABYTE
SUBMISSION_ANNOUNCED_BYTES = 10 * MEGABYTE
ATTACHMENT_BYTES = 100 * MEGABYTE
SUBMISSION_PARTS = 1_000
PART_HEADER_BYTES = 8_192
XML_BYTES = 5 * MEGABYTE
XML_DEPTH = 64
XML_ELEMENTS = 50_000

# The web form: what a device takes along, and one sealed part of a finished record.
FIELD_SITES = 5_000
FIELD_PART_BYTES = 25 * MEGABYTE

# Devices of auditors: how long a code that nobody scanned is good, how long a device is
# unless somebody says and at most, and how long a nonce of Digest is.
DEVICE_UNUSED_HOURS = 72
DEVICE_DAYS = 400
DEVICE_DAYS_LONGEST = 1_100
DIGEST_NONCE_MINUTES = 30
# Visits: checklists of one assignment, days that what was visited stays on the device,
# and sites in the list of an auditor to whom none was assigned.
ASSIGNED_CHECKLISTS = 20
ASSIGNMENT_DAYS_KEPT = 60
UNASSIGNED_SITES = 5_000

# What is made of attachments to be looked at.
DERIVED_FROM_BYTES = 40 * MEGABYTE
PICTURE_PIXELS = 40 * MEGABYTE
DERIVATIVE_SIDE_PIXELS = 1_600

# Visits made with other tools, imported from their exports.
VISIT_IMPORT_BYTES = 50 * MEGABYTE
VISIT_IMPORT_UNPACKED_BYTES = 200 * MEGABYTE
VISIT_IMPORT_UNPACKED_RATIO = 100
VISIT_IMPORT_VISITS = 5_000
VISIT_IMPORT_VALUES = 5_000_000
VISITS_AT_ONCE = 100

# Checklists uploaded as workbooks.
WORKBOOK_BYTES = 20 * MEGABYTE
WORKBOOK_UNPACKED_BYTES = 100 * MEGABYTE
WORKBOOK_UNPACKED_RATIO = 100
VALIDATION_CHARACTERS = 4_000

# Lists of sites to be imported. Cells are those of the rectangle a sheet reaches over.
IMPORT_BYTES = 50 * MEGABYTE
IMPORT_UNPACKED_BYTES = 400 * MEGABYTE
IMPORT_ROWS = 100_000
IMPORT_COLUMNS = 200
IMPORT_CELLS = 5_000_000
LARGEST_ROW_NUMBER = 2_000_000_000
IMPORT_CELL_CHARACTERS = 5_000
IMPORT_HEADING_CHARACTERS = 200

# Public lists: what is read at once, and what one report tells of single rows.
PUBLIC_LIST_BYTES = 20 * MEGABYTE
PUBLIC_LIST_ROWS = 50_000
PUBLIC_LIST_REPORTED = 1_000
PUBLIC_LIST_XML_DEPTH = 16

# Consent to see another organisation's risk or scorecards.
CONSENT_DAYS = 1_100
CONSENT_SITES = 200

# Risk: identifiers of one question, the bytes they may take, and texts of each.
RISK_NAMES = 5_000
RISK_QUERY_BYTES = 2 * MEGABYTE
RISK_NAME_CHARACTERS = 100

# Remedies and commitments: people of one line of the ledger, instalments of one loan,
# a promise's basis points and days, findings it helps with, and a note about a step.
LEDGER_PEOPLE = 1_000_000
LOAN_MONTHS = 120
BASIS_POINTS = 10_000
COMMITMENT_DAYS = 3_650
COMMITMENT_FINDINGS = 50
NOTE_CHARACTERS = 2_000

# Editions of the rule book uploaded as a zip; the packaged one has 0.6 MB in 220 files.
BOOK_BYTES = 10 * MEGABYTE
BOOK_UNPACKED_BYTES = 30 * MEGABYTE
BOOK_UNPACKED_RATIO = 100
BOOK_FILES = 5_000

# Sign-in: 19 MiB of memory and one of two slots for each password that is checked.
SIGN_IN_QUEUE = 16
SESSION_HOURS = 12
SESSION_IDLE_MINUTES = 60
USE_NOTED_SECONDS = 60

# Failed sign-ins. The first few are free; each further one doubles the wait, up to the
# longest, and nobody is kept out for good. A counter lasts for a day from its first.
FREE_SIGN_INS = 5  # of one account from one address
FREE_SIGN_INS_OF_ACCOUNT = 100  # from anywhere (NIST SP 800-63B-4, 3.2.2)
FREE_SIGN_INS_FROM_ADDRESS = 50  # into any account
LONGEST_SIGN_IN_WAIT_SECONDS = 900
SIGN_IN_COUNTER_HOURS = 24

# Rates: credentials and addresses that are told apart, how many seconds' worth an
# address may send at once, and as how many a question about thousands of sites counts.
RATE_BUCKETS = 50_000
ADDRESS_SECONDS_AT_ONCE = 20
RISK_QUERY_REQUESTS = 25

# Links that are shown once, and access tokens.
INVITATION_DAYS = 7
PASSWORD_LINK_HOURS = 24
TOKEN_SECONDS = 3600
TOKEN_CHARACTERS = 4_096
VERIFIED_TOKENS = 10_000

# What people write about a finding or a corrective action, and the proofs of one.
STATEMENT_CHARACTERS = 4_000
PROOF_BYTES = 20 * MEGABYTE
PROOFS_OF_ACTION = 50
ACTIONS_OF_FINDING = 50

# The register: positions of a plot, and keys that one statement is bound to.
PLOT_POSITIONS = 5_000
KEYS_AT_ONCE = 10_000

# Background work. A lease is what a dead worker's job waits before another takes it.
JOB_LEASE_SECONDS = 15.0
JOB_ATTEMPTS = 10
JOB_BACKOFF_SECONDS = 2
JOB_BACKOFF_LONGEST_SECONDS = 3_600
JOB_DAYS_KEPT = 30
WORKER_THREADS = 64

# Alerts on their way out: how long one attempt may take, after how many seconds it is
# made again, after how many failures in a row a receiver is left alone and how long.
ALERT_SECONDS = 10.0
ALERT_WAITS_SECONDS = (5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400)
ALERT_FAILURES_IN_A_ROW = 3
ALERT_REST_SECONDS = 30
ALERT_REST_LONGEST_SECONDS = 3_600
ALERT_RECEIVERS = 50
# How many alerts are sent again at a time, and how long a former secret still signs.
ALERT_REPLAY = 500
ALERT_FORMER_HOURS = 24

# Status lists of scorecards: for how many seconds one that was signed may be given
# again, and for how many the issuer's keys may be kept.
STATUS_LIST_SECONDS = 5
ISSUER_KEYS_SECONDS = 300

# Streams of events, in each process.
STREAMS = 32
STREAM_SECONDS = 900

# The trail: how often it is sealed, how much of one organisation's at once, heads
# shown to one place at once, and what a witness may answer.
TRAIL_SEAL_MINUTES = 10
TRAIL_ENTRIES_AT_ONCE = 50_000
TRAIL_HEADS_AT_ONCE = 200
TRAIL_WITNESS_SECONDS = 10
TRAIL_RECEIPT_BYTES = 64_000

# The largest number that an integer column of either database holds.
LARGEST_NUMBER = 2_147_483_647
