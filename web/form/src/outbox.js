// What is finished: sealed to the server, frozen, and sent once however many tabs try.

import { reactive } from "vue";

import { dropDraft } from "./drafts.js";
import { RECORD } from "./engine.js";
import { database } from "./store.js";
import { bytesOfHex, sealForServer, sealJson, unsealJson } from "./vault.js";

const AT_ONCE_BYTES = 8_000_000;
const SENT_KEPT = 20;
const INCOMPLETE = "*isIncomplete*";

/** What the page shows of sending: `why` is a key of the texts, or null. */
export const outbox = reactive({ rows: [], isSending: false, server: null, isSignedOut: false });

/**
 * Freeze a record: seal it and its files to the server, and let go of the draft.
 *
 * `about` ({title, site}) is sealed with the vault's key, for this device's own list.
 */
export async function finish(key, { draftId, xml, files, server, about }) {
  const point = bytesOfHex(server.key);
  const parts = [{ name: RECORD, bytes: await sealForServer(point, RECORD, new TextEncoder().encode(xml)) }];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    parts.push({ name: file.name, bytes: await sealForServer(point, file.name, bytes) });
  }
  const id = crypto.randomUUID();
  const finished = { ...about, finished_at: new Date().toISOString() };
  const row = {
    id,
    parts,
    actor: server.actor,
    files: files.length,
    state: "waiting",
    why: null,
    detail: "",
    at: finished.finished_at,
    about: await sealJson(key, `outbox ${id}`, finished),
  };
  const change = (await database()).transaction(["outbox", "drafts", "files"], "readwrite");
  change.objectStore("outbox").add(row);
  await dropDraft(draftId, change);
  await change.done;
}

/** Read the list anew; with the vault's key also what each record is about. */
export async function look(key = null) {
  const rows = await (await database()).getAll("outbox");
  outbox.rows = await Promise.all(
    rows
      .sort((one, other) => other.at.localeCompare(one.at))
      .map(async ({ parts, about, ...row }) => ({ ...row, about: key ? await unsealJson(key, `outbox ${row.id}`, about) : null })),
  );
}

/** Send what waits, in one tab at a time; `again` also tries what was refused. */
export async function send({ again = false } = {}) {
  if (!navigator.onLine) return;
  await navigator.locks.request("atalaya-outbox", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    outbox.isSending = true;
    try {
      await sendAll(again);
    } finally {
      outbox.isSending = false;
    }
  });
}

async function sendAll(again) {
  const server = await askServer();
  if (server === null) return;
  const db = await database();
  for (const row of await db.getAll("outbox")) {
    if (row.state === "sent" || (row.state === "refused" && !again)) continue;
    const told = row.actor === server.actor ? await sendOne(row) : { state: "waiting", why: "waits_person" };
    const kept = { ...row, why: null, detail: "", ...told };
    await db.put("outbox", kept);
    if (kept.why === "waits_network" || kept.why === "waits_sign_in") break;
  }
  await forgetOldest(db);
}

/** Ask who is signed in and what there is to fetch; null without network or session. */
export async function askServer() {
  const answer = await asked("/field/start");
  outbox.isSignedOut = answer?.status === 401;
  if (!answer?.ok) return null;
  outbox.server = await answer.json();
  return outbox.server;
}

async function asked(address, options = {}) {
  try {
    return await fetch(address, { credentials: "same-origin", redirect: "error", ...options });
  } catch (fault) {
    if (fault instanceof TypeError) return null; // no network, in the words of fetch
    throw fault;
  }
}

async function sendOne(row) {
  let answer = null;
  const loads = loadsOf(row.parts);
  for (const [number, load] of loads.entries()) {
    const body = new FormData();
    for (const { name, bytes } of load) body.set(name, new Blob([bytes]), name);
    if (number < loads.length - 1) body.set(INCOMPLETE, "yes");
    const headers = { "X-Finished-By": row.actor, "Accept-Language": document.documentElement.lang };
    answer = await asked("/field/submission", { method: "POST", body, headers });
    if (!answer?.ok) return told(answer);
  }
  return { state: "sent", at: new Date().toISOString(), parts: [] };
}

async function told(answer) {
  if (answer === null) return { why: "waits_network" };
  if (answer.status === 401) return { why: "waits_sign_in" };
  if (answer.status === 429 || answer.status >= 500) return { why: "waits_server" };
  const problem = await answer.json().catch(() => ({}));
  return { state: "refused", why: "refused", detail: problem.detail ?? problem.title ?? String(answer.status) };
}

// The record goes with every load, byte for byte, as OpenRosa has it.
function loadsOf([record, ...files]) {
  const loads = [[record]];
  let bytes = record.bytes.length;
  for (const file of files) {
    const isFull = loads.at(-1).length > 1 && bytes + file.bytes.length > AT_ONCE_BYTES;
    if (isFull) {
      loads.push([record]);
      bytes = record.bytes.length;
    }
    loads.at(-1).push(file);
    bytes += file.bytes.length;
  }
  return loads;
}

async function forgetOldest(db) {
  const sent = (await db.getAll("outbox")).filter((one) => one.state === "sent");
  sent.sort((one, other) => other.at.localeCompare(one.at));
  for (const one of sent.slice(SENT_KEPT)) await db.delete("outbox", one.id);
}
