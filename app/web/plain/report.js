"use strict";
// Filters the table of questions; without it the whole table stands there.
const form = document.querySelector("#questions form");
const rows = [...document.querySelectorAll("#asked tbody tr")];
const words = document.getElementById("words");
const kind = document.getElementById("kind");
const wrong = document.getElementById("wrong");
const count = document.getElementById("count");
const texts = rows.map((row) => row.textContent.toLowerCase());

function filter() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, place) => {
    const fits = wanted.every((word) => texts[place].includes(word))
      && (kind.value === "all" || row.dataset.kind === kind.value)
      && (!wrong.checked || row.dataset.wrong === "yes");
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  });
  count.textContent = `${shown} of ${rows.length} questions`;
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
filter();

// On paper nothing can be opened: what changed and the settings are printed open.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) {
    if (!folded.closest("#asked")) folded.open = true;
  }
});
