/* json.cpp - a C interface to simdjson; the only C++ file */
#include "json/parser.h"

#include <array>
#include <new>
#include <simdjson.h>

/* simdjson's DOM is a tape of 64-bit words: a type in the highest byte, a payload below
 * it. It is returned unchanged and read by json.h. Source: simdjson doc/tape.md, which is
 * part of its documentation and has not changed since version 0.3. */

static_assert(LC_JSON_PADDING >= simdjson::SIMDJSON_PADDING,
              "rows need simdjson's padding");

struct lc_simdjson {
    simdjson::dom::parser parser;
};

namespace
{

constexpr size_t most_bytes = size_t{64} << 20;
constexpr unsigned letter_shift = 56;

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
                                                 struct lc_json_doc *doc)
{
    simdjson::error_code error;

    if (size > most_bytes) /* its tape would be eight times as large */
        return LC_FAST_REFUSED;
    if (lc_json_has_bom(text, size)) /* simdjson skips it since 3.6, but Python raises */
        return LC_FAST_REFUSED;
    if (fast->parser.capacity() < size || fast->parser.max_depth() != LC_JSON_MAX_DEPTH) {
        /* simdjson would grow to the exact size of each longer text, so reserve more */
        size_t capacity = size < 4096 ? 8192 : size + size / 2;

        if (fast->parser.allocate(capacity, LC_JSON_MAX_DEPTH) != simdjson::SUCCESS)
            return LC_FAST_NO_MEMORY;
    }
    error = fast->parser.parse(text, size, false).error();
    if (error == simdjson::MEMALLOC)
        return LC_FAST_NO_MEMORY;
    if (error != simdjson::SUCCESS)
        return LC_FAST_REFUSED;
    doc->tape = fast->parser.doc.tape.get();
    doc->strings = reinterpret_cast<const char *>(fast->parser.doc.string_buf.get());
    return LC_FAST_READ;
}

extern "C" size_t lc_simdjson_words(const struct lc_simdjson *fast)
{
    return static_cast<size_t>(fast->parser.doc.tape[0] & LC_JSON_PAYLOAD) + 1;
}

/* Exact offsets at almost no cost: simdjson's stage 1 leaves a list of structural
 * indexes: the offset of each bracket, comma, colon, string and other scalar, in text
 * order. Stage 2 makes tape words from exactly these, also in order, except from commas
 * and colons. So walking both lists in step, skipping commas and colons, pairs every
 * value with its offset; numbers take two words and get it twice. The list is internal to
 * simdjson, so tests/unit/test_json.c compares the offsets with those of the exact
 * parser. */
extern "C" void lc_simdjson_locate(const struct lc_simdjson *fast, const char *text,
                                   uint32_t *offsets)
{
    const uint64_t *tape = fast->parser.doc.tape.get();
    const uint32_t *next = fast->parser.implementation->structural_indexes.get();
    size_t end = lc_simdjson_words(fast) - 1;

    offsets[0] = 0;
    for (size_t at = 1; at < end; at++) {
        const auto letter = static_cast<char>(tape[at] >> letter_shift);

        while (text[*next] == ',' || text[*next] == ':')
            next++;
        offsets[at] = *next;
        if (letter == 'l' || letter == 'u' || letter == 'd')
            offsets[++at] = *next;
        next++;
    }
}

extern "C" bool lc_json_valid_utf8(const char *text, size_t size)
{
    return simdjson::validate_utf8(text, size);
}

extern "C" const char *lc_json_simdjson(void)
{
    /* a string since 3.12; before that, a number with dots */
    static constexpr auto version = [] {
        std::array<char, 32> text{};
        std::size_t size = 0;

        for (char c : SIMDJSON_STRINGIFY(SIMDJSON_VERSION))
            if (c != '"')
                text[size++] = c;
        return text;
    }();

    return version.data();
}
