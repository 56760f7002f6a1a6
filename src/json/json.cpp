/* json.cpp - simdjson behind C: the only C++ file */
#include "json/parser.h"

#include <cstring>
#include <new>
#include <simdjson.h>

static_assert(LC_JSON_PADDING >= simdjson::SIMDJSON_PADDING,
              "rows need simdjson's padding");

struct lc_simdjson {
    simdjson::dom::parser parser;
};

namespace
{

/* simdjson's DOM is a tape of 64-bit words: a type in the highest byte, a payload below
 * it. It is walked here once, from front to back, without the element classes' look-ups
 * at each step, which take half as long again. Source: simdjson doc/tape.md. */
constexpr uint64_t payload_bits = 0x00FFFFFFFFFFFFFF;
constexpr size_t most_bytes = size_t{64} << 20;
constexpr uint64_t most_children = 0xFFFFFF; /* a count this high is not exact */

struct walk {
    const uint64_t *tape;
    const uint8_t *strings;
    lc_json_nodes *nodes;
    size_t depth;
    uint32_t open[LC_JSON_MAX_DEPTH]; /* nodes of the containers that are open */
};

lc_json_node *add(walk &w, lc_json_type type) noexcept
{
    return lc_json_nodes_add(w.nodes, type);
}

lc_fast_result add_string(walk &w, uint64_t payload) noexcept
{
    lc_json_node *node = add(w, LC_JSON_STRING);
    const uint8_t *string = w.strings + payload;

    if (!node)
        return LC_FAST_NO_MEMORY;
    std::memcpy(&node->count, string, sizeof(node->count)); /* its size, 4 bytes */
    node->as.text = reinterpret_cast<const char *>(string + sizeof(node->count));
    return LC_FAST_READ;
}

lc_fast_result open_container(walk &w, lc_json_type type, uint64_t payload) noexcept
{
    uint64_t children = payload >> 32 & most_children;
    lc_json_node *node = add(w, type);

    if (!node)
        return LC_FAST_NO_MEMORY;
    if (children == most_children || w.depth == LC_JSON_MAX_DEPTH)
        return LC_FAST_REFUSED;
    node->count = static_cast<uint32_t>(children);
    w.open[w.depth++] = static_cast<uint32_t>(w.nodes->count - 1);
    return LC_FAST_READ;
}

lc_fast_result add_plain(walk &w, lc_json_type type) noexcept
{
    return add(w, type) ? LC_FAST_READ : LC_FAST_NO_MEMORY;
}

lc_fast_result add_integer(walk &w, uint64_t bits) noexcept
{
    lc_json_node *node = add(w, LC_JSON_INTEGER);

    if (!node)
        return LC_FAST_NO_MEMORY;
    node->as.integer = static_cast<int64_t>(bits);
    return LC_FAST_READ;
}

/* Add what stands at a place of the tape, and go behind it. */
lc_fast_result add_word(walk &w, size_t &at) noexcept
{
    uint64_t word = w.tape[at++], payload = word & payload_bits;

    switch (static_cast<char>(word >> 56)) {
    case '"':
        return add_string(w, payload);
    case '{':
        return open_container(w, LC_JSON_OBJECT, payload);
    case '[':
        return open_container(w, LC_JSON_ARRAY, payload);
    case '}':
    case ']':
        w.nodes->items[w.open[--w.depth]].next = static_cast<uint32_t>(w.nodes->count);
        return LC_FAST_READ;
    case 'l':
        return add_integer(w, w.tape[at++]);
    case 'd':
        at++;
        return add_plain(w, LC_JSON_FLOAT);
    case 't':
        return add_plain(w, LC_JSON_TRUE);
    case 'f':
        return add_plain(w, LC_JSON_FALSE);
    case 'n':
        return add_plain(w, LC_JSON_NULL);
    default: /* over int64: rare enough for the exact parser */
        return LC_FAST_REFUSED;
    }
}

lc_fast_result walk_tape(const simdjson::dom::document &doc,
                         lc_json_nodes *nodes) noexcept
{
    walk w;
    size_t end, at = 1; /* the first word is the root: where the tape ends */
    lc_fast_result result = LC_FAST_READ;

    w.tape = doc.tape.get();
    w.strings = doc.string_buf.get();
    w.nodes = nodes;
    w.depth = 0;
    end = static_cast<size_t>(w.tape[0] & payload_bits) - 1;
    while (at < end && result == LC_FAST_READ)
        result = add_word(w, at);
    return result;
}

} // namespace

extern "C" struct lc_simdjson *lc_simdjson_new(void)
{
    return new (std::nothrow) lc_simdjson();
}

extern "C" void lc_simdjson_free(struct lc_simdjson *fast)
{
    delete fast;
}

extern "C" enum lc_fast_result lc_simdjson_parse(struct lc_simdjson *fast,
                                                 const char *text, size_t size,
                                                 struct lc_json_nodes *nodes)
{
    simdjson::error_code error;

    nodes->count = 0;
    if (size > most_bytes) /* its tape would take eight times that */
        return LC_FAST_REFUSED;
    if (fast->parser.capacity() < size || fast->parser.max_depth() != LC_JSON_MAX_DEPTH) {
        /* simdjson grows to the exact size of each longer text: leave some room */
        size_t room = size < 4096 ? 8192 : size + size / 2;

        if (fast->parser.allocate(room, LC_JSON_MAX_DEPTH) != simdjson::SUCCESS)
            return LC_FAST_NO_MEMORY;
    }
    error = fast->parser.parse(text, size, false).error();
    if (error == simdjson::MEMALLOC)
        return LC_FAST_NO_MEMORY;
    if (error != simdjson::SUCCESS)
        return LC_FAST_REFUSED;
    return walk_tape(fast->parser.doc, nodes);
}
