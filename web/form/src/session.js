// What the pages share: the open vault, the language, the network, and idle time.

import { reactive, watch } from "vue";

import { askServer, look, outbox, send } from "./outbox.js";
import { keepSetting, setting } from "./store.js";
import { LANGUAGES, language } from "./texts.js";
import { makeVault, openVault, sealJson, unsealJson } from "./vault.js";

const IDLE_MINUTES = 15;
const SERVER = "server";

/** `key` opens this device while it is unlocked; `server` is what the server last said. */
export const session = reactive({
  key: null,
  hasVault: false,
  isReady: false,
  isOnline: navigator.onLine,
  wasIdle: false,
  isPersistent: true,
  server: null,
  waiting: null,
});

export const idleMinutes = IDLE_MINUTES;
let touchedAt = Date.now();

export async function begin() {
  const wanted = (await setting("language")) ?? navigator.language.slice(0, 2);
  language.value = wanted in LANGUAGES ? wanted : "en";
  session.hasVault = Boolean(await setting("vault"));
  session.isReady = true;
  for (const name of ["online", "offline"]) addEventListener(name, () => networkChanged());
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (touchedAt = Date.now()), true);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    lockIfIdle();
    synchronise();
  });
  setInterval(lockIfIdle, 20_000);
  watch(language, (tag) => {
    document.documentElement.lang = tag;
    keepSetting("language", tag);
  }, { immediate: true });
  await watchWorker();
  synchronise();
}

function networkChanged() {
  session.isOnline = navigator.onLine;
  if (session.isOnline) synchronise();
}

/** Send what waits and learn what is new; without a network nothing happens. */
export async function synchronise(options) {
  await look(session.key);
  await send(options);
  if (outbox.server) await remember(outbox.server);
  await look(session.key);
}

export async function refresh() {
  const server = await askServer();
  if (server) await remember(server);
  return server;
}

async function remember(server) {
  session.server = server;
  if (session.key) await keepSetting(SERVER, await sealJson(session.key, SERVER, server));
}

export async function setPin(pin) {
  const { key, kept } = await makeVault(pin);
  await keepSetting("vault", kept);
  session.hasVault = true;
  await enter(key);
}

/** Open the vault; false where the PIN is another. */
export async function unlock(pin) {
  const key = await openVault(await setting("vault"), pin);
  if (key === null) return false;
  await enter(key);
  return true;
}

async function enter(key) {
  const kept = await setting(SERVER);
  if (session.server) await keepSetting(SERVER, await sealJson(key, SERVER, session.server));
  else if (kept) session.server = await unsealJson(key, SERVER, kept);
  session.key = key;
  session.wasIdle = false;
  touchedAt = Date.now();
  await look(key);
}

export function lock({ wasIdle = false } = {}) {
  session.key = null;
  session.server = null;
  session.wasIdle = wasIdle;
  look();
}

function lockIfIdle() {
  if (session.key && Date.now() - touchedAt > IDLE_MINUTES * 60_000) lock({ wasIdle: true });
}

async function watchWorker() {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/field/worker.js", { scope: "/field" }).catch(() => null);
  if (!registration) return;
  const note = () => (session.waiting = registration.waiting && navigator.serviceWorker.controller ? registration.waiting : null);
  note();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", note));
}

/** Let the newer worker take over, and begin anew with what it brings. */
export function update() {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  session.waiting?.postMessage("take over");
}
