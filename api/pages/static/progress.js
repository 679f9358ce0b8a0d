// Follows background work while it goes on; without this the page renews itself.
"use strict";

const RENEW_MILLISECONDS = 2000;

const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

function renew() {
  window.location.reload();
}

function show(card, job) {
  if (!job.progress || !job.progress.total) {
    return;
  }
  const bar = card.querySelector("progress");
  const said = card.querySelector("[role=status]");
  const share = job.progress.done / job.progress.total;
  bar.max = 1;
  bar.value = share;
  bar.removeAttribute("aria-label");
  const text = percent.format(share);
  if (said.textContent !== text) {
    said.textContent = text;
  }
}

function follow(card) {
  const events = new EventSource(`/v1/jobs/${card.dataset.job}/events`);
  events.addEventListener("progress", (event) => show(card, JSON.parse(event.data)));
  events.addEventListener("end", () => {
    events.close();
    renew();
  });
  events.addEventListener("error", () => {
    events.close();
    window.setTimeout(renew, RENEW_MILLISECONDS);
  });
}

document.querySelectorAll("[data-job]").forEach(follow);
