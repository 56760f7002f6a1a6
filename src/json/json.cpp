/* json.cpp - simdjson behind C: the only C++ file */
#include "json/parser.h"

#include <new>
#include <simdjson.h>

static_assert(LC_JSON_PADDING >= simdjson::SIMDJSON_PADDING,
              "rows need simdjson's padding");

struct lc_simdjson {
    simdjson::dom::parser parser;
};

namespace
{

using simdjson::dom::element;
using simdjson::dom::element_type;

enum lc_fast_result add_value(element value, lc_json_nodes *nodes) noexcept;

enum lc_fast_result add_string(std::string_view text, lc_json_nodes *nodes) noexcept
{
    lc_json_node *node = lc_json_nodes_add(nodes, LC_JSON_STRING);

    if (!node)
        return LC_FAST_NO_MEMORY;
    node->as.text = text.data();
    node->count = static_cast<uint32_t>(text.size());
    return LC_FAST_READ;
}

/* A container's node moves while its children are added: it is found again by index. */
void close(lc_json_nodes *nodes, size_t at, size_t count) noexcept
{
    nodes->items[at].count = static_cast<uint32_t>(count);
    nodes->items[at].next = static_cast<uint32_t>(nodes->count);
}

enum lc_fast_result add_array(simdjson::dom::array array, lc_json_nodes *nodes) noexcept
{
    size_t at = nodes->count, count = 0;
    enum lc_fast_result result =
        lc_json_nodes_add(nodes, LC_JSON_ARRAY) ? LC_FAST_READ : LC_FAST_NO_MEMORY;

    for (auto item = array.begin(); result == LC_FAST_READ && item != array.end();
         ++item) {
        result = add_value(*item, nodes);
        count++;
    }
    if (result == LC_FAST_READ)
        close(nodes, at, count);
    return result;
}

enum lc_fast_result add_object(simdjson::dom::object object,
                               lc_json_nodes *nodes) noexcept
{
    size_t at = nodes->count, count = 0;
    enum lc_fast_result result =
        lc_json_nodes_add(nodes, LC_JSON_OBJECT) ? LC_FAST_READ : LC_FAST_NO_MEMORY;

    for (auto item = object.begin(); result == LC_FAST_READ && item != object.end();
         ++item) {
        result = add_string(item.key(), nodes);
        if (result == LC_FAST_READ)
            result = add_value(item.value(), nodes);
        count++;
    }
    if (result == LC_FAST_READ)
        close(nodes, at, count);
    return result;
}

enum lc_fast_result add_integer(int64_t integer, lc_json_nodes *nodes) noexcept
{
    lc_json_node *node = lc_json_nodes_add(nodes, LC_JSON_INTEGER);

    if (!node)
        return LC_FAST_NO_MEMORY;
    node->as.integer = integer;
    return LC_FAST_READ;
}

/* Depth is bounded by the parser's max_depth, so is this recursion. */
enum lc_fast_result add_value(element value, lc_json_nodes *nodes) noexcept
{
    switch (value.type()) {
    case element_type::STRING:
        return add_string(value.get_string().value_unsafe(), nodes);
    case element_type::OBJECT:
        return add_object(value.get_object().value_unsafe(), nodes);
    case element_type::ARRAY:
        return add_array(value.get_array().value_unsafe(), nodes);
    case element_type::INT64:
        return add_integer(value.get_int64().value_unsafe(), nodes);
    case element_type::UINT64: /* over int64: rare enough for the exact parser */
        return LC_FAST_REFUSED;
    case element_type::DOUBLE:
        return lc_json_nodes_add(nodes, LC_JSON_FLOAT) ? LC_FAST_READ : LC_FAST_NO_MEMORY;
    case element_type::BOOL:
        return lc_json_nodes_add(nodes, value.get_bool().value_unsafe() ? LC_JSON_TRUE
                                                                        : LC_JSON_FALSE)
                   ? LC_FAST_READ
                   : LC_FAST_NO_MEMORY;
    case element_type::NULL_VALUE:
        return lc_json_nodes_add(nodes, LC_JSON_NULL) ? LC_FAST_READ : LC_FAST_NO_MEMORY;
    }
    return LC_FAST_REFUSED;
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
    element root;
    simdjson::error_code error;

    nodes->count = 0;
    if (fast->parser.capacity() < size || fast->parser.max_depth() != LC_JSON_MAX_DEPTH) {
        /* simdjson grows to the exact size of each longer text: leave some room */
        size_t room = size < 4096 ? 8192 : size + size / 2;

        if (fast->parser.allocate(room, LC_JSON_MAX_DEPTH) != simdjson::SUCCESS)
            return LC_FAST_NO_MEMORY;
    }
    error = fast->parser.parse(text, size, false).get(root);
    if (error == simdjson::MEMALLOC)
        return LC_FAST_NO_MEMORY;
    if (error != simdjson::SUCCESS)
        return LC_FAST_REFUSED;
    return add_value(root, nodes);
}
