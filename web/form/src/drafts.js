// Drafts and forms on this device: sealed as they are written, opened with the vault's key.

import { seal, sealJson, unseal, unsealJson } from "./vault.js";
import { database } from "./store.js";

const chance = () => crypto.randomUUID();

export const newDraftId = chance;

/** Keep what the server sent for a checklist; older versions stay while a draft needs them. */
export async function keepForm(key, taken) {
  const db = await database();
  await db.put("forms", { id: taken.id, ...(await sealJson(key, `form ${taken.id}`, taken)) });
  const needed = new Set((await allDrafts(key)).map((one) => one.form));
  for (const other of await allForms(key)) {
    const isOlder = other.form_id === taken.form_id && other.id !== taken.id;
    if (isOlder && !needed.has(other.id)) await db.delete("forms", other.id);
  }
}

export async function formOf(key, id) {
  const kept = await (await database()).get("forms", id);
  return kept ? unsealJson(key, `form ${id}`, kept) : null;
}

export async function allForms(key) {
  const kept = await (await database()).getAll("forms");
  return Promise.all(kept.map((one) => unsealJson(key, `form ${one.id}`, one)));
}

/** Write a draft down: {id, form, title, site, xml, page, changed_at}. */
export async function keepDraft(key, draft) {
  const sealed = await sealJson(key, `draft ${draft.id}`, draft);
  await (await database()).put("drafts", { id: draft.id, ...sealed });
}

export async function draftOf(key, id) {
  const kept = await (await database()).get("drafts", id);
  return kept ? unsealJson(key, `draft ${id}`, kept) : null;
}

export async function allDrafts(key) {
  const kept = await (await database()).getAll("drafts");
  const drafts = await Promise.all(kept.map((one) => unsealJson(key, `draft ${one.id}`, one)));
  return drafts.sort((one, other) => other.changed_at.localeCompare(one.changed_at));
}

/** Write a file of a draft down; its name and kind are sealed like its content. */
export async function keepFile(key, draft, file) {
  const id = chance();
  const [about, content] = await Promise.all([
    sealJson(key, `about ${id}`, { name: file.name, type: file.type }),
    seal(key, `file ${id}`, new Uint8Array(await file.arrayBuffer())),
  ]);
  await (await database()).put("files", { id, draft, about, content });
}

/** The files of a draft, by name. */
export async function filesOf(key, draft) {
  const kept = await (await database()).getAllFromIndex("files", "draft", draft);
  const files = new Map();
  for (const { id, about, content } of kept) {
    const { name, type } = await unsealJson(key, `about ${id}`, about);
    files.set(name, new File([await unseal(key, `file ${id}`, content)], name, { type }));
  }
  return files;
}

/** Let go of a draft and its files, in the transaction given or in one of its own. */
export async function dropDraft(id, change = null) {
  const done = change ?? (await database()).transaction(["drafts", "files"], "readwrite");
  const files = done.objectStore("files");
  for (const one of await files.index("draft").getAllKeys(id)) files.delete(one);
  done.objectStore("drafts").delete(id);
  if (change === null) await done.done;
}
