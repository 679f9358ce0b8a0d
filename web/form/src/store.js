// What lies on this device, in IndexedDB: every answer sealed, and nothing but sealed.

import { openDB } from "idb";

let opened = null;

/** Stores: `settings` (the vault, language), `forms`, `drafts`, `files`, `outbox`. */
export function database() {
  opened ??= openDB("atalaya-form", 1, {
    upgrade(db) {
      db.createObjectStore("settings");
      db.createObjectStore("forms", { keyPath: "id" });
      db.createObjectStore("drafts", { keyPath: "id" });
      db.createObjectStore("files", { keyPath: "id" }).createIndex("draft", "draft");
      db.createObjectStore("outbox", { keyPath: "id" });
    },
  });
  return opened;
}

export async function setting(name) {
  return (await database()).get("settings", name);
}

export async function keepSetting(name, value) {
  return (await database()).put("settings", value, name);
}

/** Ask the browser not to clear what is here; false means that it may, when space is short. */
export async function askToPersist() {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** Forget drafts, forms and PIN; what is finished and sealed to the server stays. */
export async function forgetAll() {
  const db = await database();
  const stores = ["settings", "forms", "drafts", "files"];
  const change = db.transaction(stores, "readwrite");
  await Promise.all(stores.map((name) => change.objectStore(name).clear()));
  await change.done;
}
