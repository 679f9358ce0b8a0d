// Keys for the reviewer: nothing here is needed, everything can be reached with Tab.
"use strict";

const SWITCH = "atalaya-review-keys";
const WIDE = "(min-width: 64rem)";
const verdicts = Array.from(document.querySelectorAll("[data-verdict]"));
const signals = Array.from(document.querySelectorAll("[data-doubt]"));
const keysList = document.getElementById("keys");
const keysOn = document.getElementById("keys-on");
const photographs = Array.from(document.querySelectorAll(".photograph"));
const large = document.getElementById("large");
let verdictAt = -1;
let signalAt = -1;
let photographAt = -1;

function remembered() {
  try {
    return window.localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

function remember(isOn) {
  try {
    window.localStorage.setItem(SWITCH, isOn ? "on" : "off");
  } catch {
    // A browser that keeps nothing: the switch holds for this page.
  }
}

function goTo(element) {
  element.scrollIntoView({ block: "center" });
  element.focus({ preventScroll: true });
}

function toVerdict(step) {
  if (verdicts.length === 0) {
    return;
  }
  const within = document.activeElement.closest("[data-verdict]");
  const from = within ? verdicts.indexOf(within) : verdictAt;
  verdictAt = Math.min(Math.max(from + step, 0), verdicts.length - 1);
  const summary = verdicts[verdictAt].querySelector("summary");
  const fold = verdicts[verdictAt].closest(".fold");
  if (fold) {
    fold.open = true;
  }
  goTo(summary);
}

function turnVerdict() {
  const within = document.activeElement.closest("[data-verdict]");
  const verdict = within || verdicts[verdictAt];
  if (verdict) {
    verdict.open = !verdict.open;
    verdict.querySelector("summary").focus({ preventScroll: true });
  }
}

function toSignal() {
  if (signals.length > 0) {
    signalAt = (signalAt + 1) % signals.length;
    signals[signalAt].closest("details").open = true;
    goTo(signals[signalAt]);
  }
}

function toPhotograph() {
  if (photographs.length > 0) {
    photographAt = (photographAt + 1) % photographs.length;
    goTo(photographs[photographAt]);
  }
}

function toRemark() {
  const form = document.getElementById("return");
  if (form) {
    form.open = true;
    goTo(form.querySelector("select, textarea"));
  }
}

function toEnd() {
  const end = document.getElementById("finalise");
  if (!end) {
    return;
  }
  const closed = end.querySelector("details");
  if (closed) {
    closed.open = true;
  }
  goTo(end.querySelector("button") || end);
}

function toKeys() {
  keysList.open = !keysList.open;
  goTo(keysList.querySelector("summary"));
}

const DOING = {
  j: () => toVerdict(1),
  k: () => toVerdict(-1),
  o: turnVerdict,
  n: toSignal,
  p: toPhotograph,
  r: toRemark,
  f: toEnd,
  "?": toKeys,
};

function isWriting(target) {
  return target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat;
  const doing = DOING[event.key];
  const isFree = !isWriting(event.target) && !(large && large.open);
  if (doing && isPlain && keysOn.checked && isFree) {
    event.preventDefault();
    doing();
  }
});

keysOn.checked = remembered();
keysOn.addEventListener("change", () => remember(keysOn.checked));
document.getElementById("keys-switch").hidden = false;

// A photograph opens large above the page; Esc closes it, and the focus is where it was.
function openLarge(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) {
    return; // asked for in a tab or window of its own
  }
  event.preventDefault();
  const link = event.currentTarget;
  const told = Array.from(link.parentElement.querySelectorAll("small"), (one) => one.textContent);
  const caption = link.matches(".photograph") ? told.join(" · ") : link.textContent;
  const shown = large.querySelector("img");
  shown.removeAttribute("src"); // the one before would stand until this one has come
  shown.src = link.href;
  shown.alt = caption;
  document.getElementById("large-told").textContent = caption;
  large.showModal();
}
if (large) {
  for (const link of document.querySelectorAll("a[data-large]")) {
    link.addEventListener("click", openLarge);
  }
  large.addEventListener("click", (event) => {
    if (event.target === large) {
      large.close(); // beside the picture
    }
  });
}

// A link to an answer opens the part it stands in.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (!target) {
    return;
  }
  for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) {
    at.open = true;
  }
  target.scrollIntoView({ block: "center" });
}
window.addEventListener("hashchange", openTarget);

// At a desk the answers stand open beside the verdicts.
if (window.matchMedia(WIDE).matches) {
  for (const part of document.querySelectorAll(".answers .part")) {
    part.open = true;
  }
}
openTarget();
