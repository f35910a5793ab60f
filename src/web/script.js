// Comfort only: without it every form and link does the same.
"use strict";

const read = (address) => fetch(address).then((answer) => answer.text()).catch(() => "")
  .then((text) => new DOMParser().parseFromString(text, "text/html"));

// Puts what another page has below this name in the place of what is there, and says whether there was anything.
const renew = (page, id) => {
  const [old, fresh] = [document, page].map((where) => where.getElementById(id));
  if (!old || !fresh) return false;
  const held = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const marked = [...old.querySelectorAll("[type=checkbox]:checked")].map((box) => box.id);
  old.replaceChildren(...fresh.childNodes);
  for (const id of marked) old.querySelector(`#${CSS.escape(id)}`)?.setAttribute("checked", "");
  if (held) old.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
  return true;
};

// After a change and during a run: show what it found when the next run has ended. What is typed, searched and filtered stays.
const { status, last } = document.body.dataset;
if (status) {
  let tries = 60;
  const show = async () => {
    const here = new URL(location);
    here.searchParams.delete("done");
    const page = await read(here);
    if (!renew(page, "now") || !renew(page, "found")) return location.replace(here);
    document.title = page.title;
    document.querySelector(".notice")?.remove();
    history.replaceState(null, "", here);
  };
  const look = async () => {
    const answer = await fetch(status).then((answer) => answer.json()).catch(() => ({}));
    if (!answer.running && answer.last_run_at && String(answer.last_run_at) !== last) {
      show();
    } else if (--tries > 0 && "running" in answer) {
      setTimeout(look, 2000);
    }
  };
  setTimeout(look, 1500);
}

// Once the show is chosen, list its specials without leaving the form; while somebody types, fetch what long lists leave out.
const list = document.getElementById("list");
if (list) {
  const typed = () => read(`${list.formAction}?${new URLSearchParams(new FormData(list.form))}`);
  const refresh = async () => renew(await typed(), "known");
  for (const name of ["show_name", "tvdb_id", "season"]) list.form.elements[name]?.addEventListener("change", refresh);
  list.addEventListener("click", (event) => { event.preventDefault(); refresh(); });
  let pause;
  if (document.querySelector("[data-cut]")) list.form.addEventListener("input", ({ target }) => {
    clearTimeout(pause);
    const id = target.getAttribute("list");
    if (id === "movies" || id === "shows") pause = setTimeout(async () => renew(await typed(), id), 300);
  });
}
