// From a filled form to facts, on the device: what `audits/checklists/answers.py` does on
// the server, over the shape the server sends along. A test holds the two equal.
//
// Answered gives a value, or {unknown}; asked and left blank gives null; what was not
// asked gives no key at all. The engine leaves out what is not relevant.

const YES = new Set(["yes", "true"]);
const NO = new Set(["no", "false", "0"]);
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/**
 * Return the answers document of an instance, and where each answer was asked:
 * {facts, children?, workers?, asked}. `asked` is [{fact, member, path, entry, label,
 * state}] with state `answered`, `cannot_tell` or `blank`; `member` is the place in the
 * roster, `entry` the place among the entries of the repeat.
 */
export function factsOf(reading, xml) {
  const root = new DOMParser().parseFromString(xml, "text/xml").documentElement;
  const asked = [];
  const keys = new Set();
  const document = { facts: factsAt(reading, null, root, root, asked, {}) };
  for (const repeat of reading.repeats) {
    if (repeat.roster) document[repeat.roster] = members(reading, repeat, root, asked, keys);
  }
  return { ...document, asked };
}

/** The text at a path of the instance, "" where nothing stands. */
export function textAt(xml, path) {
  if (!path) return "";
  const root = new DOMParser().parseFromString(xml, "text/xml").documentElement;
  return textOf(nodesAt(root, path)[0]);
}

function members(reading, repeat, root, asked, keys) {
  const entries = nodesAt(root, repeat.path);
  const found = [];
  for (const [entry, node] of entries.entries()) {
    if (!saysAnything(reading, repeat, node)) continue;
    const written = repeat.row_key ? textOf(inEntry(node, repeat, repeat.row_key)[0]) : "";
    const key = UUID.test(written) && !keys.has(written) ? written : String(found.length + 1);
    keys.add(key);
    const place = { member: found.length, entry, roster: repeat.roster };
    found.push({ key, ...factsAt(reading, repeat, root, node, asked, place) });
  }
  if (found.length > 0) return found;
  return gateSaysNone(repeat, root) ? [] : null;
}

function factsAt(reading, repeat, root, from, asked, { member = null, entry = null, roster = null }) {
  const facts = {};
  for (const question of reading.questions) {
    if (question.repeat !== (repeat?.path ?? null) || !question.fact) continue;
    const nodes = repeat ? inEntry(from, repeat, question.path) : nodesAt(root, question.path);
    if (nodes.length === 0) continue;
    const text = nodes.length === 1 ? textOf(nodes[0]) : "";
    const value = text === "" ? null : valueOf(question, text);
    facts[question.fact.name] = value;
    const state = text === "" ? "blank" : value?.unknown ? "cannot_tell" : "answered";
    asked.push({ fact: question.fact.name, member, entry, roster, path: question.path, label: question.label, state });
  }
  return facts;
}

function saysAnything(reading, repeat, node) {
  return reading.questions.some(
    (one) => one.repeat === repeat.path && !one.is_automatic && textOf(inEntry(node, repeat, one.path)[0]) !== "",
  );
}

// An answered "no" closes the repeat, if what stands around it was asked at all.
function gateSaysNone(repeat, root) {
  if (!repeat.gate || repeat.gate.length === 0) return false;
  const around = repeat.path.slice(0, repeat.path.lastIndexOf("/"));
  if (nodesAt(root, around).length === 0) return false;
  return repeat.gate.every((path) => NO.has(textOf(nodesAt(root, path)[0])));
}

function valueOf(question, text) {
  const { fact } = question;
  if (question.type === "time") return within(fact, minuteOfDay(text));
  switch (fact.kind) {
    case "yes_no":
    case "choice": {
      const meaning = question.choices[text] ?? null;
      if (meaning === "unk") return { unknown: "cannot_tell" };
      return meaning === null || fact.kind === "choice" ? meaning : YES.has(meaning);
    }
    case "choices":
      return choices(question, text);
    case "integer":
      return within(fact, wholeNumber(text, fact.factor));
    default:
      return DAY.test(text) ? text : null;
  }
}

function choices(question, text) {
  const meanings = new Set(text.split(/\s+/).map((name) => question.choices[name] ?? null));
  if (meanings.has(null)) return null;
  if (meanings.has("unk")) return { unknown: "cannot_tell" };
  if (meanings.has("none")) return meanings.size > 1 ? null : [];
  const order = Object.values(question.choices);
  return [...meanings].sort((one, other) => order.indexOf(one) - order.indexOf(other));
}

// Exactly, as a fraction would be: no amount is rounded.
function wholeNumber(text, factor) {
  if (!NUMBER.test(text)) return null;
  const [whole, decimals = ""] = text.split(".");
  const product = BigInt(whole + decimals) * BigInt(factor);
  const scale = 10n ** BigInt(decimals.length);
  return product % scale === 0n ? Number(product / scale) : null;
}

function within(fact, value) {
  return value !== null && fact.lowest <= value && value <= fact.highest ? value : null;
}

function minuteOfDay(text) {
  const match = TIME.exec(text);
  if (!match || Number(match[3] ?? 0) || Number(match[4] ?? 0)) return null;
  return Number(match[1]) * 60 + Number(match[2]);
}

function nodesAt(root, path) {
  const [name, ...steps] = path.slice(1).split("/");
  return root.localName === name ? follow([root], steps) : [];
}

function inEntry(entry, repeat, path) {
  return follow([entry], path.slice(repeat.path.length + 1).split("/"));
}

function follow(nodes, steps) {
  let found = nodes;
  for (const step of steps) found = found.flatMap((node) => [...node.children].filter((one) => one.localName === step));
  return found;
}

function textOf(node) {
  return node && node.children.length === 0 ? node.textContent.trim() : "";
}
