
"use strict";
(() => {
  // Nothing here turns text into markup: every element is made by make(), every text becomes a text node.
  const PAGE_ROWS = 50;
  const NAMES_OFFERED = 500;
  const TYPING_PAUSE_MS = 150;
  const FLAG = { warning: 1, error: 2, repeat: 4 };
  const KIND_NAMES = { event: "events", stance: "stance", headline: "headline", summary: "summary" };
  // Columns of an index row.
  const TITLE = 0, LINE = 1, DATE = 2, SOURCE = 3, EVENTS = 4, ACTORS = 5, STANCES = 6, FLAGS = 7;

  const OWN_VOICE = null; // the holder's number in a row, where the article itself speaks

  const byId = (id) => document.getElementById(id);
  const index = JSON.parse(byId("index").textContent);
  const rows = index.rows;
  const lowerNames = index.names.map((name) => name.toLowerCase());
  const searchable = new Array(rows.length);
  const hidden = new Set();
  const fields = Object.fromEntries(
    ["text", "event", "actor", "polarity", "from", "to", "flag", "order"].map((name) => [name, byId("f-" + name)]));
  let pair = null; // the holder and target of a cell of the matrix: {own, holder, target}
  let found = [];
  let page = 0;
  let opened = -1;

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  // The articles' blocks stand behind this script: while the page still loads, some are not there yet. A block that is followed
  // by nothing may be there in part.
  const loading = () => document.readyState === "loading";

  function block(number) {
    const element = byId("a" + number);
    return element && (element.nextElementSibling || !loading()) ? JSON.parse(element.textContent) : null;
  }

  // The list

  function textOf(number) {
    if (searchable[number] === undefined) {
      const row = rows[number], article = block(number);
      if (!article) return "";
      searchable[number] = [row[TITLE], row[LINE], row[SOURCE], article.id, article.author, article.text, article.error, article.place]
        .filter(Boolean).join("\n").toLowerCase();
    }
    return searchable[number];
  }

  function filterRows() {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const event = fields.event.value === "" ? -1 : Number(fields.event.value);
    const actor = fields.actor.value.trim().toLowerCase();
    const actors = actor && new Set(lowerNames.flatMap((name, number) => (name.includes(actor) ? [number] : [])));
    const polarity = fields.polarity.value === "" ? -1 : Number(fields.polarity.value);
    const flag = Number(fields.flag.value);
    const from = fields.from.value, to = fields.to.value;
    const target = pair && index.names.indexOf(pair.target);
    const holder = pair && !pair.own ? index.names.indexOf(pair.holder) : OWN_VOICE;
    const fits = (row, number) =>
      (event < 0 || row[EVENTS].includes(event)) &&
      (!actors || row[ACTORS].some((name) => actors.has(name))) &&
      ((polarity < 0 && !pair) || row[STANCES].some((stance) =>
        (polarity < 0 || stance[2] === polarity) && (!pair || (stance[0] === holder && stance[1] === target)))) &&
      (!from || row[DATE] >= from) && (!to || (row[DATE] && row[DATE] <= to)) &&
      (!flag || (flag > 0 ? (row[FLAGS] & flag) !== 0 : (row[FLAGS] & -flag) === 0)) &&
      words.every((word) => textOf(number).includes(word));
    found = [];
    for (let number = 0; number < rows.length; number++) if (fits(rows[number], number)) found.push(number);
    const order = fields.order.value;
    if (order) {
      const later = order === "new" ? -1 : 1;
      const dated = (a, b) => (rows[a][DATE] < rows[b][DATE] ? -later : rows[a][DATE] > rows[b][DATE] ? later : a - b);
      found.sort((a, b) => !rows[a][DATE] - !rows[b][DATE] || dated(a, b)); // what has no date comes last
    }
    page = 0;
    showList();
  }

  function showList() {
    const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS));
    byId("list").replaceChildren(...found.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS).map(listItem));
    byId("status").textContent = found.length === rows.length
      ? rows.length.toLocaleString("en") + (rows.length === 1 ? " row" : " rows")
      : found.length.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " rows";
    byId("pages").hidden = pages === 1;
    byId("page-at").textContent = "page " + (page + 1) + " of " + pages;
    byId("page-back").disabled = page === 0;
    byId("page-on").disabled = page === pages - 1;
  }

  function listItem(number) {
    const row = rows[number];
    const pills = row[EVENTS].map((event) => make("span", { class: "pill event" }, index.labels[event].name));
    if (row[FLAGS] & FLAG.error) pills.push(make("span", { class: "pill against" }, "error"));
    if (row[FLAGS] & FLAG.warning) pills.push(make("span", { class: "pill flag" }, "warning"));
    if (row[FLAGS] & FLAG.repeat) pills.push(make("span", { class: "pill" }, "repeat"));
    const where = [row[DATE], row[SOURCE]].filter(Boolean).join(" · ");
    return make("li", {},
      make("a", { class: "row", href: "#article=" + number, "aria-current": number === opened ? "true" : null },
        make("span", { class: "row-title", dir: "auto" }, row[TITLE]),
        row[LINE] ? make("span", { class: "row-line", dir: "auto" }, row[LINE]) : null,
        where ? make("small", {}, where) : null,
        pills.length ? make("div", {}, pills) : null));
  }

  function turn(by) {
    page += by;
    showList();
    byId("articles").scrollIntoView();
  }

  // One article

  function route() {
    const asked = /^#article=(\d+)$/.exec(location.hash);
    const number = asked ? Number(asked[1]) : -1;
    hideTip();
    if (number >= 0 && number < rows.length) open(number);
    else close();
  }

  function open(number) {
    opened = number;
    document.body.classList.add("reading");
    byId("reader").hidden = false;
    const data = block(number);
    if (!data) return byId("reader").replaceChildren(make("p", { class: "muted" }, "Loading …"));
    byId("reader").replaceChildren(bar(number), ...(data.error === undefined ? articleParts(data) : errorParts(data)));
    showList();
    byId("reader").scrollIntoView();
    byId("reader-title").focus({ preventScroll: true });
  }

  function close() {
    if (opened < 0) return;
    const last = opened;
    opened = -1;
    document.body.classList.remove("reading");
    byId("reader").hidden = true;
    byId("reader").replaceChildren();
    showList();
    const link = document.querySelector('a.row[href="#article=' + last + '"]');
    if (link) link.focus();
  }

  function bar(number) {
    const at = found.indexOf(number);
    const step = (to, text) => make("a", to === undefined ? { "aria-disabled": "true", class: "muted" } : { href: "#article=" + to }, text);
    return make("nav", { class: "reader-bar", "aria-label": "Articles" },
      make("a", { href: "#articles" }, "Close"),
      step(at > 0 ? found[at - 1] : undefined, "Previous"),
      step(at >= 0 ? found[at + 1] : undefined, "Next"));
  }

  function errorParts(data) {
    return [
      make("h3", { id: "reader-title", tabindex: "-1" }, "This input has no answer"),
      make("p", { class: "byline" }, [data.place, data.id].filter(Boolean).join(" · ")),
      make("p", { class: "notice" }, data.error, " ", data.remedy),
    ];
  }

  function articleParts(data) {
    const text = textElement(data);
    const about = [data.title, data.source, data.author, data.date, data.id].filter(Boolean).join(" · ");
    return [
      make("h3", { id: "reader-title", class: "headline", tabindex: "-1", lang: data.language, dir: "auto" }, data.headline || data.title || "No headline"),
      make("p", { class: "byline", dir: "auto" }, about, data.url ? make("span", {}, " · ", make("a", { href: data.url, rel: "noopener noreferrer" }, "source")) : null),
      ...data.warnings.map((warning) => make("p", { class: "notice" }, warning)),
      data.repeats ? make("p", { class: "notice" }, "Nearly the same text came before: " + data.repeats) : null,
      kindToggles(text),
      text,
      ...answers(data, text),
    ].filter(Boolean);
  }

  function kindToggles(text) {
    const boxes = Object.entries(KIND_NAMES).map(([kind, name]) => {
      const box = make("input", { type: "checkbox", checked: !hidden.has(kind) });
      const apply = () => {
        hidden[box.checked ? "delete" : "add"](kind);
        text.classList.toggle("off-" + kind, !box.checked);
      };
      box.addEventListener("change", apply);
      apply();
      return make("label", {}, box, make("span", { class: "key " + kind }, name));
    });
    return make("fieldset", { class: "kinds" }, make("legend", {}, "Marked in the text"), boxes);
  }

  // The text with its pieces as nested <mark>s. Pieces come in the order in which they open and never cross.
  function textElement(data) {
    const root = make("div", { class: "text", lang: data.language, dir: "auto" });
    const stack = [{ element: root, end: data.text.length }];
    const seen = new Set();
    let at = 0;
    const upTo = (place) => {
      while (stack.length > 1 && stack[stack.length - 1].end <= place) {
        const inner = stack.pop();
        inner.element.append(data.text.slice(at, inner.end));
        at = inner.end;
      }
      stack[stack.length - 1].element.append(data.text.slice(at, place));
      at = place;
    };
    for (const [start, end, number] of data.pieces) {
      upTo(start);
      const [kind, ...captions] = data.marks[number];
      const first = !seen.has(number);
      seen.add(number);
      const element = make("mark", { class: kind, "data-mark": number, tabindex: first ? "0" : null });
      element.captions = captions;
      if (first) element.append(make("span", { class: "said", dir: "ltr", lang: "en" }, "[" + captions.join("; ") + ": "));
      stack[stack.length - 1].element.append(element);
      stack.push({ element, end });
    }
    upTo(data.text.length);
    return root;
  }

  function answers(data, text) {
    const proofs = (numbers, of) => numbers.map((number, place) => {
      const button = make("button", { type: "button", "aria-label": "Show evidence " + (place + 1) + " for " + of }, String(place + 1));
      button.addEventListener("click", () => {
        const element = text.querySelector('mark[data-mark="' + number + '"]');
        element.scrollIntoView({ block: "center" });
        element.focus({ preventScroll: true });
      });
      return button;
    });
    const score = (value) => make("td", { class: "score" }, value === null ? "" : value.toFixed(2));
    const table = (head, body) => make("table", { class: "answers" },
      make("thead", {}, make("tr", {}, head.map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, body));
    const parts = [make("h3", {}, "Events")];
    parts.push(data.events.length
      ? table(["Type", "Said to have", "Score", "Evidence"], data.events.map(([name, modality, value, marks]) =>
        make("tr", {}, make("td", {}, make("span", { class: "pill event" }, name)), make("td", {}, modality), score(value), make("td", {}, proofs(marks, name)))))
      : make("p", { class: "muted" }, "None."));
    parts.push(make("h3", {}, "Stance"));
    parts.push(data.stances.length
      ? table(["Holder", "Target", "Stance", "Score", "Evidence"], data.stances.map(([holder, target, polarity, value, reason, marks]) =>
        make("tr", {}, make("td", {}, holder === null ? "The article" : holder), make("td", {}, "→ " + target),
          make("td", {}, make("span", { class: "pill " + polarity }, polarity)), score(value),
          make("td", {}, marks.length ? proofs(marks, target) : make("small", {}, reason)))))
      : make("p", { class: "muted" }, "None."));
    if (data.summary.length) {
      const words = (number) => data.pieces.filter((piece) => piece[2] === number).map(([start, end]) => data.text.slice(start, end)).join("");
      parts.push(make("h3", {}, "Summary"), table(["Sentence", "Evidence"], data.summary.map((number, place) =>
        make("tr", {}, make("td", { lang: data.language, dir: "auto" }, words(number)), make("td", {}, proofs([number], "summary sentence " + (place + 1)))))));
    }
    if (data.actors.length) {
      parts.push(make("h3", {}, "Actors"), make("p", {}, data.actors.map(([name, kind, mentions]) =>
        make("span", { class: "pill" }, name + " · " + kind + " · " + mentions))));
    }
    return parts;
  }

  // What is said of marked words, on hover and on focus

  const tip = byId("tip");

  function showTip(element) {
    const lines = [];
    for (let mark = element.closest("mark"); mark; mark = mark.parentElement.closest("mark")) {
      for (const line of mark.captions) if (!hidden.has(mark.classList[0])) lines.push(line);
    }
    if (!lines.length) return hideTip();
    tip.replaceChildren(...lines.map((line) => make("p", {}, line)));
    tip.hidden = false;
    const box = element.closest("mark").getClientRects()[0];
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = Math.max(8, left) + window.scrollX + "px";
    tip.style.top = (above > 0 ? above : box.bottom + 6) + window.scrollY + "px";
  }

  function hideTip() {
    tip.hidden = true;
  }

  // Wiring

  function fillChoices() {
    const counts = new Map(), seen = new Map();
    for (const row of rows) {
      for (const event of new Set(row[EVENTS])) counts.set(event, (counts.get(event) || 0) + 1);
      for (const actor of new Set(row[ACTORS])) seen.set(actor, (seen.get(actor) || 0) + 1);
    }
    const most = (map) => [...map].sort((a, b) => b[1] - a[1]);
    fields.event.append(...most(counts).map(([event, count]) =>
      make("option", { value: event }, index.labels[event].name + " (" + count + ")")));
    byId("actor-names").append(...most(seen).slice(0, NAMES_OFFERED).map(([name]) => make("option", { value: index.names[name] })));
  }

  function setFilter(button) {
    const { filter, value, holder, own, target } = button.dataset;
    if (filter === "event") fields.event.value = index.labels.findIndex((label) => label.id === value);
    if (filter === "actor") fields.actor.value = value;
    if (filter === "stance") choosePair({ own: own === "1", holder, target });
    filterRows();
    byId("articles").scrollIntoView();
    byId("status").setAttribute("tabindex", "-1");
    byId("status").focus({ preventScroll: true });
  }

  function choosePair(chosen) {
    pair = chosen;
    byId("chip").hidden = !pair;
    byId("chip").textContent = pair ? (pair.own ? "The article" : pair.holder) + " → " + pair.target + " ✕" : "";
    if (pair) byId("chip").setAttribute("aria-label", "Remove the filter " + byId("chip").textContent.slice(0, -2));
  }

  let typing = 0;
  byId("filters").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(filterRows, TYPING_PAUSE_MS);
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => {
    choosePair(null);
    setTimeout(filterRows);
  });
  byId("chip").addEventListener("click", () => {
    choosePair(null);
    filterRows();
  });
  byId("overview").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-filter]");
    if (button) setFilter(button);
  });
  byId("page-back").addEventListener("click", () => turn(-1));
  byId("page-on").addEventListener("click", () => turn(1));
  const reader = byId("reader");
  for (const name of ["mouseover", "focusin"]) {
    reader.addEventListener(name, (event) => (event.target.closest("mark") ? showTip(event.target) : hideTip()));
  }
  reader.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
  });
  window.addEventListener("hashchange", route);
  document.addEventListener("DOMContentLoaded", () => {
    if (fields.text.value) filterRows();
    if (opened >= 0) route();
  });

  fillChoices();
  byId("filters").hidden = false;
  filterRows();
  route();
  document.documentElement.dataset.ready = Math.round(performance.now()); // ms since navigation, for whoever measures
})();
