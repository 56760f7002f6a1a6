"use strict";

// render.js - print an HTML report as its script renders it: node render.js [paper] <page
//
// The script runs on a small model of the DOM that has only what the script uses; anything else is
// an error, so that the script can add only text nodes and attributes to the page. With `paper`,
// print the page as a browser prints it. tests/browser tests the page in a real browser.

const vm = require("node:vm");

const VOID = new Set(["meta", "br", "hr", "img", "input", "link"]);
const RAW = new Set(["script", "style"]);
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&#58;": ":",
    "&#91;": "[" };

const unescape = (text) => text.replace(/&[^;]*;/g, (entity) => {
    if (!(entity in ENTITIES))
        throw new Error(`unknown entity ${entity}`);
    return ENTITIES[entity];
});
const escape = (text) => text.replace(/[&<>"]/g, (sign) =>
    Object.keys(ENTITIES).find((entity) => ENTITIES[entity] === sign)).replace(/'/g, "&#39;");

class Element {
    constructor(name) {
        this.name = name;
        this.tagName = name.toUpperCase();
        this.attributes = new Map();
        this.children = []; // elements and strings
        this.dataset = {};
        this.style = {};
        this.scrollTop = 0;
        this.clientHeight = 0;
        this.value = "";
        Object.preventExtensions(this);
    }

    setAttribute(name, value) { this.attributes.set(name, String(value)); }
    getAttribute(name) { return this.attributes.get(name) ?? null; }
    removeAttribute(name) { this.attributes.delete(name); }
    append(...children) {
        this.children.push(...children.map((child) => (child instanceof Element ? child : String(child))));
    }

    replaceChildren(...children) {
        this.children = [];
        this.append(...children);
    }

    get firstChild() { return this.children[0]; }
    get textContent() {
        return this.children.map((child) => (child instanceof Element ? child.textContent : child)).join("");
    }

    set textContent(text) { this.children = text === "" ? [] : [text]; }
    set hidden(is) { this.flag("hidden", is); }
    get hidden() { return this.attributes.has("hidden"); }
    set open(is) { this.flag("open", is); }
    get open() { return this.attributes.has("open"); }
    flag(name, is) {
        if (is)
            this.setAttribute(name, "");
        else
            this.removeAttribute(name);
    }

    get classList() {
        const names = new Set((this.getAttribute("class") ?? "").split(" ").filter(Boolean));
        const change = (how) => (name) => {
            names[how](name);
            this.setAttribute("class", [...names].join(" "));
        };
        return { add: change("add"), remove: change("delete") };
    }

    addEventListener() {}
    getBoundingClientRect() { return { height: 0 }; }
    *all() {
        yield this;
        for (const child of this.children)
            if (child instanceof Element)
                yield* child.all();
    }

    toString() {
        let text = `<${this.name}`;
        for (const [name, value] of this.attributes)
            text += value === "" ? ` ${name}` : ` ${name}='${escape(value)}'`;
        text += ">";
        if (VOID.has(this.name))
            return text;
        for (const child of this.children)
            text += child instanceof Element || RAW.has(this.name) ? child : escape(child);
        return `${text}</${this.name}>`;
    }
}

// Parse a page as the program writes it: every attribute has quotes or no value.
function parse(page) {
    const top = new Element("page"), open = [top];
    const token = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:=(?:'[^']*'|"[^"]*"))?)*)\s*>|[^<]+/gy;
    while (token.lastIndex < page.length) {
        const at = token.lastIndex, found = token.exec(page);
        if (!found)
            throw new Error(`no markup: ${page.slice(at, at + 80)}`);
        const [text, close, name, attributes] = found;
        const parent = open[open.length - 1];
        if (!name) {
            parent.append(unescape(text));
        } else if (close) {
            if (open.pop().name !== name)
                throw new Error(`unexpected ${text}`);
        } else {
            const element = new Element(name);
            for (const [, key, single, double] of attributes.matchAll(/([a-z-]+)(?:='([^']*)'|="([^"]*)")?/g))
                element.setAttribute(key, unescape(single ?? double ?? ""));
            parent.append(element);
            if (RAW.has(name)) {
                const end = page.indexOf(`</${name}>`, token.lastIndex);
                element.textContent = page.slice(token.lastIndex, end);
                token.lastIndex = end + `</${name}>`.length;
            } else if (!VOID.has(name)) {
                open.push(element);
            }
        }
    }
    return top;
}

function main(page, paper) {
    const head = /^<!doctype html>\n<!-- llava-check report -->\n/.exec(page)[0];
    const top = parse(page.slice(head.length));
    const elements = () => [...top.all()];
    const listeners = {};
    const context = {
        document: {
            documentElement: elements().find((element) => element.name === "html"),
            getElementById: (id) => elements().find((element) => element.getAttribute("id") === id) ?? null,
            createElement: (name) => new Element(name),
            createElementNS: (space, name) => new Element(name),
            querySelectorAll(selector) {
                if (selector !== "details:not([open])")
                    throw new Error(`unknown selector ${selector}`);
                return elements().filter((element) => element.name === "details" && !element.open);
            },
            addEventListener() {},
        },
        location: { hash: "" },
        addEventListener(name, listener) { (listeners[name] ??= []).push(listener); },
    };
    const scripts = elements().filter((element) => element.name === "script");
    vm.runInNewContext(scripts[scripts.length - 1].textContent, context);
    if (paper)
        listeners.beforeprint.forEach((listener) => listener());
    return head + top.children.join("");
}

let page = "";
process.stdin.setEncoding("utf8").on("data", (text) => { page += text; })
    .on("end", () => process.stdout.write(main(page, process.argv[2] === "paper")));
