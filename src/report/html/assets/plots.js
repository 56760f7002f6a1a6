// Plots: histograms, tables of bars, and a density plot of image sizes.

const PLOT = { width: 340, height: 150, left: 4, right: 14, top: 12, base: 126 };

const fixed = (number) => number.toFixed(1);

function figure(title, caption, content) {
    return make("figure", {}, make("figcaption", {}, make("strong", {}, title),
        ...(caption ? [" ", dim(caption)] : [])), content);
}

// A histogram. Each bar is { value, range, edge }: edge labels its left end, or its middle if
// centred is set.
function bars({ title, caption, unit, bars: list, lastEdge = "", centred = false }) {
    const step = (PLOT.width - PLOT.left - PLOT.right) / list.length;
    const values = list.map((bar) => bar.value);
    const most = Math.max(...values), all = sum(values);
    const parts = list.flatMap(({ value, range }, i) => {
        if (!value)
            return [];
        const height = Math.max(1, (PLOT.base - PLOT.top) * value / most);
        const x = PLOT.left + i * step;
        return [svg("g", {},
            svg("rect", { class: "hit", x: fixed(x), y: PLOT.top, width: fixed(step),
                height: PLOT.base - PLOT.top }),
            svg("rect", { class: "fill", x: fixed(x + 0.5), y: fixed(PLOT.base - height),
                width: fixed(step > 2 ? step - 1 : step), height: fixed(height) }),
            svg("title", {}, `${range}: ${commas(value)} ${unit}, ${percent(value, all)}`))];
    });
    parts.push(svg("path", { class: "axis", d: `M${PLOT.left} ${PLOT.base}H${PLOT.width - PLOT.right}` }));
    [...list.map((bar) => bar.edge), lastEdge].forEach((edge, i) => {
        const at = PLOT.left + (i + (centred ? 0.5 : 0)) * step;
        if (edge)
            parts.push(svg("path", { class: "tick", d: `M${fixed(at)} ${PLOT.base}v4` }),
                svg("text", { x: fixed(Math.max(8, at)), y: PLOT.base + 16 }, edge));
    });
    return figure(title, caption, svg("svg", { class: "plot",
        viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "img", "aria-label": title }, ...parts));
}

// The smallest value of a bucket: 0, 1, 2, 4, 8 …
const bucketStart = (bucket) => (bucket ? 2 ** (bucket - 1) : 0);

// One of the report's histograms, whose buckets are powers of two.
function histogram(title, unit, { count, mean, median, most, histogram: found }) {
    if (!count)
        return [];
    const values = new Map(found.map(([from, , value]) => [from, value]));
    const filled = found.map(([from]) => (from ? Math.log2(from) + 1 : 0));
    let first = filled[0], last = filled[filled.length - 1] + 1;
    while (last - first < 6) { // fewer bars would be too wide
        first -= first > 0 ? 1 : 0;
        last++;
    }
    const sparse = last - first > 13; // label only every second bar
    const list = [];
    for (let bucket = first; bucket < last; bucket++) {
        const from = bucketStart(bucket), to = bucketStart(bucket + 1) - 1;
        list.push({
            value: values.get(from) ?? 0,
            range: to > from ? `${commas(from)} to ${commas(to)}` : commas(from),
            edge: sparse && (bucket - first) % 2 ? "" : short(from),
        });
    }
    const middle = median === undefined ? "" : `, median ${commas(median)}`;
    return [bars({ title, unit, bars: list,
        caption: `mean ${mean.toFixed(1)}${middle}, most ${commas(most)}`,
        lastEdge: sparse && (last - first) % 2 ? "" : short(bucketStart(last)) })];
}

// A table of bars. Each entry is [name, value, text]; text defaults to the share of the sum.
function barTable(title, caption, entries) {
    const values = entries.map(([, value]) => value);
    const most = Math.max(...values), all = sum(values);
    const rows = entries.map(([name, value, text]) => make("tr", {},
        make("th", { scope: "row" }, bdi(name)), barCell(most ? 100 * value / most : 0),
        make("td", { class: "number" }, commas(value)),
        make("td", { class: "number dim" }, text ?? percent(value, all))));
    return figure(title, caption, make("table", { class: "bars" }, make("tbody", {}, ...rows)));
}

// A table of bars without the entries whose value is 0; none if that leaves no entry.
function nonzeroBarTable(title, caption, entries) {
    const nonzero = entries.filter(([, value]) => value);
    return nonzero.length ? [barTable(title, caption, nonzero)] : [];
}

// ---- sizes and shapes of images

const SIDE = 236, LEFT = 44, TOP = 6;
const STEPS = 4; // cells per octave
const CELLS = 48;

// The smallest size in pixels that a cell counts. A cell is a quarter of an octave; the first
// one starts at 8 pixels.
const pixels = (cell) => 2 ** (3 + cell / STEPS);
const ratio = (shape) => 2 ** ((shape - 8) / 4 - 1 / 8); // the smallest ratio of a shape
const octave = (number) => Math.floor(Math.log2(number));

// The range of cells to draw: whole octaves that contain all images, at least three.
function frameOf(sizes) {
    const cells = sizes.flatMap(([x, y]) => [x, y]);
    let first = Math.min(...cells), last = Math.max(...cells) + 1;
    first -= first % STEPS;
    last += (STEPS - last % STEPS) % STEPS;
    while (last - first < 3 * STEPS) {
        first -= first ? STEPS : 0;
        last += last < CELLS ? STEPS : 0;
    }
    return { first, last, step: SIDE / (last - first) };
}

function sizeAxes({ first, last, step }) {
    const parts = [];
    for (let cell = first; cell <= last; cell += STEPS) {
        const at = (cell - first) * step, label = short(pixels(cell));
        const x = LEFT + at, y = TOP + SIDE - at;
        parts.push(svg("path", { class: "grid",
            d: `M${fixed(x)} ${TOP}v${SIDE}M${LEFT} ${fixed(y)}h${SIDE}` }),
        svg("text", { x: fixed(x), y: TOP + SIDE + 15 }, label),
        svg("text", { class: "end", x: LEFT - 6, y: fixed(y + 4) }, label));
    }
    parts.push(svg("path", { class: "diagonal", d: `M${LEFT} ${TOP + SIDE}l${SIDE} ${-SIDE}` }));
    return parts;
}

function imageSizes(sizes) {
    const frame = frameOf(sizes), counts = sizes.map(([, , count]) => count);
    const least = octave(Math.min(...counts)), most = octave(Math.max(...counts));
    const range = (cell) => `${Math.round(pixels(cell))} to ${Math.round(pixels(cell + 1))}`;
    const cells = sizes.map(([x, y, count]) => {
        // logarithmic, because counts differ by orders of magnitude
        const shade = most > least ? (octave(count) - least) / (most - least) : 1;
        return svg("rect", { class: "fill", x: fixed(LEFT + (x - frame.first) * frame.step),
            y: fixed(TOP + SIDE - (y - frame.first + 1) * frame.step), width: fixed(frame.step),
            height: fixed(frame.step), "fill-opacity": (0.2 + 0.8 * shade).toFixed(2) },
        svg("title", {}, `${range(x)} wide, ${range(y)} high: ${plural(count, "image")}`));
    });
    return figure("Image sizes", "pixels: width to the right, height upwards; darker is more",
        svg("svg", { class: "plot", viewBox: `0 0 ${LEFT + SIDE + 20} ${TOP + SIDE + 24}`,
            role: "img", "aria-label": "Image sizes" }, ...sizeAxes(frame), ...cells));
}

function aspectRatios(counts) {
    const labels = ["1:4", "1:3", "1:2", "2:3", "1:1", "3:2", "2:1", "3:1", "4:1"];
    const limit = (shape) => ratio(shape).toFixed(2);
    return bars({ title: "Aspect ratios", caption: "images by width to height", unit: "images",
        centred: true, bars: counts.map((value, shape) => ({
            value,
            range: shape === 0 ? `under ${limit(1)}`
                : shape === counts.length - 1 ? `from ${limit(shape)}`
                    : `${limit(shape)} to ${limit(shape + 1)}`,
            edge: shape % 2 ? "" : labels[shape / 2],
        })) });
}
