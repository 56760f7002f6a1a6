// The table of findings: search, filters and sorting. It contains only the rows in view.

const PAPER_ROWS = 200;
const COLUMNS = [ // key: the value of a finding to sort by
    { title: "Level", style: "c-level", worstFirst: true, key: (finding) => -LEVELS.indexOf(finding.severity) },
    { title: "Rule", style: "c-rule", key: (finding) => finding.rule },
    { title: "Where", style: "c-where" }, // in the order of the JSON: by file and row, then by path
    { title: "What", style: "c-message", key: (finding) => finding.message },
    { title: "Effect", style: "c-effect", worstFirst: true, key: (finding) => -EFFECTS.indexOf(finding.effect) },
];

// Set the search and the filters: { search, level, rule, effect }. showTable defines it.
let filterTable = () => {};

// What follows the place, dimmed: the row and its id, or how many rows use the image or id.
function placeDetail(finding) {
    if (!isRow(finding))
        return finding.rows ? plural(finding.rows.count, "row") : "";
    const row = finding.row === undefined ? "" : `row ${commas(finding.row)}`;
    return finding.id === undefined ? row : `${row}, id ${finding.id}`;
}

// Everything that is known about a finding.
function findingFacts(finding, rule, trainer) {
    const entries = [["What", bdi(finding.message)], ["Where", bdi(where(finding))]];
    if (finding.row !== undefined)
        entries.push(["Row", `${commas(finding.row)} of the file, from 0`]);
    if (isRow(finding) && finding.id !== undefined)
        entries.push(["Id", bdi(finding.id)]);
    if (finding.turn !== undefined)
        entries.push(["Turn", `${finding.turn}, from 0`]);
    if (finding.rows && finding.rows.count)
        entries.push([isImage(finding) ? "Used by" : "Rows", bdi(rowsOf(finding, Infinity,
            (row) => `${row.file}:${row.line} (row ${commas(row.row)})`))]);
    entries.push([trainer, make("b", {}, finding.effect), ...(rule.effect_text
        ? [": ", ...prose(rule.effect_text)] : [])]);
    return [make("h3", {}, ruleLink(rule.rule), ` ${rule.name}`),
        make("div", { class: "dim" }, ...prose(rule.summary)), facts(entries)];
}

function showTable(report) {
    const all = report.findings, { page } = report;
    if (!page.shown) {
        get("listed").textContent = "There are no findings to list.";
        return;
    }
    if (page.of_each)
        get("listed").append(make("strong", {},
            `${commas(page.listed)} of ${commas(page.shown)} findings`),
        ` are listed: the first ${commas(page.of_each)} of each rule. The JSON report has all.`);
    else
        get("listed").hidden = true;
    const rules = new Map(page.rules.map((rule) => [rule.rule, rule]));
    const view = get("view"), table = get("table"), body = get("rows"), detail = get("detail");
    let order = []; // indexes of the matching findings, sorted
    let active = -1; // position in order, or -1
    let sorted = { by: COLUMNS[0], down: true };

    // ---- searching and sorting

    let haystack = null; // created by the first search
    function matches(words, index) {
        haystack ??= all.map((finding) => [where(finding), placeDetail(finding), finding.message,
            finding.rule, finding.name].join("\n").toLowerCase());
        return words.every((word) => haystack[index].includes(word));
    }

    function sort() {
        const { key } = sorted.by, sign = sorted.down ? -1 : 1;
        if (!key) {
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
        const wanted = [["severity", get("level").value], ["rule", get("rule").value],
            ["effect", get("effect").value]].filter(([, value]) => value);
        order = [];
        all.forEach((finding, index) => {
            if (wanted.every(([member, value]) => finding[member] === value) &&
                (!words.length || matches(words, index)))
                order.push(index);
        });
        sort();
        active = -1;
        table.removeAttribute("aria-activedescendant");
        table.setAttribute("aria-rowcount", order.length + 1);
        closeDetail();
        get("ids-status").hidden = true;
        const listed = page.of_each ? "listed finding" : "finding";
        get("count").textContent = order.length === all.length ? plural(all.length, listed)
            : `${commas(order.length)} of ${plural(all.length, listed)}`;
        view.scrollTop = 0;
        redraw();
    }

    // ---- rows in view

    function makeRow(at) {
        const finding = all[order[at]];
        const cell = (...children) => make("td", { role: "gridcell" }, ...children);
        const link = ruleLink(finding.rule);
        link.setAttribute("tabindex", -1);
        const row = make("tr", { role: "row", id: `finding-${at}`, "aria-rowindex": at + 2,
            "aria-selected": at === active, class: at === active ? "active" : "" },
            cell(levelMark(finding.severity)), cell(link),
            cell(bdi(where(finding)), " ", dim(bdi(placeDetail(finding)))),
            cell(bdi(finding.message)), cell(effectMark(finding.effect), finding.effect));
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
                make("td", { colspan: 5, class: "none" }, "No finding matches.")));
            drawn = "";
            return;
        }
        if (!rowHeight)
            measure();
        const seen = Math.ceil(view.clientHeight / rowHeight) + 1;
        const drawable = Math.max(seen, 24) + 16; // before the first layout, the view has no height
        let from = Math.max(0, Math.floor(view.scrollTop / rowHeight) - 8);
        from -= from % 8;
        const to = Math.min(order.length, from + drawable + 8);
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
        detail.replaceChildren(...findingFacts(finding, rules.get(finding.rule),
            report.dataset.trainer));
        detail.hidden = false;
    }

    // ---- keyboard and mouse

    function activate(at, open) {
        active = Math.min(Math.max(at, 0), order.length - 1);
        const top = active * rowHeight;
        const head = table.tHead.getBoundingClientRect().height;
        const lowest = view.clientHeight - head - rowHeight; // where a row is still whole
        if (view.scrollTop > top)
            view.scrollTop = top;
        else if (view.scrollTop + lowest < top)
            view.scrollTop = top - lowest;
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

    // ---- copying and downloading ids

    // The ids of the matching findings, without duplicates, in the order of the table. Findings
    // about an image, a file or the whole set have no id; they are counted.
    function shownIds() {
        const ids = new Set();
        let without = 0;
        for (const index of order) {
            const { id } = all[index];
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

    // Copy a text to the clipboard, and return whether that worked. The clipboard API is missing
    // on pages served over plain HTTP, and the browser may refuse it: then copy a selected text
    // field instead.
    async function copyText(text) {
        if (navigator.clipboard) {
            try {
                await navigator.clipboard.writeText(text);
                return true;
            } catch {
                // refused: fall back to a text field
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
            setTimeout(() => URL.revokeObjectURL(url), 60000); // after the browser has read it
        }
        reportIds("Saved", ids);
    });

    // ---- set-up

    COLUMNS.forEach((column) => {
        const button = make("button", { type: "button" }, column.title);
        column.head = make("th", { scope: "col", class: column.style, role: "columnheader" }, button);
        button.addEventListener("click", () => {
            const down = sorted.by === column ? !sorted.down : Boolean(column.worstFirst);
            sorted = { by: column, down };
            markSorted();
            update();
        });
    });
    get("heads").append(...COLUMNS.map((column) => column.head));

    function markSorted() {
        for (const { head } of COLUMNS)
            head.removeAttribute("aria-sort");
        sorted.by.head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    }

    get("rule").append(...page.rules.map(({ rule, name }) =>
        make("option", { value: rule }, `${rule} ${name}`)));
    let timer = 0;
    get("search").addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(update, all.length > 5000 ? 120 : 0);
    });
    for (const id of ["level", "rule", "effect"])
        get(id).addEventListener("change", update);
    filterTable = (wanted) => {
        for (const id of ["search", "level", "rule", "effect"])
            get(id).value = wanted[id] ?? "";
        update();
    };
    get("clear").addEventListener("click", () => {
        filterTable({});
        get("search").focus();
    });

    get("table-parts").hidden = false;
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
}
