// Seals what lies on this device. A PIN opens a random key that is held in memory only;
// finished records are sealed to the server's public key, and nothing here opens them.

const ITERATIONS = 600_000;
const NONCE_BYTES = 12;
const MARK = new TextEncoder().encode("AF1");
const PURPOSE = new TextEncoder().encode("atalaya field record 1");
const P256 = { name: "ECDH", namedCurve: "P-256" };
const { subtle } = globalThis.crypto;

export const SHORTEST_PIN = 6;

const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
const encoded = (text) => new TextEncoder().encode(text);

/** Make a vault: the random key, and what is kept so that the PIN opens it again. */
export async function makeVault(pin) {
  const salt = random(16);
  const nonce = random(NONCE_BYTES);
  const raw = random(32);
  const wrapped = await subtle.encrypt({ name: "AES-GCM", iv: nonce }, await keyOfPin(pin, salt, ITERATIONS), raw);
  const key = await dataKey(raw);
  raw.fill(0);
  return { key, kept: { salt, nonce, iterations: ITERATIONS, wrapped: new Uint8Array(wrapped) } };
}

/** Return the key of a kept vault, or null where the PIN is another. */
export async function openVault(kept, pin) {
  const wrapping = await keyOfPin(pin, kept.salt, kept.iterations);
  try {
    const raw = new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: kept.nonce }, wrapping, kept.wrapped));
    const key = await dataKey(raw);
    raw.fill(0);
    return key;
  } catch (fault) {
    if (fault.name === "OperationError") return null;
    throw fault;
  }
}

async function keyOfPin(pin, salt, iterations) {
  const material = await subtle.importKey("raw", encoded(pin.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function dataKey(raw) {
  return subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Seal bytes under the vault's key, each time with a nonce of its own; `place` is bound in. */
export async function seal(key, place, bytes) {
  const nonce = random(NONCE_BYTES);
  const cipher = { name: "AES-GCM", iv: nonce, additionalData: encoded(place) };
  return { nonce, sealed: new Uint8Array(await subtle.encrypt(cipher, key, bytes)) };
}

export async function unseal(key, place, { nonce, sealed }) {
  const cipher = { name: "AES-GCM", iv: nonce, additionalData: encoded(place) };
  return new Uint8Array(await subtle.decrypt(cipher, key, sealed));
}

export const sealJson = (key, place, value) => seal(key, place, encoded(JSON.stringify(value)));

export async function unsealJson(key, place, kept) {
  return JSON.parse(new TextDecoder().decode(await unseal(key, place, kept)));
}

/** Seal bytes so that only the server opens them; the name of the part is bound in. */
export async function sealForServer(publicPoint, name, bytes) {
  const receiver = await subtle.importKey("raw", publicPoint, P256, false, []);
  const pair = await subtle.generateKey(P256, false, ["deriveBits"]);
  const point = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const secret = await subtle.deriveBits({ name: "ECDH", public: receiver }, pair.privateKey, 256);
  const material = await subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const salt = joined(point, publicPoint);
  const derivation = { name: "HKDF", hash: "SHA-256", salt, info: PURPOSE };
  const key = await subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = random(NONCE_BYTES);
  const cipher = { name: "AES-GCM", iv: nonce, additionalData: encoded(name) };
  return joined(MARK, point, nonce, new Uint8Array(await subtle.encrypt(cipher, key, bytes)));
}

export function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
