// The rules with findings, worst first: explanation, examples and thumbnails of each.

const EXAMPLES = 5;
const EXAMPLE_ROWS = 2;

// ---- a finding in words; docs/report-format.md describes its members

const isRow = (finding) => finding.file !== undefined;
const isImage = (finding) => finding.image !== undefined;

function where(finding) {
    if (isRow(finding))
        return `${finding.file}:${finding.line}:${finding.column}`;
    if (isImage(finding))
        return finding.image;
    return finding.id === undefined ? "the data set" : `id ${finding.id}`;
}

// The first rows that use the finding's image or id: "rows.json:12, rows.json:40 and 3 more".
function rowsOf(finding, most, write) {
    const { count, first } = finding.rows;
    const named = first.slice(0, most).map(write);
    const left = count - named.length;
    return named.join(", ") + (left ? ` and ${commas(left)} more` : "");
}

function example(finding) {
    if (isRow(finding)) {
        const id = finding.id === undefined ? "" : `, id '${finding.id}'`;
        const row = finding.row === undefined ? "" : `row ${finding.row}${id}: `;
        return `${where(finding)}: ${row}${finding.message}`;
    }
    const rows = finding.rows && finding.rows.count
        ? ` (${rowsOf(finding, EXAMPLE_ROWS, (row) => `${row.file}:${row.line}`)})` : "";
    return `${isImage(finding) ? `${finding.image}: ` : ""}${finding.message}${rows}`;
}

// ---- thumbnails

function picture({ caption, of, width, height, jpeg }) {
    return make("figure", {},
        make("img", { alt: `The image, ${caption}`, width, height,
            src: `data:image/jpeg;base64,${jpeg}` }),
        make("figcaption", {}, caption, ...(of ? [": ", bdi(of)] : [])));
}

function thumbnail({ image, why_none, pictures }) {
    const shown = pictures.map(picture);
    if (why_none)
        shown.push(make("p", { class: "dim" }, `No thumbnail: ${why_none}.`));
    return make("li", {}, make("p", {}, bdi(image)), make("div", {}, ...shown));
}

// ---- rules

function explanation(rule, trainer) {
    return facts([
        ["Why it matters", ...prose(rule.why)],
        [trainer, ...prose(rule.effect_text ?? "not derived from its source"),
            ...(rule.effect_source ? [" ", dim(rule.effect_source)] : [])],
        ["How to fix it", ...prose(rule.fix),
            ...(rule.fixes ? [" ", dim(rule.fixes)] : [])],
        ["Source", dim(rule.source)],
    ]);
}

function ruleDetails(rule, report, findings) {
    const examples = findings.slice(0, EXAMPLES)
        .map((finding) => make("li", {}, bdi(example(finding))));
    if (rule.count > examples.length)
        examples.push(make("li", { class: "dim" },
            `and ${commas(rule.count - examples.length)} more`));
    const inside = make("div", { class: "inside" }, explanation(rule, report.dataset.trainer),
        make("ul", { class: "examples" }, ...examples));
    if (rule.thumbnails && rule.thumbnails.length)
        inside.append(make("ul", { class: "thumbs", "aria-label": "Thumbnails" },
            ...rule.thumbnails.map(thumbnail)));
    const link = make("a", { href: "#findings", class: "show-rule" },
        `Show ${rule.rule} in the table`);
    link.addEventListener("click", () => filterTable({ rule: rule.rule }));
    inside.append(make("p", { class: "on-screen" }, link));
    return make("details", { class: "rule", id: `rule-${rule.rule}` },
        make("summary", {}, levelMark(rule.severity),
            make("span", { class: "code" }, rule.rule),
            make("span", { class: "what" }, ...prose(rule.summary), " ", dim(rule.name)),
            make("span", { class: "effect" }, effectMark(rule.effect), rule.effect),
            make("span", { class: "number" }, commas(rule.count))),
        inside);
}

function showRules(report) {
    const { rules, unlisted } = report.page;
    const section = get("rules");
    const examplesOf = new Map(rules.map((rule) => [rule.rule, []]));
    for (const finding of report.findings) {
        const examples = examplesOf.get(finding.rule);
        if (examples.length < EXAMPLES)
            examples.push(finding);
    }
    section.append(make("h2", {}, "Findings by rule"), rules.length
        ? make("p", { class: "dim" }, "The worst first. Open a rule to see why it matters, what " +
            `${report.dataset.trainer} does, and how to fix it.`)
        : make("p", {}, "No findings."),
    ...rules.map((rule) => ruleDetails(rule, report, examplesOf.get(rule.rule))));
    if (unlisted)
        section.append(make("p", { class: "dim" }, `Counted above, but not listed: ${unlisted}; `,
            make("code", {}, "--show info"), " lists all."));
}

// ---- open rules when a link leads to them, and for printing

function openTarget() {
    const target = get(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
        target.open = true;
        target.scrollIntoView();
    }
}

function watchRules() {
    let closed = [];
    addEventListener("hashchange", openTarget);
    document.addEventListener("click", (event) => {
        // a link to the current target does not change the hash, so there is no hashchange
        const link = event.target.closest("a[href^='#rule-']");
        if (link && link.getAttribute("href") === location.hash)
            openTarget();
    });
    addEventListener("beforeprint", () => {
        closed = [...document.querySelectorAll("details:not([open])")];
        closed.forEach((details) => { details.open = true; });
        document.documentElement.classList.add("paper");
    });
    addEventListener("afterprint", () => {
        closed.forEach((details) => { details.open = false; });
        document.documentElement.classList.remove("paper");
    });
    openTarget();
}
