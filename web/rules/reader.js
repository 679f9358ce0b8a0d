// The rules on a device: the plain reader once more, over what `rules/device.py` makes.
//
// Truth is Kleene's: true, false, or null for unknown. A conformance test runs the same
// audits through this reader and through the one in Python; they never differ.

const COMPARE = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};
const CALCULATE = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
};
const READINGS = ["settled", "floor", "strictest"];
const MILLISECONDS_A_DAY = 86_400_000;

/**
 * Judge one visit: a verdict for each rule the part holds, in its order.
 *
 * `answers` is an answers document: facts by name, rosters as lists of members; what is
 * absent, null or an object ({"unknown": …}) is unknown. A verdict has `rule`,
 * `outcome`, `severity`, `grounds`. Throws RangeError for a day the part was not made
 * for, because the law of that day is not at hand.
 */
export function assess(part, answers) {
  const regime = regimeOn(part, answers.observed_on);
  const applicable = new Set(regime.applicable);
  const cases = Object.fromEntries(
    READINGS.map((reading) => [reading, caseOf(part, regime, answers, reading)]),
  );
  return part.rules.map((rule) => {
    if (!applicable.has(rule.id)) return verdict(rule, "not_applicable");
    const isSure = rule.law.every((name) => !regime.unsure.includes(name));
    const under = (reading) => outcome(rule, cases[reading]);
    if (isSure) return verdict(rule, under("floor"));
    return weigh(part, rule, Object.fromEntries(READINGS.map((one) => [one, under(one)])));
  });
}

/**
 * The unanswered questions a rule came upon, most useful when it is undetermined.
 *
 * Each is {fact, member}: the fact's id, and the position of the member in the roster
 * (null for the visit as a whole). A roster nobody listed is {fact: roster}.
 */
export function open(part, answers, ruleId) {
  const regime = regimeOn(part, answers.observed_on);
  const rule = part.rules.find((one) => one.id === ruleId);
  const here = caseOf(part, regime, answers, "floor");
  here.missed = new Map();
  outcome(rule, here);
  return [...here.missed.values()];
}

/** The regime in force on a day, written as 2026-11-03. */
export function regimeOn(part, day) {
  if (!(part.first <= day && day <= part.last)) {
    throw new RangeError(`no law at hand for ${day}: it reaches from ${part.first} to ${part.last}`);
  }
  return part.regimes.findLast((regime) => regime.from <= day);
}

function verdict(rule, outcome, severity = rule.severity, grounds = "settled") {
  return { rule: rule.id, outcome, severity, grounds };
}

// What nobody has verified never stands alone behind a critical finding, and what is
// disputed is advice.
function weigh(part, rule, outcomes) {
  const { settled, floor, strictest } = outcomes;
  if (settled === "non_conformity") return verdict(rule, settled);
  if (floor === "non_conformity") {
    const heaviestFirst = part.severities;
    const place = Math.max(heaviestFirst.indexOf(rule.severity), heaviestFirst.indexOf("major"));
    return verdict(rule, floor, heaviestFirst[place], "unverified_law");
  }
  if (strictest === "non_conformity") return verdict(rule, strictest, "minor", "disputed_law");
  return verdict(rule, floor, rule.severity, floor === settled ? "settled" : "unverified_law");
}

function caseOf(part, regime, answers, reading) {
  const law = { ...regime.law.floor, ...regime.law[reading] };
  return { part, law, facts: answers.facts ?? {}, answers, missed: null };
}

function outcome(rule, visit) {
  const applies = rule.applies === null ? true : ask(rule.applies, null, visit);
  if (applies === false) return "not_applicable";
  if (applies === null) return "undetermined";
  const flagged = ask(rule.flag, null, visit);
  if (flagged === null) return "undetermined";
  return flagged ? "non_conformity" : "conformity";
}

// `member` is the member of the roster in view, with its position; null outside.
function ask(node, member, visit) {
  const [operator, first, second, third, fourth] = node;
  switch (operator) {
    case "fact":
    case "member":
    case "law":
      return value(node, member, visit);
    case "derived":
      return ask(visit.part.derived[first], second ? member : null, visit);
    case "not":
      return negated(ask(first, member, visit));
    case "all":
      return joined(node.slice(1), (one) => ask(one, member, visit), false);
    case "any":
      return joined(node.slice(1), (one) => ask(one, member, visit), true);
    case "compare":
      return strict(COMPARE[first], value(second, member, visit), value(third, member, visit));
    case "one of":
      return strict((made) => second.includes(made), value(first, member, visit), true);
    case "includes":
      return strict((made) => second.some((one) => made.includes(one)), value(first, member, visit), true);
    case "missing":
      return value(first, member, { ...visit, missed: null }) === null;
    case "some":
      return overRoster(first, visit, (members) => joined(members, (one) => ask(second, one, visit), true));
    case "every":
      return overRoster(first, visit, (members) =>
        members.length === 0 ? third : joined(members, (one) => ask(second, one, visit), false),
      );
    case "count":
      return overRoster(first, visit, (members) => counted(members, second, COMPARE[third], fourth, visit));
    default:
      throw new TypeError(`the reader does not know '${operator}'`);
  }
}

function value(node, member, visit) {
  const [operator, first, second] = node;
  switch (operator) {
    case "number":
    case "day":
      return first;
    case "fact":
      return known(visit.facts[first], visit, first, null);
    case "member":
      return known(member.facts[first], visit, `${second}.${first}`, member.place);
    case "law":
      return legalValue(visit.law[first] ?? null, second, member, visit);
    case "days":
      return strict(daysBetween, value(first, member, visit), value(second, member, visit));
    default:
      return strict(CALCULATE[operator], value(first, member, visit), value(second, member, visit));
  }
}

function known(answer, visit, fact, member) {
  const isKnown = answer !== undefined && answer !== null && (typeof answer !== "object" || Array.isArray(answer));
  if (isKnown) return answer;
  visit.missed?.set(`${fact} ${member}`, { fact, member });
  return null;
}

function legalValue(amount, age, member, visit) {
  if (age === null) return amount;
  const years = value(age, member, visit);
  if (years === null || amount === null) return null;
  return amount.amounts[amount.limits.filter((limit) => limit <= years).length];
}

function overRoster(roster, visit, decide) {
  const listed = visit.answers[roster];
  if (!Array.isArray(listed)) {
    visit.missed?.set(roster, { fact: roster, member: null });
    return null;
  }
  return decide(listed.map((facts, place) => ({ facts, place })));
}

function negated(truth) {
  return truth === null ? null : !truth;
}

// *All* is decided by false, *any* by true.
function joined(items, askOne, decisive) {
  let result = !decisive;
  for (const item of items) {
    const truth = askOne(item);
    if (truth === decisive) return decisive;
    if (truth === null) result = null;
  }
  return result;
}

function counted(members, condition, compare, number, visit) {
  let sure = 0;
  let unknown = 0;
  for (const member of members) {
    const truth = ask(condition, member, visit);
    if (truth === true) sure += 1;
    else if (truth === null) unknown += 1;
  }
  const least = compare(sure, number);
  for (let more = 1; more <= unknown; more += 1) {
    if (compare(sure + more, number) !== least) return null;
  }
  return least;
}

function strict(combine, left, right) {
  return left === null || right === null ? null : combine(left, right);
}

function daysBetween(start, end) {
  return (Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / MILLISECONDS_A_DAY;
}
