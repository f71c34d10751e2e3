
"use strict";
(() => {
  const root = document.documentElement;
  const scheme = document.getElementById("scheme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.scheme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const showScheme = () => scheme.setAttribute("aria-pressed", String(isDark()));
  scheme.addEventListener("click", () => {
    root.dataset.scheme = isDark() ? "light" : "dark";
    showScheme();
  });
  prefersDark.addEventListener("change", showScheme);
  showScheme();
  scheme.hidden = false;

  const order = new Intl.Collator("en", { numeric: true });
  const keyOf = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  const sort = (table, heading) => {
    const column = heading.cellIndex;
    const isNumber = heading.dataset.sort === "number";
    const before = heading.ariaSort ?? heading.getAttribute("aria-sort");
    const first = heading.classList.contains("number") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const direction = before === first ? other : first;
    const sign = direction === "ascending" ? 1 : -1;
    const keyed = [...table.tBodies[0].rows].map((row) => [isNumber ? Number(keyOf(row, column)) : keyOf(row, column), row]);
    keyed.sort(([one], [two]) => sign * (isNumber ? one - two : order.compare(one, two)));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
    for (const each of heading.parentElement.cells) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", direction);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const heading of table.querySelectorAll("thead th[data-sort]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.append(button);
    }
  }

  const clients = document.getElementById("clients");
  if (!clients) return;
  const find = document.getElementById("find");
  const impact = document.getElementById("impact");
  const found = document.getElementById("found");
  const rows = [...clients.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      const fits = (!impact.value || row.dataset.impact === impact.value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    found.value = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
  };
  find.form.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  impact.addEventListener("change", filter);
  find.form.hidden = false;
  filter();
})();
