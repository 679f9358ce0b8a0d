// Sends a chosen file with its progress in words; without this the form sends it by itself.
"use strict";

for (const form of document.querySelectorAll("form[data-upload]")) {
  const told = form.querySelector("[data-progress]");
  const button = form.querySelector("button:not([type=button])");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = total ? Math.floor((100 * loaded) / total) : 0;
      told.textContent = told.dataset.sending.replace("{percent}", String(percent));
    });
    request.upload.addEventListener("load", () => {
      told.textContent = told.dataset.arrived;
    });
    // The file stays chosen and the form keeps what makes it arrive once only.
    const failed = () => {
      button.disabled = false;
      told.textContent = told.dataset.failed;
    };
    request.addEventListener("error", failed);
    request.addEventListener("abort", failed);
    request.addEventListener("timeout", failed);
    request.addEventListener("load", () => {
      if (request.status < 400 && request.responseURL) {
        window.location.assign(request.responseURL);
        return;
      }
      // What is wrong is told by the page that the browser itself would show.
      form.submit();
    });
    request.send(new FormData(form));
  });
}
