// Comfort only: without it every form and link does the same.
"use strict";

const read = (address) => fetch(address).then((answer) => answer.text()).catch(() => "")
  .then((text) => new DOMParser().parseFromString(text, "text/html"));

// Puts what another page has below this name in the place of what is there, and says whether there was anything.
const renew = (page, id) => {
  const [old, fresh] = [document, page].map((where) => where.getElementById(id));
  if (!old || !fresh) return false;
  const held = old.contains(document.activeElement) && document.activeElement;
  const kept = [...old.querySelectorAll("input[id]")].filter(({ checked, defaultChecked }) => checked !== defaultChecked);
  const listed = () => old.querySelector("[name=listed]")?.value;
  const before = listed();
  old.replaceChildren(...fresh.childNodes);
  // of a long list its count is announced, not all of it
  renew(page, `${id}-count`);
  for (const { id, type, checked } of kept) {
    const again = old.querySelector(`#${CSS.escape(id)}`);
    // what was marked in the list of another show is void
    if (again && (type !== "radio" || listed() === before)) again.checked = checked;
  }
  if (held) {
    const [href, name] = [held.getAttribute("href"), held.id];
    const same = href ? `[href="${CSS.escape(href)}"]` : name && `#${CSS.escape(name)}`;
    if (same) old.querySelector(same)?.focus();
  }
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
    const whole = renew(page, "now") && renew(page, "found");
    // what was deleted can be made again for as long as it is offered
    if (!whole && !document.querySelector(".undo")) return location.replace(here);
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
  const typed = () => {
    const all = new FormData(list.form);
    // what was marked because of another film
    if (list.form.querySelector("[data-best]:checked")) all.delete("picked");
    return read(`${list.formAction}?${new URLSearchParams(all)}`);
  };
  // answers may come in another order than they were asked for
  const latest = (show) => {
    let turns = 0;
    return async () => {
      const turn = ++turns;
      const page = await typed();
      if (turn === turns) show(page);
    };
  };
  const refresh = latest((page) => {
    if (!renew(page, "known")) return;
    // the field itself stays: somebody may be typing in it
    for (const part of ["episode-label", "episode-hint"]) renew(page, part);
    const [field, fresh] = [document, page].map((where) => where.getElementById("episode"));
    [field.ariaRequired, field.ariaInvalid] = [fresh.ariaRequired, fresh.ariaInvalid];
  });
  for (const name of ["movie_title", "tmdb_id", "show_name", "tvdb_id", "season"]) list.form.elements[name]?.addEventListener("change", refresh);
  list.form.addEventListener("change", ({ target }) => {
    if (target.name === "picked") list.form.elements.episode.value = "";
  });
  list.addEventListener("click", (event) => { event.preventDefault(); refresh(); });
  let pause;
  const complete = Object.fromEntries(["movies", "shows"].map((id) => [id, latest((page) => renew(page, id))]));
  if (document.querySelector("[data-cut]")) list.form.addEventListener("input", ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(() => complete[target.getAttribute("list")]?.(), 300);
  });
}
