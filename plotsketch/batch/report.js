// Sorts the table by a click on a column's head, and shows the rows that hold what is typed. The page reads without it.
"use strict";
const table = document.querySelector("table");
const rows = [...table.tBodies[0].rows];
const words = new Intl.Collator(undefined, { numeric: true });

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : cell.dataset.value;
}

function sort(head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  const numbers = head.classList.contains("number");
  const keyed = rows.map((row, place) => ({ row, place, key: value(row, column) }));
  keyed.sort((a, b) => {
    if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || a.place - b.place; // unknown ones last
    const order = numbers ? a.key - b.key : words.compare(a.key, b.key);
    return (down ? -order : order) || a.place - b.place;
  });
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  table.tBodies[0].append(...keyed.map((item) => item.row));
}

[...table.tHead.rows[0].cells].forEach((head, column) => {
  if (head.classList.contains("plain")) return;
  const button = document.createElement("button"); // for the keyboard; a click on the head does the same
  button.type = "button";
  button.setAttribute("aria-label", `Sort by ${head.textContent}`);
  head.append(button);
  head.addEventListener("click", () => sort(head, column));
});

const wanted = document.querySelector("#wanted");
wanted.addEventListener("input", () => {
  const text = wanted.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(text);
});
wanted.parentElement.hidden = false;
