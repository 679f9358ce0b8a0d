// Compares a file with the hashes of a card, on the device: the page may not connect to anything.
"use strict";

// SHA-256 (FIPS 180-4), for browsers that keep their own for pages under https.
function sha256(bytes) {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) {
    if (primes.every((p) => n % p)) primes.push(n);
  }
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const k = primes.map((p) => fraction(Math.cbrt(p)));
  const hash = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const turn = (x, by) => (x >>> by) | (x << (32 - by));

  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);

  const w = new Int32Array(64);
  for (let start = 0; start < padded.length; start += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(start + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [a, b] = [w[i - 15], w[i - 2]];
      const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] = (hash[i] + value) | 0; });
  }
  return hash.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}

async function digest(buffer) {
  if (!globalThis.crypto || !crypto.subtle) return sha256(new Uint8Array(buffer));
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const drop = document.getElementById("drop");
const outcome = document.getElementById("outcome");
let asked = 0;

function tell(selector) {
  for (const one of outcome.children) one.hidden = true;
  const found = outcome.querySelector(selector);
  (found || outcome.querySelector('[data-outcome="other"]')).hidden = false;
}

async function compare(file) {
  if (!file) return;
  asked += 1;
  const turn = asked;
  tell('[data-outcome="busy"]');
  let wanted;
  try {
    wanted = `[data-sha256="${await digest(await file.arrayBuffer())}"]`;
  } catch {
    wanted = '[data-outcome="unread"]';
  }
  if (turn === asked) tell(wanted);
}

drop.hidden = false;
document.getElementById("file").addEventListener("change", (event) => compare(event.target.files[0]));
// A file that misses the field would leave the page; all of it takes one.
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") compare(event.dataTransfer.files[0]);
  });
}
