"use strict";

// Helpers for all sections: make elements, and format numbers and text for people.
//
// Only make() and svg() put text from the data into the page, and only as text nodes: it never
// becomes an attribute, markup or script.

const SVG = "http://www.w3.org/2000/svg";
const LEVELS = ["error", "warning", "info"]; // worst first
const LEVEL_NAMES = { error: "error", warning: "warning", info: "note" };
const EFFECTS = ["refused", "crash", "replaced", "dropped", "altered", "unknown", "fine"]; // worst first

const get = (id) => document.getElementById(id);

function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, value);
    element.append(...children);
    return element;
}

// Make an element. Each child is an element or a string.
function make(name, attributes, ...children) {
    return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}

// Wrap text from the data, so that its writing direction does not affect its neighbours.
const bdi = (text) => make("bdi", {}, text);
const dim = (...children) => make("span", { class: "dim" }, ...children);

// Render one of the program's own sentences, in which backticks enclose code.
function prose(text) {
    return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}

function effectMark(effect) {
    return make("i", { class: `effect-${effect}` });
}

function levelMark(severity) {
    const name = LEVEL_NAMES[severity];
    return make("span", { class: `level ${name}` }, name);
}

function ruleLink(code) {
    return make("a", { href: `#rule-${code}` }, code);
}

// A description list; each entry is [term, ...description].
function facts(entries) {
    return make("dl", { class: "facts" }, ...entries.map(([term, ...children]) =>
        make("div", {}, make("dt", {}, term), make("dd", {}, ...children))));
}

// A table's header row; each cell is [text, class].
function headRow(cells) {
    return make("thead", {}, make("tr", {}, ...cells.map(([text, style]) =>
        (text ? make("th", style ? { scope: "col", class: style } : { scope: "col" }, text)
            : make("td", {})))));
}

// A table cell with a bar; share is its length, from 0 to 100.
function barCell(share) {
    return make("td", { class: "bar", "aria-hidden": "true" },
        svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" },
            svg("rect", { width: share.toFixed(2), height: 10 })));
}

const commas = new Intl.NumberFormat("en-US").format; // toLocaleString is 20 times slower
const plural = (number, noun) => `${commas(number)} ${noun}${number === 1 ? "" : "s"}`;
const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

// "12.5 %". Rounding never gives 0 or 100 unless the value is exactly that.
function percent(part, all) {
    const share = all ? 100 * part / all : 0;
    if (part && share < 0.05)
        return "under 0.1 %";
    return part < all && share >= 99.95 ? "over 99.9 %" : `${share.toFixed(1)} %`;
}

// Scale a number by powers of 1024: scale(5000, ["", "k"]) is [4.88…, "k"].
function scale(number, units) {
    let unit = 0;
    for (; number >= 1024 && unit + 1 < units.length; unit++)
        number /= 1024;
    return [number, units[unit]];
}

// 512, 4k, 16M
function short(number) {
    const [value, unit] = scale(number, ["", "k", "M", "G", "T"]);
    return `${Math.floor(value)}${unit}`;
}

// 812 bytes, 1.5 KiB, 51.0 GiB
function bytes(number) {
    if (number < 1024)
        return plural(number, "byte");
    const [value, unit] = scale(number, ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]);
    return `${value.toFixed(1)} ${unit}`;
}
