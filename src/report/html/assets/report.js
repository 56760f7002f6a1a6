"use strict";

// The table of findings: search, filters, order, and only the rows that are in view. Text
// comes from the data, so it is put into the page as text nodes and in no other way.
(() => {
    const PAPER_ROWS = 200;
    const LEVELS = ["note", "warning", "error"];
    const EFFECTS = ["fine", "unknown", "altered", "replaced", "crash"];
    const ROW = 1, IMAGE = 2; // kinds of findings
    // What stands where in a finding
    const RULE = 0, LEVEL = 1, EFFECT = 2, KIND = 3, MESSAGE = 4; // of every kind
    const FILE = 5, LINE = 6, COLUMN = 7, NUMBER = 8, TURN = 9, ID = 10; // of a row
    const SUBJECT = 5, COUNT = 6, FIRST = 7; // of an image or an id

    const get = (id) => document.getElementById(id);
    const commas = (number) => number.toLocaleString("en-US");

    // An element with text or other elements in it
    function make(name, attributes, ...children) {
        const element = document.createElement(name);
        for (const [key, value] of Object.entries(attributes))
            element.setAttribute(key, value);
        element.append(...children);
        return element;
    }

    document.documentElement.classList.add("script");

    // ---- rules open when a link leads to them, and on paper

    function openTarget() {
        const target = get(location.hash.slice(1));
        if (target && target.tagName === "DETAILS") {
            target.open = true;
            target.scrollIntoView();
        }
    }
    addEventListener("hashchange", openTarget);
    document.addEventListener("click", (event) => {
        // a link to where one is already changes no hash
        const link = event.target.closest("a[href^='#rule-']");
        if (link && link.getAttribute("href") === location.hash)
            openTarget();
    });
    openTarget();

    let closed = [];
    addEventListener("beforeprint", () => {
        closed = [...document.querySelectorAll("details:not([open])")];
        closed.forEach((details) => { details.open = true; });
        document.documentElement.classList.add("paper");
    });
    addEventListener("afterprint", () => {
        closed.forEach((details) => { details.open = false; });
        document.documentElement.classList.remove("paper");
    });

    // ---- findings

    const source = get("findings-data");
    if (!source)
        return;
    const data = JSON.parse(source.textContent);
    const all = data.findings;
    source.textContent = ""; // the text is not needed twice
    const view = get("view"), table = get("table"), body = get("rows"), detail = get("detail");
    let order = []; // indexes of the findings shown
    let active = -1; // of order
    let sorted = { by: "level", down: true };

    function where(finding) {
        if (finding[KIND] === ROW)
            return `${data.files[finding[FILE]]}:${finding[LINE]}:${finding[COLUMN]}`;
        return finding[KIND] === IMAGE ? finding[SUBJECT] : `id ${finding[SUBJECT]}`;
    }

    function more(finding) {
        if (finding[KIND] !== ROW)
            return finding[COUNT] === 1 ? "1 row" : `${commas(finding[COUNT])} rows`;
        const row = finding[NUMBER] < 0 ? "" : `row ${commas(finding[NUMBER])}`;
        return finding[ID] ? `${row}, id ${finding[ID]}` : row;
    }

    const code = (finding) => data.rules[finding[RULE]][0];

    // ---- search and order

    let haystack = null; // made when first searched
    function matches(words, index) {
        haystack ??= all.map((finding) => [where(finding), more(finding), finding[MESSAGE],
            code(finding), data.rules[finding[RULE]][1]].join("\n").toLowerCase());
        return words.every((word) => haystack[index].includes(word));
    }

    const keys = {
        level: (finding) => finding[LEVEL],
        rule: code,
        where: () => 0, // as they come: by file and row, then by path
        message: (finding) => finding[MESSAGE],
        effect: (finding) => finding[EFFECT],
    };

    function sort() {
        const key = keys[sorted.by], sign = sorted.down ? -1 : 1;
        if (sorted.by === "where") {
            order.sort((a, b) => sign * (a - b));
            return;
        }
        const values = new Map(order.map((index) => [index, key(all[index])]));
        order.sort((a, b) => {
            const x = values.get(a), y = values.get(b);
            return x < y ? -sign : x > y ? sign : a - b;
        });
    }

    function update() {
        const words = get("search").value.toLowerCase().split(/\s+/).filter(Boolean);
        const wanted = [[LEVEL, get("level").value], [RULE, get("rule").value],
            [EFFECT, get("effect").value]].filter(([, value]) => value !== "");
        order = [];
        all.forEach((finding, index) => {
            if (wanted.every(([at, value]) => finding[at] === Number(value)) &&
                (!words.length || matches(words, index)))
                order.push(index);
        });
        sort();
        active = -1;
        table.removeAttribute("aria-activedescendant");
        table.setAttribute("aria-rowcount", order.length + 1);
        closeDetail();
        get("ids-status").hidden = true;
        const listed = all.length === data.of ? "findings" : "listed findings";
        get("count").textContent = order.length === all.length
            ? `${commas(all.length)} ${listed}`
            : `${commas(order.length)} of ${commas(all.length)} ${listed}`;
        view.scrollTop = 0;
        redraw();
    }

    // ---- rows in view

    function makeRow(at) {
        const finding = all[order[at]];
        const level = LEVELS[finding[LEVEL]], effect = EFFECTS[finding[EFFECT]];
        const cell = (...children) => make("td", { role: "gridcell" }, ...children);
        const row = make("tr", { role: "row", id: `finding-${at}`, "aria-rowindex": at + 2,
            "aria-selected": at === active, class: at === active ? "active" : "" },
            cell(make("span", { class: `level ${level}` }, level)),
            cell(make("a", { href: `#rule-${code(finding)}`, tabindex: -1 }, code(finding))),
            cell(make("bdi", {}, where(finding)), " ",
                make("span", { class: "dim" }, make("bdi", {}, more(finding)))),
            cell(make("bdi", {}, finding[MESSAGE])),
            cell(make("i", { class: `effect-${effect}` }), effect));
        row.dataset.at = at;
        return row;
    }

    function space(height) {
        const cell = make("td", { colspan: 5 });
        cell.style.height = `${height}px`;
        return make("tr", { class: "space", "aria-hidden": "true" }, cell);
    }

    let rowHeight = 0;
    function measure() {
        body.replaceChildren(makeRow(0));
        rowHeight = body.firstChild.getBoundingClientRect().height || 36;
    }

    let drawn = "";
    function render() {
        if (!order.length) {
            body.replaceChildren(make("tr", { class: "space" },
                make("td", { colspan: 5, class: "none" }, "No finding is like that.")));
            drawn = "";
            return;
        }
        if (!rowHeight)
            measure();
        const seen = Math.ceil(view.clientHeight / rowHeight) + 1;
        const room = Math.max(seen, 24) + 16; // before the first look the view has no height
        let from = Math.max(0, Math.floor(view.scrollTop / rowHeight) - 8);
        from -= from % 8;
        const to = Math.min(order.length, from + room + 8);
        const now = `${from} ${to} ${active}`;
        if (drawn === now)
            return;
        const rows = [space(from * rowHeight)];
        for (let at = from; at < to; at++)
            rows.push(makeRow(at));
        rows.push(space((order.length - to) * rowHeight));
        body.replaceChildren(...rows);
        drawn = now;
    }

    function redraw() {
        drawn = "";
        render();
    }

    // ---- one finding in full

    function closeDetail() {
        detail.hidden = true;
        detail.replaceChildren();
    }

    function showDetail() {
        const finding = all[order[active]];
        const [ruleCode, name, summary, what] = data.rules[finding[RULE]];
        const list = make("dl", { class: "facts" });
        const fact = (term, ...children) => list.append(make("div", {},
            make("dt", {}, term), make("dd", {}, ...children)));
        fact("What", make("bdi", {}, finding[MESSAGE]));
        fact("Where", make("bdi", {}, where(finding)));
        if (finding[KIND] === ROW) {
            if (finding[NUMBER] >= 0)
                fact("Row", `${commas(finding[NUMBER])} of the file, from 0`);
            if (finding[ID])
                fact("Id", make("bdi", {}, finding[ID]));
            if (finding[TURN] >= 0)
                fact("Turn", `${finding[TURN]}, from 0`);
        } else if (finding[COUNT]) {
            const first = finding[FIRST], places = [];
            for (let i = 0; i < first.length; i += 3)
                places.push(`${data.files[first[i]]}:${first[i + 1]} (row ${commas(first[i + 2])})`);
            const left = finding[COUNT] - places.length;
            fact(finding[KIND] === IMAGE ? "Used by" : "Rows",
                make("bdi", {}, places.join(", ") + (left ? ` and ${commas(left)} more` : "")));
        }
        fact(data.trainer, make("b", {}, EFFECTS[finding[EFFECT]]), what ? `: ${what}` : "");
        detail.replaceChildren(make("h3", {}, make("a", { href: `#rule-${ruleCode}` }, ruleCode),
            ` ${name}`), make("div", { class: "dim" }, summary), list);
        detail.hidden = false;
    }

    // ---- moving

    function activate(at, open) {
        active = Math.min(Math.max(at, 0), order.length - 1);
        const top = active * rowHeight;
        const head = table.tHead.getBoundingClientRect().height;
        const room = view.clientHeight - head - rowHeight;
        if (view.scrollTop > top)
            view.scrollTop = top;
        else if (view.scrollTop + room < top)
            view.scrollTop = top - room;
        render();
        table.setAttribute("aria-activedescendant", `finding-${active}`);
        if (open || !detail.hidden)
            showDetail();
    }

    table.addEventListener("keydown", (event) => {
        if (event.target !== table || !order.length || event.altKey || event.ctrlKey ||
            event.metaKey)
            return;
        const page = Math.max(1, Math.floor(view.clientHeight / rowHeight) - 2);
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
        if (event.key in steps)
            activate(active < 0 ? 0 : active + steps[event.key], false);
        else if (event.key === "Home")
            activate(0, false);
        else if (event.key === "End")
            activate(order.length - 1, false);
        else if (event.key === "Enter" || event.key === " ")
            activate(active, true);
        else if (event.key === "Escape")
            closeDetail();
        else
            return;
        event.preventDefault();
    });
    body.addEventListener("click", (event) => {
        const row = event.target.closest("tr");
        if (!row || row.dataset.at === undefined || event.target.closest("a"))
            return;
        table.focus({ preventScroll: true });
        activate(Number(row.dataset.at), true);
    });

    // ---- the ids of the findings shown

    // Each id once, in the order of the table. Findings about an image, a file or the whole
    // set have no id here.
    function shownIds() {
        const ids = new Set();
        let without = 0;
        for (const index of order) {
            const finding = all[index];
            const id = finding[KIND] === ROW ? finding[ID]
                : finding[KIND] === IMAGE ? "" : finding[SUBJECT];
            if (id)
                ids.add(id);
            else
                without++;
        }
        return { text: [...ids].map((id) => `${id}\n`).join(""), count: ids.size, without };
    }

    function reportIds(done, ids) {
        const text = `${done} ${commas(ids.count)} ${ids.count === 1 ? "id" : "ids"}`;
        const rest = `; ${commas(ids.without)} of the findings shown name no id`;
        get("ids-status").textContent = ids.without ? text + rest : text;
        get("ids-status").hidden = false;
    }

    // Returns whether the text is in the clipboard. A page over plain HTTP has no clipboard
    // API, and a browser may refuse it: then a selected text field is copied.
    async function copyText(text) {
        if (navigator.clipboard) {
            try {
                await navigator.clipboard.writeText(text);
                return true;
            } catch {
                // refused
            }
        }
        const area = make("textarea", { readonly: "", "aria-hidden": "true" });
        area.value = text;
        area.style.position = "fixed";
        area.style.opacity = "0";
        document.body.append(area);
        area.select();
        const done = document.execCommand("copy");
        area.remove();
        return done;
    }

    get("copy-ids").addEventListener("click", async () => {
        const ids = shownIds();
        const done = !ids.count || await copyText(ids.text);
        reportIds(done ? "Copied" : "The browser refused to copy", ids);
        get("copy-ids").focus({ preventScroll: true });
    });
    get("download-ids").addEventListener("click", () => {
        const ids = shownIds();
        if (ids.count) {
            const url = URL.createObjectURL(new Blob([ids.text], { type: "text/plain" }));
            make("a", { href: url, download: "ids.txt" }).click();
            setTimeout(() => URL.revokeObjectURL(url), 60000); // the browser has read it by then
        }
        reportIds("Saved", ids);
    });

    // ---- setting up

    Object.keys(keys).forEach((name, column) => {
        const head = table.tHead.rows[0].cells[column];
        const button = make("button", { type: "button" }, head.textContent);
        head.replaceChildren(button);
        head.setAttribute("role", "columnheader");
        button.addEventListener("click", () => {
            const down = sorted.by === name ? !sorted.down : name === "level" || name === "effect";
            sorted = { by: name, down };
            markSorted();
            update();
        });
    });

    function markSorted() {
        Object.keys(keys).forEach((name, column) => {
            const head = table.tHead.rows[0].cells[column];
            if (sorted.by === name)
                head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
            else
                head.removeAttribute("aria-sort");
        });
    }

    for (const [index, [ruleCode, name]] of Object.entries(data.rules))
        get("rule").append(make("option", { value: index }, `${ruleCode} ${name}`));
    let timer = 0;
    get("search").addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(update, all.length > 5000 ? 120 : 0);
    });
    for (const id of ["level", "rule", "effect"])
        get(id).addEventListener("change", update);

    function clear() {
        for (const id of ["search", "level", "rule", "effect"])
            get(id).value = "";
    }
    get("clear").addEventListener("click", () => {
        clear();
        update();
        get("search").focus();
    });

    // "Show … in the table" below a rule
    for (const link of document.querySelectorAll("a.show-rule")) {
        link.addEventListener("click", () => {
            const rule = link.closest("details").id.slice("rule-".length);
            clear();
            get("rule").value = Object.keys(data.rules).find((i) => data.rules[i][0] === rule);
            update();
        });
    }

    // a place leads to its findings
    for (const row of document.querySelectorAll("#places tbody tr")) {
        const name = row.querySelector("bdi"), text = name.textContent;
        if (row.cells[1].textContent === "ids" || text === "." || text === "…")
            continue;
        const link = make("a", { href: "#findings" }, text);
        name.replaceChildren(link);
        link.addEventListener("click", () => {
            clear();
            get("search").value = text;
            update();
        });
    }

    table.setAttribute("role", "grid");
    table.setAttribute("tabindex", "0");
    table.setAttribute("aria-label", "Findings");
    table.setAttribute("aria-describedby", "keys");
    table.tHead.setAttribute("role", "rowgroup");
    table.tHead.rows[0].setAttribute("role", "row");
    body.setAttribute("role", "rowgroup");
    for (const id of ["tools", "count", "keys"])
        get(id).hidden = false;
    view.addEventListener("scroll", () => requestAnimationFrame(render), { passive: true });
    addEventListener("resize", () => {
        rowHeight = 0;
        redraw();
    });
    addEventListener("beforeprint", () => {
        const rows = [];
        for (let at = 0; at < Math.min(order.length, PAPER_ROWS); at++)
            rows.push(makeRow(at));
        if (order.length > rows.length)
            rows.push(make("tr", {}, make("td", { colspan: 5, class: "none" },
                `and ${commas(order.length - rows.length)} more`)));
        body.replaceChildren(...rows);
    });
    addEventListener("afterprint", redraw);
    markSorted();
    update();
})();
