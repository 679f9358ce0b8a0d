// The one place that knows the form engine. Everything else speaks to what stands here,
// so that another version of the engine, or another engine, changes this file alone.

import { loadForm } from "@getodk/xforms-engine";
import { shallowReactive } from "vue";

export const RECORD = "xml_submission_file";
const HELD_IN_META = "meta";

/** A form cannot be read by the engine; the message is the engine's own, in English. */
export class FormUnreadable extends Error {}

/**
 * Open a form: a new instance, or the one that was written down before.
 *
 * `lists` are the CSV files it looks things up in, by name; `written` is the XML of an
 * instance with the files it names (a Map of File by name).
 */
export async function openForm(xform, { deviceId, lists, written = null, files = new Map() }) {
  const form = await loadForm(xform, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: (address) => Promise.resolve(listAt(String(address), lists)),
  });
  if (form.error) throw new FormUnreadable(String(form.error.message ?? form.error));
  const config = {
    stateFactory: shallowReactive,
    instanceAttachments: { fileNameFactory: fileName },
    preloadProperties: { deviceID: deviceId },
  };
  const { root } = written === null
    ? form.createInstance(config)
    : await form.restoreInstance({ data: [writtenData(written, files)] }, config);
  return root;
}

function listAt(address, lists) {
  const text = lists[address.slice(address.lastIndexOf("/") + 1)];
  const headers = { "Content-Type": "text/csv" };
  return text === undefined ? new Response("", { status: 404 }) : new Response(text, { headers });
}

function writtenData(written, files) {
  const data = new FormData();
  data.set(RECORD, new File([written], RECORD, { type: "text/xml" }));
  for (const [name, file] of files) data.set(name, file);
  return data;
}

// Every camera calls its picture image.jpg; two of them must not be one file.
function fileName({ extension, writtenAt }) {
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(4)), (one) => one.toString(16).padStart(2, "0"));
  return `${writtenAt.getTime()}-${chance.join("")}${(extension ?? "").toLowerCase()}`;
}

/** The XML as it stands; taking it also notes the end of the visit. */
export async function xmlOf(root) {
  const { data } = await root.prepareInstancePayload({ payloadType: "monolithic" });
  return data[0].get(RECORD).text();
}

/** The sections of a form, one a page: top-level groups, and questions between them. */
export function sectionsOf(root) {
  const sections = [];
  for (const node of root.currentState.children) {
    if (!isShown(node)) continue;
    if (node.nodeType === "group") sections.push({ id: node.nodeId, title: labelOf(node), nodes: [node] });
    else if (sections.at(-1)?.isLoose) sections.at(-1).nodes.push(node);
    else sections.push({ id: node.nodeId, title: "", nodes: [node], isLoose: true });
  }
  return sections;
}

export function childrenOf(node) {
  return node.currentState.children?.filter(isShown) ?? [];
}

/** Is there anything to see? What is not relevant, only calculated or technical is not. */
export function isShown(node) {
  if (!node.currentState.relevant || node.nodeType === "model-value") return false;
  if (node.definition?.nodeName === HELD_IN_META || node.definition?.qualifiedName?.localName === HELD_IN_META) return false;
  if (node.nodeType === "group") return childrenOf(node).length > 0;
  return true;
}

/** What kind of question a node is, as this interface draws it. */
export function kindOf(node) {
  const { nodeType, valueType } = node;
  if (nodeType === "select") return node.selectType === "select" ? "many" : "one";
  if (nodeType === "trigger") return "acknowledge";
  if (nodeType === "upload") return uploadKind(node);
  if (nodeType.startsWith("repeat-range")) return "repeat";
  if (nodeType !== "input") return nodeType;
  const kinds = { int: "integer", decimal: "decimal", date: "date", time: "time", dateTime: "date_time", geopoint: "geopoint" };
  return kinds[valueType] ?? "text";
}

function uploadKind(node) {
  if (appearances(node).includes("signature")) return "signature";
  return { image: "image", audio: "audio", video: "video" }[node.nodeOptions.media.type] ?? "file";
}

function appearances(node) {
  return node.appearances ? [...node.appearances] : [];
}

export const isMultiline = (node) => appearances(node).includes("multiline");
export const acceptedBy = (node) => node.nodeOptions.media.accept;
export const mostPixels = (node) => node.maxPixels ?? null;

export const labelOf = (node) => node.currentState.label?.asString ?? "";
export const hintOf = (node) => node.currentState.hint?.asString ?? "";
export const isReadOnly = (node) => node.currentState.readonly;
export const isRequired = (node) => node.currentState.required;
export const referenceOf = (node) => node.currentState.reference;
/** The path without positions: the same for each entry of a repeat. */
export const pathOf = (node) => referenceOf(node).replaceAll(/\[\d+\]/g, "");
export const idOf = (node) => node.nodeId;
/** The answer as the instance has it, "" where there is none. */
export const textOf = (node) => node.currentState.instanceValue ?? "";
export const fileOf = (node) => node.currentState.value;

export function optionsOf(node) {
  return node.currentState.valueOptions.map((one) => ({ value: one.value, label: one.label?.asString ?? one.value }));
}

export const chosenOf = (node) => node.currentState.value;
export const isAcknowledged = (node) => node.currentState.value === true;
export const boundsOf = (node) => node.definition.bounds;

export function choose(node, value) {
  node.selectValue(value);
}

export function chooseMany(node, values) {
  node.selectValues(values);
}

/** Answer a question of any other kind: a text, a File, true or false, null for nothing. */
export function answer(node, value) {
  // An emptied text is "": a condition on it looks at characters, and null has none.
  node.setValue(value ?? (kindOf(node) === "text" ? "" : null));
}

/** Is it a repeat whose entries are counted by the form itself? */
export const isCounted = (node) => node.nodeType === "repeat-range:controlled";

export function addEntry(node) {
  node.addInstances();
}

export function removeEntry(node, position) {
  node.removeInstances(position, 1);
}

/** What is wrong with the answer to one question: {condition, message}, or null. */
export function faultOf(node) {
  const violation = node.validationState.violation;
  if (!violation) return null;
  return { condition: violation.condition, message: violation.message?.asString ?? "" };
}

/** The questions of a part of the form that are shown, in their order. */
export function questionsIn(node) {
  if (node.currentState.children) return childrenOf(node).flatMap(questionsIn);
  return isShown(node) ? [node] : [];
}

/** The questions whose answers are wrong or missing; `left` are paths nobody is asked. */
export function faultyIn(node, left) {
  return questionsIn(node).filter((one) => faultOf(one) && !left.includes(pathOf(one)));
}

export function languagesOf(root) {
  return root.languages.filter((one) => one.language !== "");
}

/** Show the form in the language of this tag (`es`), where it has that; answers stay. */
export function speak(root, tag) {
  const found = languagesOf(root).find((one) => one.locale?.language === tag || one.language.includes(`(${tag})`));
  if (found) root.setLanguage(found);
}

export function instanceIdOf(xml) {
  const parsed = new DOMParser().parseFromString(xml, "text/xml");
  return parsed.getElementsByTagNameNS("*", "instanceID")[0]?.textContent ?? "";
}
