// Findings by place: by rows file, and by folder of images.

function placeName({ of, name }) {
    if (of === "ids")
        return "the set as a whole";
    if (name === "." || name === "…") // searching for it would not find the place
        return name;
    const link = make("a", { href: "#findings" }, name);
    link.addEventListener("click", () => filterTable({ search: name }));
    return link;
}

function placeRow(place, levels, most) {
    const rules = Object.entries(place.by_rule).flatMap(([code, count], i) =>
        [i ? ", " : "", ruleLink(code), " ", dim(commas(count))]);
    const count = (level) => make("td", { class: place[level] ? "number" : "number zero" },
        commas(place[level]));
    return make("tr", {}, make("th", { scope: "row" }, bdi(placeName(place))),
        make("td", { class: "dim kind" }, place.of), ...levels.map(count),
        barCell(100 * sum(levels.map((level) => place[level])) / most),
        make("td", {}, ...rules));
}

function showPlaces({ page }) {
    const { places, more_places: more } = page;
    const levels = LEVELS.slice(0, LEVELS.indexOf(page.show) + 1);
    const titles = { error: "Errors", warning: "Warnings", info: "Notes" };
    const section = get("places");
    section.append(make("h2", {}, "Findings by place"));
    if (!places.length) {
        section.append(make("p", {}, "No findings."));
        return;
    }
    const most = Math.max(...places.map((place) => sum(levels.map((level) => place[level]))));
    section.append(make("div", { class: "wide" }, make("table", { class: "plain places" },
        headRow([["Place", ""], ["Kind", "kind"], ...levels.map((level) => [titles[level], "number"]),
            ["", ""], ["Rules", ""]]),
        make("tbody", {}, ...places.map((place) => placeRow(place, levels, most))))));
    if (more.findings)
        section.append(make("p", { class: "dim" }, `and ${commas(more.places)} more, with ` +
            `${commas(more.findings)} findings`));
}
