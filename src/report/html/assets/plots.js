// Plots: bars side by side, named bars, and the sizes of images.

const PLOT = { width: 340, height: 150, left: 4, right: 14, top: 12, base: 126 };

const sized = (number) => number.toFixed(1);

function figure(title, caption, content) {
    return make("figure", {}, make("figcaption", {}, make("strong", {}, title),
        ...(caption ? [" ", dim(caption)] : [])), content);
}

// Upright bars, each { value, range, edge }: edge is the label at its left end.
function bars({ title, caption, of, bars: list, lastEdge = "", centred = false }) {
    const step = (PLOT.width - PLOT.left - PLOT.right) / list.length;
    const values = list.map((bar) => bar.value);
    const most = Math.max(...values), all = sum(values);
    const parts = list.flatMap(({ value, range }, i) => {
        if (!value)
            return [];
        const height = Math.max(1, (PLOT.base - PLOT.top) * value / most);
        const x = PLOT.left + i * step;
        return [svg("g", {},
            svg("rect", { class: "hit", x: sized(x), y: PLOT.top, width: sized(step),
                height: PLOT.base - PLOT.top }),
            svg("rect", { class: "fill", x: sized(x + 0.5), y: sized(PLOT.base - height),
                width: sized(step > 2 ? step - 1 : step), height: sized(height) }),
            svg("title", {}, `${range}: ${commas(value)} ${of}, ${percent(value, all)}`))];
    });
    parts.push(svg("path", { class: "axis", d: `M${PLOT.left} ${PLOT.base}H${PLOT.width - PLOT.right}` }));
    [...list.map((bar) => bar.edge), lastEdge].forEach((edge, i) => {
        const at = PLOT.left + (i + (centred ? 0.5 : 0)) * step;
        if (edge)
            parts.push(svg("path", { class: "tick", d: `M${sized(at)} ${PLOT.base}v4` }),
                svg("text", { x: sized(Math.max(8, at)), y: PLOT.base + 16 }, edge));
    });
    return figure(title, caption, svg("svg", { class: "plot",
        viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "img", "aria-label": title }, ...parts));
}

// The smallest value of a bucket: 0, 1, 2, 4, 8 …
const leastOf = (bucket) => (bucket ? 2 ** (bucket - 1) : 0);

// A histogram of the report: buckets are powers of two.
function histogram(title, of, { count, mean, median, most, histogram: found }) {
    if (!count)
        return [];
    const values = new Map(found.map(([from, , value]) => [from, value]));
    const filled = found.map(([from]) => (from ? Math.log2(from) + 1 : 0));
    let first = filled[0], last = filled[filled.length - 1] + 1;
    while (last - first < 6) { // fewer bars would be very wide
        first -= first > 0 ? 1 : 0;
        last++;
    }
    const sparse = last - first > 13; // then every second bar has a label
    const list = [];
    for (let bucket = first; bucket < last; bucket++) {
        const from = leastOf(bucket), to = leastOf(bucket + 1) - 1;
        list.push({
            value: values.get(from) ?? 0,
            range: to > from ? `${commas(from)} to ${commas(to)}` : commas(from),
            edge: sparse && (bucket - first) % 2 ? "" : short(from),
        });
    }
    const middle = median === undefined ? "" : `, median ${commas(median)}`;
    return [bars({ title, of, bars: list,
        caption: `mean ${mean.toFixed(1)}${middle}, most ${commas(most)}`,
        lastEdge: sparse && (last - first) % 2 ? "" : short(leastOf(last)) })];
}

// Named bars, each [name, value, text]; text is a share of all values if it is not given.
function list(title, caption, entries) {
    const values = entries.map(([, value]) => value);
    const most = Math.max(...values), all = sum(values);
    const rows = entries.map(([name, value, text]) => make("tr", {},
        make("th", { scope: "row" }, bdi(name)), barCell(most ? 100 * value / most : 0),
        make("td", { class: "number" }, commas(value)),
        make("td", { class: "number dim" }, text ?? percent(value, all))));
    return figure(title, caption, make("table", { class: "bars" }, make("tbody", {}, ...rows)));
}

// A list of the entries that have a value, if any has.
function kinds(title, caption, entries) {
    const some = entries.filter(([, value]) => value);
    return some.length ? [list(title, caption, some)] : [];
}

// ---- sizes and shapes of images

const SIDE = 236, LEFT = 44, TOP = 6;
const STEPS = 4; // per octave
const CELLS = 48;

// The least number of pixels of a cell: sizes are counted by quarters of an octave, from 8.
const pixels = (cell) => 2 ** (3 + cell / STEPS);
const ratio = (shape) => 2 ** ((shape - 8) / 4 - 1 / 8); // the lower limit of a shape
const log = (number) => Math.floor(Math.log2(number));

// The octaves that have images, at least three.
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
            d: `M${sized(x)} ${TOP}v${SIDE}M${LEFT} ${sized(y)}h${SIDE}` }),
        svg("text", { x: sized(x), y: TOP + SIDE + 15 }, label),
        svg("text", { class: "end", x: LEFT - 6, y: sized(y + 4) }, label));
    }
    parts.push(svg("path", { class: "diagonal", d: `M${LEFT} ${TOP + SIDE}l${SIDE} ${-SIDE}` }));
    return parts;
}

function imageSizes(sizes) {
    const frame = frameOf(sizes), counts = sizes.map(([, , count]) => count);
    const least = log(Math.min(...counts)), most = log(Math.max(...counts));
    const to = (cell) => `${Math.round(pixels(cell))} to ${Math.round(pixels(cell + 1))}`;
    const cells = sizes.map(([x, y, count]) => {
        // by the power of two, as counts differ by that much
        const shade = most > least ? (log(count) - least) / (most - least) : 1;
        return svg("rect", { class: "fill", x: sized(LEFT + (x - frame.first) * frame.step),
            y: sized(TOP + SIDE - (y - frame.first + 1) * frame.step), width: sized(frame.step),
            height: sized(frame.step), "fill-opacity": (0.2 + 0.8 * shade).toFixed(2) },
        svg("title", {}, `${to(x)} wide, ${to(y)} high: ${plural(count, "image")}`));
    });
    return figure("Image sizes", "pixels: width to the right, height upwards; darker is more",
        svg("svg", { class: "plot", viewBox: `0 0 ${LEFT + SIDE + 20} ${TOP + SIDE + 24}`,
            role: "img", "aria-label": "Image sizes" }, ...sizeAxes(frame), ...cells));
}

function aspectRatios(counts) {
    const labels = ["1:4", "1:3", "1:2", "2:3", "1:1", "3:2", "2:1", "3:1", "4:1"];
    const limit = (shape) => ratio(shape).toFixed(2);
    return bars({ title: "Aspect ratios", caption: "images by width to height", of: "images",
        centred: true, bars: counts.map((value, shape) => ({
            value,
            range: shape === 0 ? `under ${limit(1)}`
                : shape === counts.length - 1 ? `from ${limit(shape)}`
                    : `${limit(shape)} to ${limit(shape + 1)}`,
            edge: shape % 2 ? "" : labels[shape / 2],
        })) });
}
