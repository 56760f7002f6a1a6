"use strict";

// What all sections share: elements, and numbers and texts as people read them.
//
// Text from the data is put into the page only by make() and svg(), as text nodes. It is never
// an attribute, markup or script.

const SVG = "http://www.w3.org/2000/svg";
const LEVELS = ["error", "warning", "info"]; // the worst first
const LEVEL_NAMES = { error: "error", warning: "warning", info: "note" };
const EFFECTS = ["refused", "crash", "replaced", "dropped", "altered", "unknown", "fine"]; // worst first

const get = (id) => document.getElementById(id);

function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, value);
    element.append(...children);
    return element;
}

// Make an element. Children are elements and texts.
function make(name, attributes, ...children) {
    return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}

// Text from the data: its direction does not affect its neighbours.
const bdi = (text) => make("bdi", {}, text);
const dim = (...children) => make("span", { class: "dim" }, ...children);

// Our own sentences, in which code is between backticks.
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

// A list of terms; each is [term, ...what it is].
function facts(entries) {
    return make("dl", { class: "facts" }, ...entries.map(([term, ...children]) =>
        make("div", {}, make("dt", {}, term), make("dd", {}, ...children))));
}

// The row of a table's head: each is [text, class].
function headRow(cells) {
    return make("thead", {}, make("tr", {}, ...cells.map(([text, style]) =>
        (text ? make("th", style ? { scope: "col", class: style } : { scope: "col" }, text)
            : make("td", {})))));
}

// A bar as long as a share of 100.
function barCell(share) {
    return make("td", { class: "bar", "aria-hidden": "true" },
        svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" },
            svg("rect", { width: share.toFixed(2), height: 10 })));
}

const commas = new Intl.NumberFormat("en-US").format; // toLocaleString is 20 times slower
const plural = (number, noun) => `${commas(number)} ${noun}${number === 1 ? "" : "s"}`;
const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

// "12.5 %"; never 0 or 100 if it is not.
function percent(part, all) {
    const share = all ? 100 * part / all : 0;
    if (part && share < 0.05)
        return "under 0.1 %";
    return part < all && share >= 99.95 ? "over 99.9 %" : `${share.toFixed(1)} %`;
}

// A number with a unit of 1024: scale(5000, ["", "k"]) is [4.88…, "k"].
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
