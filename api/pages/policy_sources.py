"""Where the product's own policies come from, as texts of the catalogue.

A source is data of a policy and travels with it; of what ships, pages tell it in the
reader's language. What somebody else decided is told as they wrote it.
"""

from compliance.texts import N_

SOURCES = (
    N_(
        "Atalaya product policies: corrective action due, red-flag clock; November 2026"
    ),
    N_(
        "Atalaya product policies: corrective action, extension, verification; "
        "November 2026"
    ),
    N_(
        "Atalaya scorecard guide, section 2 (grade) and 2.3 (gates), edition of "
        "November 2026"
    ),
    N_(
        "Atalaya risk formula, edition of November 2026 (docs/risk.md); bands "
        "of working children after the advice kept with the data of ILAB's "
        "findings of 2022"
    ),
    N_(
        "Atalaya product policies: group sample, November 2026. Bounds of size "
        "are the product's own: coffee farms below 2 and 5 ha, oil palm below "
        "10 and 50 ha, the last being the usual bound of a smallholder"
    ),
    N_(
        "Atalaya product policies: interviews per site, November 2026. Beyond "
        "2000 workers the product goes on by the step between the last two rows "
        "for each further 1000 begun"
    ),
    N_("The product's own default, for auditors who are days without a signal."),
    N_("The product's own default, to be decided by each programme for its auditors."),
    N_("The product's own default, two weeks as audit schemes commonly give."),
    N_(
        "Atalaya product policies: worker loans and advances (repayment at most "
        "10 % of the monthly wage, done within 6 months; recruitment fees 0; "
        "documents back at once on demand); days as of a corrective action of "
        "the same weight; November 2026"
    ),
    N_(
        "Atalaya product policies: small counts suppressed below 5, with "
        "complementary suppression; November 2026"
    ),
    N_(
        "Product default: a red flag is acknowledged in 24 hours and its "
        "referral decided in 72, both from the time of observation; other "
        "warnings leave a working week."
    ),
    N_(
        "Product default: zero tolerance within minutes to administrators and "
        "reviewers of the keeper, never to who operates the site; answers and "
        "decisions to whom they bind; what becomes of a scorecard or of a risk "
        "to those who may see it by consent."
    ),
    N_(
        "Atalaya product policies: integrity signals, tuned on planted fraud "
        "(docs/integrity.md); November 2026"
    ),
    N_(
        "Product default: a match is decided within three days and a proposed "
        "suspension within two more, by another person; a ban on imports, a "
        "register of employers and a decision of an authority suspend, a list "
        "of one's own is noted."
    ),
)
