// What narrows a list in place tells how it went; without this and htmx the form sends itself.
"use strict";

let underWay = 0;

function tell(form, text, isSeen) {
  const told = form.querySelector("[role=status]");
  told.textContent = text(told.dataset);
  told.classList.toggle("unseen", !isSeen);
}

function count(step) {
  underWay += step;
  document.getElementById("list").setAttribute("aria-busy", String(underWay > 0));
}

// Does something with the form of filters that an event of htmx is of.
function when(name, doing) {
  document.addEventListener(`htmx:${name}`, (event) => {
    const form = event.detail.ctx?.sourceElement;
    if (form?.matches("form.filters")) {
      doing(form, event);
    }
  });
}

when("before:request", (form) => {
  tell(form, () => "", false);
  count(1);
});
when("finally:request", () => count(-1));
when("after:swap", (form) => tell(form, ({ shown }) => shown, false));
when("error", (form) => tell(form, ({ failed }) => failed, true));

// A page without the list, to sign in or of a problem, must not look like an empty list.
when("before:response", (_form, event) => {
  const { request, response } = event.detail.ctx;
  if (response.status >= 400 || response.raw.redirected) {
    event.preventDefault();
    window.location.assign(request.action);
  }
});
