// Sorts, filters, copies and enlarges. Everything is readable without it: each control is made here.
"use strict";
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // Numbers as the page writes them: 65,536 · +1.97 % · 3.4e-7 · ≤ 2 % · 4 min 5 s.
  const UNITS = { h: 3600, min: 60, s: 1 };
  const quantity = (text) => {
    const times = [...text.matchAll(/([\d.]+)\s(h|min|s)(?=\s|$)/g)];
    if (times.length) return times.reduce((sum, [, count, unit]) => sum + count * UNITS[unit], 0);
    const found = text.replaceAll(",", "").match(/[-+]?\d+(\.\d+)?(e[-+]?\d+)?/i);
    return found ? Number(found[0]) : -Infinity;
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const numeric = head.classList.contains("n");
        const key = (row) => (numeric ? quantity(row.cells[column].innerText) : row.cells[column].innerText);
        const order = (a, b) => (numeric ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
        for (const body of table.tBodies) {
          const rows = [...body.rows].filter((row) => row.cells.length === heads.length);
          rows.sort((a, b) => (down ? -1 : 1) * order(key(a), key(b)));
          body.append(...rows);
        }
      });
    });
  };

  // One field filters the matrix and the cases: every word must occur in the row or in the headings above it.
  const filter = () => {
    const sections = ["matrix", "cases"].map((id) => document.getElementById(id)).filter(Boolean);
    if (!sections.length) return;
    const entries = [];
    for (const section of sections) {
      for (const row of section.querySelectorAll("tbody tr")) {
        if (row.querySelector("[scope=rowgroup]")) continue;
        const group = row.closest("details.group");
        const above = [group?.querySelector("h3"), row.closest("tbody").querySelector("[scope=rowgroup]")];
        const statuses = [...row.querySelectorAll(".s")].flatMap((mark) => [...mark.classList]);
        // in the matrix back ends stand in the head: those of cells that are filled belong to the row
        const heads = section.id === "matrix" ? [...row.closest("table").tHead.rows[0].cells] : [];
        above.push(...heads.filter((head, column) => row.cells[column]?.textContent));
        const words = [row, ...above].map((part) => part?.textContent ?? "").join(" ").toLowerCase();
        entries.push({ row, group, words, statuses, section });
      }
    }
    const field = make("input", { type: "search", id: "filter-text", placeholder: "gamma torch float32" });
    const choice = make("select", { id: "filter-status" }, make("option", { value: "" }, "every status"));
    const present = new Set(entries.flatMap((entry) => entry.statuses).filter((name) => name !== "s"));
    for (const name of present) choice.append(make("option", { value: name }, name.replaceAll("_", " ")));
    const count = make("output", { htmlFor: "filter-text filter-status" });
    const label = (text, target) => make("label", { htmlFor: target.id }, text);
    const form = make("form", { className: "filter" }, label("Filter", field), field, label("Status", choice), choice, count);
    form.setAttribute("role", "search");
    form.addEventListener("submit", (event) => event.preventDefault());
    const apply = () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const active = wanted.length > 0 || choice.value !== "";
      let shown = 0;
      const alive = new Set();
      for (const { row, group, words, statuses, section } of entries) {
        const kept = wanted.every((word) => words.includes(word)) && (!choice.value || statuses.includes(choice.value));
        row.hidden = !kept;
        if (kept) [group, row.closest("tbody")].forEach((part) => alive.add(part));
        if (kept && section.id === "cases") shown += 1;
      }
      for (const { row, group } of entries) {
        row.closest("tbody").hidden = !alive.has(row.closest("tbody"));
        if (group) group.hidden = !alive.has(group);
      }
      const groups = [...alive].filter((part) => part?.tagName === "DETAILS");
      if (active && groups.length <= 12) groups.forEach((group) => { group.open = true; });
      count.value = active ? `${shown.toLocaleString("en")} of ${cases.toLocaleString("en")} cases` : "";
    };
    const cases = entries.filter((entry) => entry.section.id === "cases").length;
    field.addEventListener("input", apply);
    choice.addEventListener("change", apply);
    (sections[0].querySelector(".intro") ?? sections[0].querySelector("h2")).after(form);
  };

  const copyable = (block) => {
    const button = make("button", { type: "button", className: "copy" }, "Copy");
    button.setAttribute("aria-label", "Copy the command that reproduces this case");
    button.addEventListener("click", async () => {
      const text = block.textContent.trim();
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        // a page from disk may not write to the clipboard: the text is selected instead
        getSelection().selectAllChildren(block);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.before(make("div", { className: "tools" }, button));
  };

  const viewer = make("dialog", { className: "viewer" });
  viewer.setAttribute("aria-label", "Enlarged figure");
  const enlarge = (figure) => {
    const button = make("button", { type: "button", className: "zoom" }, "Enlarge");
    button.addEventListener("click", () => {
      const close = make("button", { type: "button" }, "Close");
      close.addEventListener("click", () => viewer.close());
      viewer.replaceChildren(close, figure.querySelector("svg").cloneNode(true));
      const caption = figure.querySelector("figcaption");
      if (caption) viewer.append(make("p", {}, caption.innerText));
      viewer.showModal();
    });
    figure.append(button);
  };

  // A link into a folded part opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let part = target && target.parentElement; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    if (target) target.scrollIntoView();
  };

  document.querySelectorAll("table").forEach((table) => table.tHead && sortable(table));
  document.querySelectorAll("pre.command").forEach(copyable);
  document.querySelectorAll(".multiples figure, figure.wide, figure.medium").forEach((figure) => figure.querySelector("svg") && enlarge(figure));
  document.body.append(viewer);
  filter();
  addEventListener("hashchange", reveal);
  reveal();
})();
