// Statistics of the data: rows and turns, the mixture, images.

const SHARES = 10;

// The largest parts of the mixture; nothing if none has a name.
function mixture(title, caption, nameless, shares) {
    if (!shares.some((share) => share.name))
        return [];
    const entries = shares.slice(0, SHARES).map((share) =>
        [share.name || make("em", {}, nameless), share.rows]);
    const rest = shares.slice(SHARES);
    if (rest.length)
        entries.push([make("em", {}, `${commas(rest.length)} more`),
            sum(rest.map((share) => share.rows))]);
    return [barTable(title, caption, entries)];
}

function rowPlots(statistics) {
    const images = statistics.rows_by_images, scripts = statistics.rows_by_script;
    return [
        ...histogram("Rounds per row", "rows", statistics.rounds_per_row),
        ...histogram("Words per row", "rows", statistics.words_per_row),
        ...histogram("Words per turn", "turns", statistics.words_per_turn),
        ...nonzeroBarTable("Images per row", "rows by number of images", [
            ["no image", images.none], ["one image", images.one], ["several", images.several],
            ["a video", statistics.rows_with_video]]),
        ...nonzeroBarTable("Script", "rows by the script of most letters", [["Latin", scripts.latin],
            ["Han", scripts.han], ["other", scripts.other], ["no letters", scripts.none]]),
    ];
}

function imagePlots(images, page) {
    const plots = page.image_sizes.length
        ? [imageSizes(page.image_sizes), aspectRatios(page.aspect_ratios)] : [];
    return [
        ...plots,
        ...nonzeroBarTable("Formats", "images that were read, and their bytes",
            images.by_format.map((kind) => [kind.name, kind.images, bytes(kind.bytes)])),
        ...nonzeroBarTable("Modes", "images, as Pillow names them",
            images.by_mode.map((kind) => [kind.name, kind.images])),
        ...nonzeroBarTable("Verdict on images", "different paths that rows name",
            Object.entries(images.by_verdict)),
    ];
}

function showStatistics(report) {
    get("data").append(make("h2", {}, "The data"), make("div", { class: "plots" },
        ...rowPlots(report.statistics),
        ...mixture("Mixture by source", "rows by data_source", "without",
            report.mixture.data_source),
        ...mixture("Mixture by image folder", "rows by the top folder of their image", "no image",
            report.mixture.folder),
        ...imagePlots(report.image_statistics, report.page)));
}
