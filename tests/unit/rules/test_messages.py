"""Every mistake an author can make is told with its file, line, column and remedy."""

from pathlib import Path

import pytest

from rules.mistakes import BookRejected
from rules.reading import read_book
from tests.unit.rules.small_books import FILES, mistakes_of, rule_file, write_book

HERE = "forced_labour/tested.yaml"

LINES = [
    # Names.
    ("documents_hold", "7:3: no fact 'documents_hold' of the audit. Did you mean 'documents_held'?"),
    ("some children: agee > 3", "7:18: no field 'agee' on children. Did you mean 'age'?"),
    ("hours > 3", "7:3: 'hours' belongs to each of children. Put it under 'some children:' / 'every children:'."),
    ("age > 3", "7:3: 'age' belongs to each of children and of workers. Put it under 'some children:' / 'every children:' / 'some workers:' / 'every workers:'."),
    ("light_work", "7:3: 'light_work' belongs to each of children. Put it under 'some children:' / 'every children:'."),
    ("children.age > 3", "7:3: 'children.age' cannot be written here. Put it under 'some children:' and write 'age'."),
    ("some children: children.works", "7:18: 'children.works' cannot be written here. Write 'works'."),
    ("some children: documents_held", "7:18: no field 'documents_held' on children. It is a fact of the audit: write 'audit.documents_held'."),
    ("some children: audit.wages", "7:18: no fact 'wages' of the audit. Did you mean 'wage'?"),
    ("site.wage > 3", "7:3: 'site.wage' cannot be written here. A name is a fact, 'audit.fact' or 'law.parameter'."),
    ("normal_time > law.wek_limit", "7:17: no legal parameter 'wek_limit'. Did you mean 'week_limit'?"),
    ("documents_held(wage)", "7:3: only 'law.' takes an argument. Write 'documents_held' without brackets."),
    # Options.
    ("exit_from_housing = fre", "7:23: 'fre' is not an option of 'exit_from_housing'. Did you mean 'free'?"),
    ("exit_from_housing is one of [free, locked]", "7:38: 'locked' is not an option of 'exit_from_housing'. Known: free, permission_needed."),
    ("protection_given has any of [gloves, helmet]", "7:40: 'helmet' is not an option of 'protection_given'. Known: boots, gloves, mask."),
    ("protection_given has any of [gloves, gloves]", "7:40: 'gloves' stands twice. Keep one."),
    ("exit_from_housing = 3", "7:23: 'exit_from_housing' is compared with one of its options. Known: free, permission_needed."),
    # Types.
    ("wage", "7:3: 'wage' is a number, not a yes-or-no fact. Compare it: < <= > >= = !=."),
    ("not exit_from_housing", "7:7: 'exit_from_housing' is a choice, not a yes-or-no fact. Write 'fact = option' or 'fact is one of [a, b]'."),
    ("documents_held = true", "7:18: 'documents_held' is a yes-or-no fact; '=' does not fit it. Write it alone, or with 'not' before it."),
    ("protection_given = gloves", "7:20: 'protection_given' is a choice of several; '=' does not fit it. Write 'fact has any of [a, b]'."),
    ("exit_from_housing > free", "7:21: 'exit_from_housing' is a choice; '>' does not fit it. Write 'fact = option' or 'fact is one of [a, b]'."),
    ("exit_from_housing has any of [free]", "7:3: 'exit_from_housing' is a choice. Write 'fact = option' or 'fact is one of [a, b]'."),
    ("protection_given is one of [mask]", "7:3: 'protection_given' is a choice of several. Write 'fact has any of [a, b]'."),
    ("contract_signed > 3", "7:19: 'contract_signed' is a day, but 3 is a number. Compare like with like."),
    ("wage > law.permit_needed", "7:8: 'wage' is a number, but 'law.permit_needed' is a yes-or-no fact. Compare like with like."),
    ("law.minimum_age", "7:3: 'law.minimum_age' is a number. Compare it."),
    ("law.minimum_age is missing", "7:3: is missing asks for a fact, not for law. Name a fact; where there is no law, the outcome is open by itself."),
    ("some children: light_work is missing", "7:18: 'light_work' is a derived condition; is missing asks for a fact. Write the derived condition alone."),
    ("some children: light_work = 3", "7:18: 'light_work' is true or false. Write it alone, or with 'not' before it."),
    ("wage + documents_held > 3", "7:10: 'documents_held' is a yes-or-no fact; nothing can be calculated with it. Calculate with numbers."),
    ("days(wage, work_began) > 3", "7:8: 'wage' is a number. Name a day."),
    ("contract_signed > 2026-02-30", "7:21: there is no day 2026-02-30. Check the calendar."),
    # Units.
    ("normal_time > daily_time", "7:15: 'normal_time' is in minutes/week, but 'daily_time' is in minutes/day. Compare like with like."),
    ("normal_time > 48 hours/day", "7:15: 'normal_time' is in minutes/week, but 48 hours/day is in minutes/day. Compare like with like."),
    ("normal_time > 48 hour", "7:20: 'hour' is not a unit. Units: years, months, days, weeks, days/week, days/month, days/year, minutes, hours, minutes/day, hours/day, minutes/week, hours/week, minutes/month, hours/month, minutes/year, hours/year, minute of day, grams, kilograms, kg, people, money, money/day, money/week, money/month, percent, number."),
    ("normal_time > 0.33 hours/week", "7:17: 0.33 is no whole number of minutes/week. Use whole numbers."),
    ("normal_time > 48.5", "7:17: 48.5 is no whole number of a plain number. Use whole numbers."),
    ("wage + normal_time > 3", "7:8: 'wage' is in money/month, but 'normal_time' is in minutes/week. Compare like with like."),
    ("normal_time > work_ends", "7:15: 'normal_time' is in minutes/week, but 'work_ends' is in minute of day. Compare like with like."),
    ("normal_time > law.minimum_age", "7:15: 'normal_time' is in minutes/week, but 'law.minimum_age' is in years. Compare like with like."),
    # Ranges.
    ("normal_time > 200 hours/week", "7:15: this is never true: 'normal_time' is between 0 and 10080 minutes/week. Check the number and its unit."),
    ("normal_time >= 0", "7:15: this is always true: 'normal_time' is between 0 and 10080 minutes/week. Check the number and its unit."),
    ("wage * 50000000 + deductions * 50000000 > 3", "7:19: '+' can reach 1e+19, which does not fit 64 bits. Narrow the ranges of the facts."),
    ("3 - wage * 90000000 - deductions * 90000000 > 3", "7:23: '-' can reach 1.8e+19, which does not fit 64 bits. Narrow the ranges of the facts."),
    ("wage * deductions > 3", "7:8: '*' can reach 1e+22, which does not fit 64 bits. Narrow the ranges of the facts."),
    ("wage > 9007199254740993", "7:10: 9007199254740993 is too large. At most 9007199254740991."),
    # Age.
    ("normal_time > law.week_limit", "7:17: 'law.week_limit' goes by age. Say whose age: law.week_limit(age)."),
    ("some children: hours > law.week_limit(hours)", "7:41: 'hours' is no age. The argument is a fact in years."),
    ("some children: age < law.minimum_age(age)", "7:40: 'law.minimum_age' does not depend on age. Write 'law.minimum_age'."),
    # The line itself.
    ("documents_held and not documents_held", "7:18: one comparison to a line. Use 'all:' or 'any:' instead of 'and'."),
    ("documents_held or documents_held", "7:18: one comparison to a line. Use 'all:' or 'any:' instead of 'or'."),
    ("3 < normal_time < 5", "7:19: there are two comparisons on this line. Give each a line of its own under 'all:'."),
    ("not normal_time > 3", "7:7: 'not' stands before a yes-or-no fact alone. Turn the comparison round, or write 'not:' on a line above."),
    ("wage / deductions > 3", "7:8: there is no division. Multiply the other side: 'a * 100 > b * 30' for 'a / b > 30 %'."),
    ("normal_time == 3", "7:15: '==' is not an operator. Write '='."),
    ("normal_time ≥ 3", "7:15: '≥' is not an operator. Write '>='."),
    ("normal_time >", "7:16: the end of the line does not fit here. A line is a fact, 'not' and a fact, or one comparison."),
    ("normal_time wage", "7:15: 'wage' does not fit here. A line is a fact, 'not' and a fact, or one comparison."),
    ("3", "7:4: a number alone is no condition. Compare it: < <= > >= = !=."),
    ("exit_from_housing is free", "7:21: 'is' cannot be followed by 'free'. Write 'is missing', 'is one of [a, b]' or 'has any of [a, b]'."),
    ("protection_given has gloves", "7:20: 'has' cannot be followed by 'gloves'. Write 'is missing', 'is one of [a, b]' or 'has any of [a, b]'."),
    ("exit_from_housing is one of free", "7:31: '[' is expected, not 'free'. A list of options stands in brackets: [a, b]."),
    ("exit_from_housing is one of [free", "7:36: ']' is expected, not 'the end of the line'. Close the list of options with ']'."),
    ("days(contract_signed) > 3", "7:23: ',' is expected, not ')'. Write days(from_day, to_day)."),
    ('"wage >"', "7:10: the end of the line does not fit here. A line is a fact, 'not' and a fact, or one comparison."),
    ("wage > 3; deductions > 3", "7:11: ';' does not fit here. A line is a fact, 'not' and a fact, or one comparison."),
    # Structure.
    ("- documents_held", "7:3: a list must say how its lines are joined. Put 'all:', 'any:' or 'none:' before it."),
    ("al: [documents_held]", "7:3: 'al' is not a word of conditions. Did you mean 'all'?"),
    ("all: documents_held", "7:8: 'all:' must be a list. Begin each item with '- '."),
    ("all: []", "7:8: 'all:' has no lines. Say what it joins."),
    ("unless: documents_held", "7:3: 'unless' needs something it is an exception to. Put 'all:' or 'any:' beside it, or write 'not:'."),
    ("some childs: works", "7:3: 'some' goes over a roster; 'childs' is none. Did you mean 'children'?"),
    ("every children: {all: [works]}", "7:3: 'every' is true for an empty roster. Say 'if_empty: clear' or 'if_empty: flag'."),
    ("every children: works", "7:3: 'every' is true for an empty roster. Say 'if_empty: clear' or 'if_empty: flag'."),
    ("every children: {all: [works], if_empty: clean}", "7:44: 'if_empty' must be 'clear' or 'flag'. Did you mean 'clear'?"),
    ("count children: {where: works}", "7:3: 'count' needs a number. Add one of: at_least, at_most, more_than, fewer_than."),
    ("count children: {where: works, at_least: two}", "7:44: 'at_least' must be a whole number of people. Write 'at_least: 2'."),
    ("count children: {at_least: 2}", "7:19: 'count' needs 'where'. Add it."),
    ("count children: {where: works, at_lest: 2, at_least: 2}", "7:34: 'count' has no 'at_lest'. Did you mean 'at_least'?"),
    ("some children: {some workers: paid_late}", "7:19: a roster inside 'children' cannot be told to a reader. Name the inner part as a derived condition of the audit, and say 'audit.name'."),
    ("{}", "7:3: a condition is empty. Say when it holds."),
    ('""', "7:4: a condition is empty. Say when it holds."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "told"), LINES, ids=[line for line, _ in LINES])
def test_a_mistake_in_a_line_is_told(line: str, told: str, tmp_path: Path) -> None:
    mistakes = mistakes_of(tmp_path, rule_file(line))

    assert mistakes == [f"{HERE}:{told}"]


def changed(file: str, old: str, new: str) -> dict[str, str | None]:
    """Return the small book's file with one piece of text changed."""
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new, 1)}


SITE, LAW = "facts/site.yaml", "parameters/minimum_age.yaml"
RULE = "child_labour/minimum_age.yaml"
ROW = "  - {country: CO, sector: all, from: 2007-05-08, to: null, value: 15, confidence: verified,\n"

FILE_MISTAKES = [
    # YAML itself.
    ((SITE, "facts:", "facts: &all"), "facts/site.yaml:1:8: an anchor (&) is not allowed. Write it out twice."),
    ((SITE, "type: yes_no", "type: *all"), "facts/site.yaml:4:11: an alias (*) is not allowed. Write it out again."),
    ((SITE, "type: yes_no", "type: !!str yes_no"), "facts/site.yaml:4:11: a tag (!) is not allowed. Remove it."),
    ((SITE, "type: yes_no", "type: yes_no\n    type: day"), "facts/site.yaml:5:5: 'type' stands twice; the first is on line 4. Keep one of them."),
    # Facts.
    ((SITE, "type: yes_no", "type: yesno"), "facts/site.yaml:4:11: 'yesno' is not a type of fact. Did you mean 'yes_no'?"),
    ((SITE, "type: yes_no", "typ: yes_no\n    type: yes_no"), "facts/site.yaml:4:5: the fact 'documents_held' has no 'typ'. Did you mean 'type'?"),
    ((SITE, "    type: yes_no\n", ""), "facts/site.yaml:3:5: the fact 'documents_held' needs 'type'. Add it."),
    ((SITE, ", es: salario del mes", ""), "facts/site.yaml:6:12: the title of 'wage' has no translation 'es'. Add it."),
    ((SITE, "{en: wage of a month, es: salario del mes}", "wage"), "facts/site.yaml:6:12: the title of 'wage' must be told in every language. Write {en: …, es: …}."),
    ((SITE, "es: salario del mes", 'es: ""'), "facts/site.yaml:6:38: the title of 'wage' (es) must be a text. Write it out."),
    ((SITE, "unit: money/month", "unit: money/moth"), "facts/site.yaml:8:11: 'money/moth' is not a unit. Did you mean 'money/month'?"),
    ((SITE, "unit: minutes/week", "unit: hours/week"), "facts/site.yaml:18:11: numbers are kept in minutes/week, not in hours/week. Write 'minutes/week'."),
    ((SITE, "    unit: money/month\n", ""), "facts/site.yaml:6:5: the fact 'wage' is integer and needs 'unit'. Add it."),
    ((SITE, "range: [0, 1439]", "range: [1439, 0]"), "facts/site.yaml:29:12: the range of the fact 'work_ends' must be its lowest and its highest number. Write range: [0, 120]."),
    ((SITE, "range: [0, 1439]", "range: [0, night]"), "facts/site.yaml:29:16: the range of the fact 'work_ends': 'night' is not a number. Write it in minute of day."),
    ((SITE, "type: yes_no", "type: yes_no\n    unit: days"), "facts/site.yaml:5:5: the fact 'documents_held' is yes_no; 'unit' does not fit it. Remove it."),
    ((SITE, "  documents_held:", "  Documents:\n    title: {en: a, es: b}\n    type: yes_no\n  documents_held:"), "facts/site.yaml:2:3: 'Documents' cannot name a fact. Use small letters, digits and single underscores: hours_per_week."),
    ((SITE, "  documents_held:", "  missing:\n    title: {en: a, es: b}\n    type: yes_no\n  documents_held:"), "facts/site.yaml:2:3: 'missing' is a word of the language. Rename."),
    # Derived conditions.
    (("derived/children.yaml", "roster: children", "roster: childs"), "derived/children.yaml:1:9: 'childs' is not a roster. Did you mean 'children'?"),
    (("derived/children.yaml", "  light_work:", "  works:"), "derived/children.yaml:3:3: 'children.works' is already a fact. Rename it."),
    (("derived/children.yaml", "age >= 12", "light_work"), "derived/children.yaml:6:13: 'children.light_work' rests on itself: children.light_work → children.light_work. Take one of them out of the circle."),
    # Legal values.
    ((LAW, "stricter: higher", "stricter: upwards"), "parameters/minimum_age.yaml:4:11: 'upwards' is not a direction. Known: false, higher, lower, true."),
    ((LAW, "stricter: higher", 'stricter: "true"'), "parameters/minimum_age.yaml:4:11: 'true' does not fit a parameter that is integer. Write 'higher' or 'lower'."),
    ((LAW, "type: integer", "type: choice"), "parameters/minimum_age.yaml:2:7: the parameter 'minimum_age' cannot be choice. A legal value is an integer or yes_no."),
    ((LAW, "unit: years\n", ""), "parameters/minimum_age.yaml:1:1: the parameter 'minimum_age' is an integer and needs 'unit'. Add it."),
    ((LAW, "country: CO", "country: Colombia"), "parameters/minimum_age.yaml:6:15: a country must be two capital letters. Write CO for Colombia."),
    ((LAW, "sector: all", "sector: farms"), "parameters/minimum_age.yaml:6:27: 'farms' is not a sector. Known: agriculture, all, industry."),
    ((LAW, "2007-05-08", "2007-13-08"), "parameters/minimum_age.yaml:6:38: 'from': there is no day 2007-13-08. Check the calendar."),
    ((LAW, "2007-05-08", "May 2007"), "parameters/minimum_age.yaml:6:38: 'from' must be a day. Write it as 2026-11-03."),
    ((LAW, "to: null", "to: 2007-05-07"), "parameters/minimum_age.yaml:6:54: 'to' lies before 'from'. 'to' is the last day in force."),
    ((LAW, "value: 15", "value: fifteen"), "parameters/minimum_age.yaml:6:67: the value: 'fifteen' is not a number. Write it in years."),
    ((LAW, "value: 15", "value: 15, unit: months"), "parameters/minimum_age.yaml:6:67: the value: months cannot be read as years. Write it in years."),
    ((LAW, "value: 15", "value: 15, unit: year"), "parameters/minimum_age.yaml:6:67: the value: 'year' is not a unit. Write it in years."),
    ((LAW, "value: 15", "value: 15, age_from: 3"), "parameters/minimum_age.yaml:6:71: 'age_from' needs 'by_age: true' on the parameter. Add it, or remove 'age_from'."),
    ((LAW, "confidence: verified", "confidence: sure"), "parameters/minimum_age.yaml:6:83: 'sure' is not a confidence. Known: disputed, partly_verified, ratification_verified_date_unverified, unverified, verified, verified_by_secondary_source, verified_press, verified_year_only."),
    ((LAW, "confidence: verified", "confidence: disputed"), "parameters/minimum_age.yaml:6:5: a disputed value stands alone. Add the other readings as rows of the same country and period."),
    ((LAW, "LAW_35", "LAW_36"), "parameters/minimum_age.yaml:7:49: the source 'LAW_36' is not in sources.yaml. Did you mean 'LAW_35'?"),
    ((LAW, ROW, "  - {country: CO, sector: all, from: null, to: 2007-05-08, value: 14, cites: a, confidence: verified}\n" + ROW), "parameters/minimum_age.yaml:7:5: this value for CO (all) overlaps in time with line 6. End the earlier one the day before, or mark both 'confidence: disputed'."),
    (("parameters/week_limit.yaml", "age_below: 17", "age_below: 15"), "parameters/week_limit.yaml:7:79: 'age_below' must be above 'age_from'. 'age_below' is the first age it no longer holds for."),
    (("parameters/permit_needed.yaml", "value: true", "value: NO"), "parameters/permit_needed.yaml:5:61: the value must be true or false. Write true or false: YES is a text here, and NO is Norway."),
    (("parameters/permit_needed.yaml", "country: CO", "country: no"), "parameters/permit_needed.yaml:5:15: a country must be two capital letters. Write CO for Colombia."),
    (("parameters/permit_needed.yaml", "value: true", "value: yes"), "parameters/permit_needed.yaml:5:61: the value must be true or false. Write true or false: YES is a text here, and NO is Norway."),
    ((LAW, "cites: Ley 1098 de 2006 art. 35", "note: from memory, cites: Ley 1098 de 2006 art. 35"), "parameters/minimum_age.yaml:7:12: the note must be told in every language. Write {en: …, es: …}."),
    ((LAW, "values:", "gaps: [{country: PE, why: {en: a, es: b}}]\nvalues:"), "parameters/minimum_age.yaml:5:9: a gap has no 'country'. Did you mean 'countries'?"),
    ((LAW, "values:", "gaps: [{countries: [PE], why: {en: a}}]\nvalues:"), "parameters/minimum_age.yaml:5:31: the reason of a gap has no translation 'es'. Add it."),
    ((LAW, "values:", "gaps: [{countries: [PE, PE], why: {en: a, es: b}}]\nvalues:"), "parameters/minimum_age.yaml:5:25: the gap of PE is stated twice. Keep one."),
    # Registers.
    (("instruments.yaml", "kind: convention", "kind: treaty"), "instruments.yaml:3:9: 'treaty' is not a kind of instrument. Known: convention, guidance, law, standard."),
    (("sources.yaml", "read: article read", "read: page, url: ftp://x"), "sources.yaml:1:73: 'ftp://x' is no web address. Use https://…."),
    (("edition.yaml", "in_force: {from: 2026-01-01}", "in_force: {from: 2026-01-01, to: 2026-01-01}"), "edition.yaml:3:34: 'to' must lie after 'from'. 'to' is the first day it is no longer in force."),
    # Rules.
    ((RULE, "id: child_labour.minimum_age", "id: child_labour.min_age"), "child_labour/minimum_age.yaml:1:5: the id 'child_labour.min_age' does not say where the file is. Write 'id: child_labour.minimum_age', or move the file."),
    ((RULE, "severity: zero_tolerance", "severity: zero"), "child_labour/minimum_age.yaml:3:11: 'zero' is not a severity. Known: critical, major, minor, zero_tolerance."),
    ((RULE, "instrument: ILO C138", "instrument: ILO C183"), "child_labour/minimum_age.yaml:5:22: the instrument 'ILO C183' is not in instruments.yaml. Did you mean 'ILO C138'?"),
    ((RULE, '[{instrument: ILO C138, article: "2(3)"}]', "[]"), "child_labour/minimum_age.yaml:5:8: a rule must cite what it stands on. Add one."),
    ((RULE, "severity:", "indicator: debt_bondage\nseverity:"), "child_labour/minimum_age.yaml:3:12: there is no indicator 'debt_bondage'. There are none."),
    ((RULE, "severity:", "commodities: [cofee]\nseverity:"), "child_labour/minimum_age.yaml:3:15: 'cofee' is not a commodity. Did you mean 'coffee'?"),
    ((RULE, "severity:", "step: confirmed\nseverity:"), "child_labour/minimum_age.yaml:3:7: 'confirmed' is not a step. Known: indicator, suspected."),
    ((RULE, "remedy: {en: Protect the child first., es: Primero proteger al niño.}\n", ""), "child_labour/minimum_age.yaml:1:1: a rule needs 'remedy'. Add it."),
    # Examples.
    ((RULE, "{works: true, age: 16}", "{works: true, edad: 16}"), "child_labour/minimum_age.yaml:12:78: 'children[0].edad': no such fact. Known: age, hours, works."),
    ((RULE, "age: 16", "age: 61"), "child_labour/minimum_age.yaml:12:78: 'children[0].age': 61 is out of range. Send 0 to 17, in years."),
    ((RULE, "{works: true, age: 16}", "{works: yes, age: 16}"), "child_labour/minimum_age.yaml:12:65: 'children[0].works': cannot be the text 'yes'. Send true or false."),
    ((RULE, "hours: 20 hours/week", "hours: 20 hours/day"), "child_labour/minimum_age.yaml:15:40: 'children[0].hours': cannot be the text '20 hours/day'. Send a whole number."),
    ((RULE, "verdict: undetermined", "verdict: unknown"), "child_labour/minimum_age.yaml:17:15: 'unknown' is not a verdict. Known: conformity, non_conformity, not_applicable, undetermined."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"), FILE_MISTAKES, ids=[told for _, told in FILE_MISTAKES]
)
def test_a_mistake_in_a_file_is_told_first(
    change: tuple[str, str, str], told: str, tmp_path: Path
) -> None:
    mistakes = mistakes_of(tmp_path, changed(*change))

    assert told in mistakes


def test_bad_input_of_every_kind_is_told_in_one_run_each_with_its_remedy(
    tmp_path: Path,
) -> None:
    wrong = {
        "facts/twice.yaml": "facts:\n  a: {title: {en: a, es: a}, type: yes_no, type: day}\n",
        "facts/anchored.yaml": "facts: &all\n  b: {title: {en: b, es: b}, type: yes_no}\n",
        "facts/aliased.yaml": "facts: *all\n",
        "facts/tagged.yaml": "facts: !!map\n  c: {title: {en: c, es: c}, type: yes_no}\n",
        "facts/untitled.yaml": "facts:\n  d: {tilte: {en: d, es: d}, type: yes_no}\n",
        **changed("parameters/permit_needed.yaml", "value: true", "value: NO"),
        LAW: FILES[LAW]
        + "  - {country: CO, sector: all, from: 2010-01-01, to: null, value: 14, cites: a, confidence: verified}\n",
        "edition.yaml": FILES["edition.yaml"] + "countries: [CO, PE]\n",
        **rule_file(
            """\
all:
  - 3 < normal_time < 5
  - hours > 3
  - normal_time > 8 hours/day
  - some workers: paid_lat
  - every children: {all: [works]}
"""
        ),
    }

    assert mistakes_of(tmp_path, wrong) == [
        "child_labour/minimum_age.yaml:8:24: 'law.minimum_age' has neither a value nor a gap for PE, where this rule applies. Add values or 'gaps' in parameters/minimum_age.yaml, or limit 'countries'.",
        "facts/aliased.yaml:1:8: an alias (*) is not allowed. Write it out again.",
        "facts/anchored.yaml:1:8: an anchor (&) is not allowed. Write it out twice.",
        "facts/tagged.yaml:1:8: a tag (!) is not allowed. Remove it.",
        "facts/twice.yaml:2:44: 'type' stands twice; the first is on line 2. Keep one of them.",
        "facts/untitled.yaml:2:6: the fact 'd' needs 'title'. Add it.",
        "facts/untitled.yaml:2:7: the fact 'd' has no 'tilte'. Did you mean 'title'?",
        "forced_labour/tested.yaml:8:23: there are two comparisons on this line. Give each a line of its own under 'all:'.",
        "forced_labour/tested.yaml:9:7: 'hours' belongs to each of children. Put it under 'some children:' / 'every children:'.",
        "forced_labour/tested.yaml:10:19: 'normal_time' is in minutes/week, but 8 hours/day is in minutes/day. Compare like with like.",
        "forced_labour/tested.yaml:11:21: no field 'paid_lat' on workers. Did you mean 'paid_late'?",
        "forced_labour/tested.yaml:12:7: 'every' is true for an empty roster. Say 'if_empty: clear' or 'if_empty: flag'.",
        "parameters/minimum_age.yaml:8:5: this value for CO (all) overlaps in time with line 6. End the earlier one the day before, or mark both 'confidence: disputed'.",
        "parameters/permit_needed.yaml:5:61: the value must be true or false. Write true or false: YES is a text here, and NO is Norway.",
    ]  # fmt: skip


def test_norway_is_a_country_and_not_a_no(tmp_path: Path) -> None:
    norway = changed("parameters/permit_needed.yaml", "country: CO", "country: NO")
    edition = FILES["edition.yaml"] + "countries: [CO]\n"

    book = read_book(write_book(tmp_path, {**norway, "edition.yaml": edition}))

    assert [row.country for row in book.parameters["permit_needed"].values] == ["NO"]


def test_a_sound_book_is_read(tmp_path: Path) -> None:
    book = read_book(write_book(tmp_path))

    assert [rule.id for rule in book.rules] == ["child_labour.minimum_age"]


def test_all_mistakes_of_all_files_are_told_in_one_run(tmp_path: Path) -> None:
    mistakes = mistakes_of(
        tmp_path,
        {
            **changed(SITE, "type: yes_no", "type: yesno"),
            **changed(LAW, "value: 15", "value: fifteen"),
            **rule_file("all:\n  - wage > law.wages\n  - normal_tim > 3"),
        },
    )

    assert [mistake.partition(": ")[0] for mistake in mistakes] == [
        "facts/site.yaml:4:11",
        "forced_labour/tested.yaml:8:14",
        "forced_labour/tested.yaml:9:7",
        "parameters/minimum_age.yaml:6:67",
    ]


def test_a_rejected_book_tells_its_mistakes_as_text(tmp_path: Path) -> None:
    folder = write_book(tmp_path, changed(LAW, "value: 15", "value: fifteen"))

    with pytest.raises(
        BookRejected, match=r"minimum_age\.yaml:6:67: the value"
    ) as told:
        read_book(folder)

    assert [one.line for one in told.value.mistakes] == [6]


def test_law_must_be_known_or_a_stated_gap_wherever_a_rule_applies(
    tmp_path: Path,
) -> None:
    other = FILES["parameters/permit_needed.yaml"] + (
        "  - {country: PE, sector: all, from: null, to: null, value: true, "
        "confidence: verified, cites: a}\n"
    )

    mistakes = mistakes_of(tmp_path, {"parameters/permit_needed.yaml": other})

    assert mistakes == [
        (
            "child_labour/minimum_age.yaml:8:24: 'law.minimum_age' has neither a value nor "
            "a gap for PE, where this rule applies. Add values or 'gaps' in "
            "parameters/minimum_age.yaml, or limit 'countries'."
        )
    ]


def test_law_read_through_a_derived_condition_is_missed_at_its_name(
    tmp_path: Path,
) -> None:
    derived = FILES["derived/children.yaml"].replace(
        "age >= 12", "age < law.minimum_age"
    )
    edition = FILES["edition.yaml"] + "countries: [CO, PE]\n"
    rule = FILES[RULE].replace("works, age < law.minimum_age", "works")

    mistakes = mistakes_of(
        tmp_path,
        {"derived/children.yaml": derived, "edition.yaml": edition, RULE: rule},
    )

    assert [one.partition(" Add")[0] for one in mistakes] == [
        (
            "child_labour/minimum_age.yaml:9:13: 'law.minimum_age' has neither a value nor "
            "a gap for PE, where this rule applies."
        )
    ]


@pytest.mark.parametrize(
    "remedy",
    [
        {"parameters/minimum_age.yaml": FILES[LAW] + "gaps: [{countries: [PE], why: {en: unread, es: no leída}}]\n"},
        {RULE: FILES[RULE].replace("severity:", "countries: [CO]\nseverity:") + "  - {why: d, country: PE, day: 2024-05-01, verdict: not_applicable}\n"},
        {LAW: FILES[LAW] + '  - {country: "*", sector: all, from: null, to: null, value: 15, confidence: verified, cites: a}\n'},
    ],
    ids=["a gap", "a limit", "an international value"],
)  # fmt: skip
def test_a_gap_a_limit_or_an_international_value_answers_for_a_country(
    remedy: dict[str, str], tmp_path: Path
) -> None:
    edition = FILES["edition.yaml"] + "countries: [CO, PE]\n"

    assert mistakes_of(tmp_path, {"edition.yaml": edition, **remedy}) == []


def test_a_gap_of_one_country_does_not_answer_for_another(tmp_path: Path) -> None:
    gap = FILES[LAW] + "gaps: [{countries: [PE], why: {en: unread, es: no leída}}]\n"
    edition = FILES["edition.yaml"] + "countries: [CO, EC, PE]\n"

    mistakes = mistakes_of(tmp_path, {LAW: gap, "edition.yaml": edition})

    assert [one.partition(",")[0] for one in mistakes] == [
        (
            "child_labour/minimum_age.yaml:8:24: 'law.minimum_age' has neither a value "
            "nor a gap for EC"
        )
    ]


def test_law_of_the_other_sector_does_not_answer_for_a_mill(tmp_path: Path) -> None:
    mistakes = mistakes_of(tmp_path, changed(LAW, "sector: all", "sector: agriculture"))

    assert [one.partition(",")[0] for one in mistakes] == [
        (
            "child_labour/minimum_age.yaml:8:24: 'law.minimum_age' has neither a value nor "
            "a gap for CO"
        )
    ]


@pytest.mark.parametrize(
    ("verdict", "replaced"),
    [("conformity", "undetermined"), ("undetermined", "conformity")],
)
def test_an_example_of_every_possible_outcome_is_wanted(
    verdict: str, replaced: str, tmp_path: Path
) -> None:
    change = changed(RULE, f"verdict: {verdict}}}", f"verdict: {replaced}}}")

    assert mistakes_of(tmp_path, change) == [
        (
            f"child_labour/minimum_age.yaml:1:1: 'child_labour.minimum_age' has no example "
            f"of '{verdict}'. Add the smallest case that shows it."
        )
    ]


def test_a_limited_rule_must_show_where_it_does_not_apply(tmp_path: Path) -> None:
    change = changed(RULE, "severity:", "site_kinds: [mill]\nseverity:")

    assert mistakes_of(tmp_path, change) == [
        (
            "child_labour/minimum_age.yaml:1:1: 'child_labour.minimum_age' has no example "
            "of 'not_applicable'. Add the smallest case that shows it."
        )
    ]


def test_a_rule_about_missing_answers_alone_is_never_undetermined(
    tmp_path: Path,
) -> None:
    file = rule_file("documents_held is missing")[HERE]
    lines = [
        line for line in file.splitlines(keepends=True) if "undetermined" not in line
    ]

    assert mistakes_of(tmp_path, {HERE: "".join(lines)}) == []


def test_a_circle_of_derived_conditions_is_refused(tmp_path: Path) -> None:
    circle = """\
derived:
  one:
    title: {en: one, es: uno}
    when: two
  two:
    title: {en: two, es: dos}
    when:
      not: one
"""

    assert mistakes_of(tmp_path, {"derived/circle.yaml": circle}) == [
        (
            "derived/circle.yaml:4:11: 'one' rests on itself: one → two → one. Take one of "
            "them out of the circle."
        ),
        (
            "derived/circle.yaml:8:12: 'two' rests on itself: two → one → two. Take one of "
            "them out of the circle."
        ),
    ]


def test_a_fact_defined_in_two_files_is_refused(tmp_path: Path) -> None:
    again = "facts:\n  wage: {title: {en: a, es: b}, type: yes_no}\n"

    assert mistakes_of(tmp_path, {"facts/wages.yaml": again})[0] == (
        "facts/wages.yaml:2:3: the fact 'wage' is defined twice. Keep one."
    )


def test_a_file_out_of_place_is_refused(tmp_path: Path) -> None:
    mistakes = mistakes_of(
        tmp_path,
        {"child_labor/a.yaml": "id: a", "laws.yml": "id: a", "facts/note.txt": "a"},
    )

    assert mistakes == [
        (
            "child_labor/a.yaml:1:1: this file has no place in a book. Did you mean "
            "'child_labour'?"
        ),
        "facts/note.txt:1:1: this file has no place in a book. Did you mean 'facts'?",
        (
            "laws.yml:1:1: this file has no place in a book. Known: edition.yaml, "
            "instruments.yaml, sources.yaml."
        ),
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    mistakes = mistakes_of(tmp_path, {"edition.yaml": None})

    assert mistakes == ["edition.yaml:1:1: the file is missing. Add it."]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    folder = write_book(tmp_path)
    (folder / SITE).write_bytes(b"facts:\n  a: {title: {en: a, es: ni\xf1o}}\n")

    with pytest.raises(BookRejected) as rejected:
        read_book(folder)

    assert rejected.value.mistakes[-1].told() in (
        "facts/site.yaml:2:1: this is not UTF-8. Save it as UTF-8."
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "1:1: the file is empty."),
        ("a: [b\n", "2:1: not valid YAML: did not find expected ',' or ']', in what begins on line 1."),
        ("a:\n\t- b", "2:1: not valid YAML"),
        ("a: b: c", "1:5: not valid YAML"),
        ("a: \x07", "1:1: there is a character here that YAML does not allow."),
        ("facts: {}\n---\nfacts: {}", "2:1: a second document begins here. Remove '---'."),
        ("? [a]\n: b", "1:3: a key must be a word."),
        ("- a", "1:1: a file of facts must be 'key: value' pairs."),
        ("facts: " + "[" * 40 + "]" * 40, "1:38: this is nested too deeply."),
    ],
    ids=["empty", "open", "tab", "colons", "bell", "two", "key", "list", "deep"],
)  # fmt: skip
def test_what_is_no_plain_yaml_is_refused(
    content: str, told: str, tmp_path: Path
) -> None:
    mistakes = mistakes_of(tmp_path, {"facts/other.yaml": content})

    assert any(one.startswith(f"facts/other.yaml:{told}") for one in mistakes)


def test_a_list_of_options_inside_brackets_is_told_how_to_stand(tmp_path: Path) -> None:
    line = "all: [exit_from_housing is one of [free], documents_held]"

    mistakes = mistakes_of(tmp_path, rule_file(line))

    assert mistakes[0].startswith("forced_labour/tested.yaml:7:37: not valid YAML")
    assert mistakes[0].endswith("give it a line of its own that begins with '- '.")


@pytest.mark.parametrize("word", ["NO", "off", "yes", "12:30", "0x1F", "1_000"])
def test_yaml_guesses_no_types(word: str, tmp_path: Path) -> None:
    rule = FILES[RULE].replace("why: old enough", f"why: {word}")

    book = read_book(write_book(tmp_path, {RULE: rule}))

    assert book.rules[0].examples[0].why == word
