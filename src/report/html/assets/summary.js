// The tiles below the verdict, what the trainer does with the rows, and what was checked.

const EFFECT_TEXTS = {
    refused: "in a file that is not loaded: the job does not start",
    crash: "stops the job",
    replaced: "silently replaced by another row",
    dropped: "left out",
    unknown: "with an unknown effect",
    altered: "trained, but not as written",
    fine: "trained as written",
};
const SHOWN_EFFECTS = Object.keys(EFFECT_TEXTS); // in this order
const NAMED_FILES = 12;

function tile(label, number, more, style) {
    return make("div", style ? { class: style } : {}, make("dt", {}, label),
        make("dd", {}, commas(number), make("small", {}, more)));
}

function showTiles({ summary, page }) {
    const bad = summary.images_referenced - summary.images_ok - summary.images_unverified;
    const tiles = [
        tile("Rows", summary.rows, `${commas(summary.rows_ok)} sound`),
        tile("Images", summary.images_referenced, summary.images_skipped ? "not checked"
            : `${commas(summary.images_ok)} sound, ${commas(bad)} bad or missing`),
    ];
    for (const [level, label] of [["error", "Errors"], ["warning", "Warnings"], ["info", "Notes"]]) {
        const found = summary.by_severity[level];
        const rules = page.rules.filter((rule) => rule.severity === level).length;
        const more = rules ? `of ${plural(rules, "rule")}` : found ? "not listed" : "none";
        tiles.push(tile(label, found, more, found ? LEVEL_NAMES[level] : ""));
    }
    get("tiles").append(...tiles);
}

// A bar of all rows, divided by effect. Every part is wide enough to be visible.
function effectBar(counts, rows) {
    const widths = SHOWN_EFFECTS.map((effect) => (counts[effect]
        ? Math.max(6, 1000 * counts[effect] / rows) : 0));
    const all = sum(widths);
    const parts = [];
    let at = 0;
    SHOWN_EFFECTS.forEach((effect, i) => {
        const width = widths[i] * 1000 / all;
        if (width)
            parts.push(svg("rect", { class: `effect-${effect}`, x: at.toFixed(1),
                width: width.toFixed(1), y: 0, height: 20 }));
        at += width;
    });
    return svg("svg", { class: "stack", viewBox: "0 0 1000 20", preserveAspectRatio: "none",
        "aria-hidden": "true" }, ...parts);
}

function effectLegend(counts, rows) {
    return make("ul", { class: "legend" }, ...SHOWN_EFFECTS.filter((effect) => counts[effect])
        .map((effect) => make("li", {}, effectMark(effect),
            make("b", {}, commas(counts[effect])), ` ${EFFECT_TEXTS[effect]} `,
            dim(percent(counts[effect], rows)))));
}

// The results of verify: how the files compare with the index.
function verificationTable(verification) {
    const row = (name, seen) => make("tr", {}, make("th", { scope: "row" }, name),
        ...[seen.files, seen.same, seen.changed, seen.replaced, seen.gone, seen.unreadable]
            .map((number) => make("td", { class: "number" }, commas(number))),
        make("td", { class: "number" }, bytes(seen.bytes)));
    const heads = ["Files", "As indexed", "Changed", "Replaced", "Gone", "Unreadable", "Read"];
    return make("div", { class: "wide" }, make("table", { class: "plain" },
        headRow([["", ""], ...heads.map((head) => [head, "number"])]),
        make("tbody", {}, row("Rows files", verification.rows_files),
            row("Images", verification.images))));
}

// What each trainer would do, with a column for each effect.
function trainersTable(trainers) {
    const effects = ["refused", "crash", "replaced", "dropped", "altered", "unknown", "fine"];
    const row = (trainer) => make("tr", {}, make("th", { scope: "row" }, trainer.name),
        make("td", {}, trainer.starts ? "yes" : "no", ...(trainer.note ? [": ", trainer.note] : [])),
        ...effects.map((effect) => make("td", { class: "number" }, commas(trainer[effect]))));
    return make("div", { class: "wide" }, make("table", { class: "plain" },
        headRow([["Trainer", ""], ["Starts", ""], ...effects.map((effect) => [effect, "number"])]),
        make("tbody", {}, ...trainers.map(row))));
}

function checkedFacts({ dataset, summary }) {
    const names = dataset.rows_files;
    const named = names.slice(0, NAMED_FILES).flatMap((name, i) => [i ? ", " : "", bdi(name)]);
    if (names.length > NAMED_FILES)
        named.push(` and ${commas(names.length - NAMED_FILES)} more`);
    const entries = [["Rows files", ...named],
        ["Image root", bdi(dataset.image_root), " ", dim(`${bytes(summary.image_bytes)} read`)]];
    if (summary.images_unverified)
        entries.push(["Not verified", `${plural(summary.images_unverified, "image")} of formats ` +
            "that this version does not decode"]);
    if (summary.rows_sampled !== summary.rows)
        entries.push(["Sampled", `${commas(summary.rows_sampled)} of ${commas(summary.rows)} rows, ` +
            "by the mixture’s sampling_strategy"]);
    return facts(entries);
}

function showTrainer(report) {
    const { summary, verification, dataset } = report, { trainer } = report.page;
    const section = get("trainer");
    if (verification)
        section.append(make("h2", {}, "The files, read again"), verificationTable(verification));
    section.append(make("h2", {}, `What ${dataset.trainer} does with the rows`));
    if (trainer.text)
        section.append(make("p", { class: "lead" }, `${trainer.text}.`));
    if (summary.rows)
        section.append(effectBar(summary.trainer, summary.rows),
            effectLegend(summary.trainer, summary.rows));
    section.append(make("p", { class: "dim" },
        `${trainer.title}; as derived from ${trainer.source}`), checkedFacts(report));
    if (report.trainers && !verification)
        section.append(make("h2", {}, "All training programs"), trainersTable(report.trainers));
}
