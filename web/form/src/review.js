// What an auditor has to know before she leaves: thought over facts, without a page.

import { assess, open } from "../../rules/reader.js";
import { factsOf, textAt } from "./facts.js";

const FEW = 12;
const RED_FLAGS = new Set(["zero_tolerance", "critical"]);
const LEAST_CHOICES = new Set(["none", "unk"]);

/**
 * Judge a filled form on the device.
 *
 * `site` is the site of the visit ({country, commodity, kind}) or null, `why` says why
 * nothing was judged: `no_rules`, `no_site`, `no_law`, `no_day` or null. `flags` and `breaks` are
 * rules that the answers break, red flags apart; `unanswered` are blank questions that
 * would let a rule be decided, the gravest first; `quota` is who was not spoken with.
 */
export function reviewed(taken, xml) {
  const { asked, ...answers } = factsOf(taken.reading, xml);
  const site = siteOf(taken, xml);
  const observedOn = textAt(xml, taken.reading.day_question);
  const common = { site, quota: quotaOf(taken.reading, answers), listed: listedOf(answers) };
  const { part, why } = partFor(taken, site, observedOn);
  if (!part) return { ...common, why, flags: [], breaks: [], unanswered: blankOnes(asked), undecided: 0, moreUnanswered: 0 };

  const visit = { ...answers, observed_on: observedOn };
  const verdicts = assess(part, visit).map((one) => ({ ...one, about: part.rules.find((rule) => rule.id === one.rule) }));
  const broken = verdicts.filter((one) => one.outcome === "non_conformity" && one.about.status === "active");
  const undecided = verdicts.filter((one) => one.outcome === "undetermined" && one.about.status === "active");
  const unanswered = matters(part, visit, undecided, asked);
  return {
    ...common,
    why: null,
    flags: gravestFirst(part, broken.filter(isRedFlag)).map(told),
    breaks: gravestFirst(part, broken.filter((one) => !isRedFlag(one))).map(told),
    undecided: undecided.length,
    unanswered: unanswered.slice(0, FEW),
    moreUnanswered: Math.max(0, unanswered.length - FEW),
  };
}

/** What asks for attention now, as the server has it (`findings/deadlines.py`). */
function isRedFlag(one) {
  return RED_FLAGS.has(one.severity);
}

function gravestFirst(part, verdicts) {
  return verdicts.toSorted((one, other) => part.severities.indexOf(one.severity) - part.severities.indexOf(other.severity));
}

function told(one) {
  return { rule: one.rule, severity: one.severity, grounds: one.grounds, topic: one.about.topic, title: one.about.title };
}

export function siteOf(taken, xml) {
  const reference = textAt(xml, taken.reading.site_question).toLowerCase();
  return taken.sites.find((one) => one.id === reference) ?? null;
}

function partFor(taken, site, observedOn) {
  if (taken.purpose !== "visit") return { part: null, why: "no_rules" };
  if (!site) return { part: null, why: "no_site" };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(observedOn)) return { part: null, why: "no_day" };
  const part = taken.parts.find(
    (one) => one.country === site.country && one.commodity === site.commodity && one.site_kind === site.kind,
  );
  if (!part || observedOn < part.first || part.last < observedOn) return { part: null, why: "no_law" };
  return { part, why: null };
}

// A blank question matters by the gravest rule it would settle, then by how many.
function matters(part, visit, undecided, asked) {
  const found = new Map();
  for (const one of undecided) {
    for (const { fact, member } of open(part, visit, one.rule)) {
      const question = questionOf(asked, fact, member);
      if (!question || question.state !== "blank") continue;
      const key = `${question.path}#${question.entry}`;
      const known = found.get(key) ?? { ...question, weight: part.severities.length, rules: 0 };
      known.weight = Math.min(known.weight, part.severities.indexOf(one.severity));
      known.rules += 1;
      found.set(key, known);
    }
  }
  return [...found.values()]
    .sort((one, other) => one.weight - other.weight || other.rules - one.rules)
    .map(({ weight, ...one }) => ({ ...one, severity: part.severities[weight] }));
}

function questionOf(asked, fact, member) {
  if (member === null) return asked.find((one) => one.roster === null && one.fact === fact);
  const [roster, name] = fact.split(".");
  return asked.find((one) => one.roster === roster && one.fact === name && one.member === member);
}

// Without a site no rule can be weighed: every blank question that has a fact is named.
function blankOnes(asked) {
  return asked.filter((one) => one.state === "blank").slice(0, FEW).map((one) => ({ ...one, severity: null, rules: 0 }));
}

/**
 * Who works here today and was not spoken with: groups present less groups interviewed.
 *
 * Null where the checklist does not ask, or nobody answered: then nothing is counted.
 */
export function quotaOf(reading, answers) {
  const { groups_present: present, groups_interviewed: interviewed } = answers.facts;
  const question = reading.questions.find((one) => one.fact?.name === "groups_present");
  if (!question || !Array.isArray(present)) return null;
  const spoken = Array.isArray(interviewed) ? interviewed : [];
  const missing = present.filter((one) => !spoken.includes(one) && !LEAST_CHOICES.has(one));
  return { present: present.length, missing: missing.map((one) => question.words[one] ?? { en: one, es: one }) };
}

function listedOf(answers) {
  return { workers: answers.workers?.length ?? 0, children: answers.children?.length ?? 0 };
}
