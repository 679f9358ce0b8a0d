"""What was asked, and what was answered: checklists, visits, submissions, assessments."""
