// Comfort only: without it every form and link does the same.
"use strict";

// After a change and during a run: show the page again when the next run has ended.
const { status, last } = document.body.dataset;
if (status) {
  let tries = 60;
  const look = async () => {
    const answer = await fetch(status).then((answer) => answer.json()).catch(() => ({}));
    if (!answer.running && answer.last_run_at && String(answer.last_run_at) !== last) {
      location.replace(location.pathname);
    } else if (--tries > 0 && "running" in answer) {
      setTimeout(look, 2000);
    }
  };
  setTimeout(look, 1500);
}

// Once the show is chosen, list its specials without leaving the form.
const list = document.getElementById("list");
if (list) {
  const refresh = async () => {
    const query = new URLSearchParams(new FormData(list.form));
    const page = await fetch(`${list.formAction}?${query}`).then((answer) => answer.text()).catch(() => "");
    const known = new DOMParser().parseFromString(page, "text/html").getElementById("known");
    if (known) document.getElementById("known").replaceWith(known);
  };
  for (const name of ["show_name", "tvdb_id", "season"]) list.form.elements[name].addEventListener("change", refresh);
  list.addEventListener("click", (event) => { event.preventDefault(); refresh(); });
}
