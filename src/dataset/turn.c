/* Finds what a turn's text contains besides words: placeholders, tokens of chat
 * templates, damaged characters.
 *
 * lc_text_measure has already looked at every byte and set marks; a mark that is not set
 * rules something out (no < means no tag). So most turns are not scanned again, and the
 * others only for what their marks allow. */
#include "dataset/turn.h"

#include "base/hash.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

/* Other programs' placeholders, and chat templates' own tokens, that begin with < or [.
 * Sources: the chat templates of Vicuna, Llama 2 and 3, Mistral, ChatML (Qwen, Yi,
 * InternVL); the processors of LLaMA-Factory, InternVL, Qwen-VL and XComposer. */
#define TOKEN(text, mark)                                                                \
    {                                                                                    \
        text, sizeof(text) - 1, mark                                                     \
    }

static const struct {
    const char *text;
    size_t size;
    enum lc_turn_mark mark;
} known[] = {
    TOKEN("</image>", LC_TURN_LOOKALIKE),
    TOKEN("<image/>", LC_TURN_LOOKALIKE),
    TOKEN("<img>", LC_TURN_LOOKALIKE),
    TOKEN("</img>", LC_TURN_LOOKALIKE),
    TOKEN("<|image|>", LC_TURN_LOOKALIKE),
    TOKEN("<ImageHere>", LC_TURN_LOOKALIKE),
    TOKEN("<IMG_CONTEXT>", LC_TURN_LOOKALIKE),
    TOKEN("<|image_pad|>", LC_TURN_PAD),
    TOKEN("<video>", LC_TURN_VIDEO_TAG),
    TOKEN("<audio>", LC_TURN_VIDEO_TAG),
    TOKEN("</s>", LC_TURN_TEMPLATE),
    TOKEN("<s>", LC_TURN_TEMPLATE),
    TOKEN("<unk>", LC_TURN_TEMPLATE),
    TOKEN("<|im_start|>", LC_TURN_TEMPLATE),
    TOKEN("<|im_end|>", LC_TURN_TEMPLATE),
    TOKEN("<|eot_id|>", LC_TURN_TEMPLATE),
    TOKEN("<|start_header_id|>", LC_TURN_TEMPLATE),
    TOKEN("<|end_header_id|>", LC_TURN_TEMPLATE),
    TOKEN("<|begin_of_text|>", LC_TURN_TEMPLATE),
    TOKEN("<|end_of_text|>", LC_TURN_TEMPLATE),
    TOKEN("<|endoftext|>", LC_TURN_TEMPLATE),
    TOKEN("<|vision_start|>", LC_TURN_TEMPLATE),
    TOKEN("<|vision_end|>", LC_TURN_TEMPLATE),
    TOKEN("<|vision_pad|>", LC_TURN_TEMPLATE),
    TOKEN("<|video_pad|>", LC_TURN_TEMPLATE),
    TOKEN("<|object_ref_start|>", LC_TURN_TEMPLATE),
    TOKEN("<|object_ref_end|>", LC_TURN_TEMPLATE),
    TOKEN("<|box_start|>", LC_TURN_TEMPLATE),
    TOKEN("<|box_end|>", LC_TURN_TEMPLATE),
    TOKEN("<|quad_start|>", LC_TURN_TEMPLATE),
    TOKEN("<|quad_end|>", LC_TURN_TEMPLATE),
    TOKEN("<|fim_prefix|>", LC_TURN_TEMPLATE),
    TOKEN("<|fim_middle|>", LC_TURN_TEMPLATE),
    TOKEN("<|fim_suffix|>", LC_TURN_TEMPLATE),
    TOKEN("<|fim_pad|>", LC_TURN_TEMPLATE),
    TOKEN("<|repo_name|>", LC_TURN_TEMPLATE),
    TOKEN("<|file_sep|>", LC_TURN_TEMPLATE),
    TOKEN("<tool_call>", LC_TURN_TEMPLATE),
    TOKEN("</tool_call>", LC_TURN_TEMPLATE),
    TOKEN("<tool_response>", LC_TURN_TEMPLATE),
    TOKEN("</tool_response>", LC_TURN_TEMPLATE),
    TOKEN("<<SYS>>", LC_TURN_TEMPLATE),
    TOKEN("<</SYS>>", LC_TURN_TEMPLATE),
    TOKEN("[INST]", LC_TURN_TEMPLATE),
    TOKEN("[/INST]", LC_TURN_TEMPLATE),
};

/* State of the search for placeholders. */
struct placeholders {
    size_t end;       /* end of the last image placeholder, or 0 */
    bool text_before; /* there is text before that placeholder */
    bool leading;     /* there is text before the first placeholder */
    bool seen;
    size_t any_end; /* end of the last placeholder of any medium, or path between tags */
    bool any_text;  /* there is text before that */
    bool any_seen;
};

static inline bool begins(struct lc_span text, const char *with, size_t size)
{
    return text.size >= size && memcmp(text.text, with, size) == 0;
}

static struct lc_span slice(struct lc_span text, size_t from, size_t to)
{
    return (struct lc_span){text.text + from, to - from};
}

static bool is_blank(struct lc_span text)
{
    return lc_text_leading_space(text.text, text.size) == text.size;
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* Match "< IMAGE >": the placeholder in different case, or with spaces. Returns its size,
 * or 0. */
static size_t match_misspelt(struct lc_span text)
{
    size_t at = 1;

    while (at < text.size && text.text[at] == ' ')
        at++;
    if (text.size - at < 5 || strncasecmp(text.text + at, "image", 5) != 0)
        return 0;
    at += 5;
    while (at < text.size && text.text[at] == ' ')
        at++;
    return at < text.size && text.text[at] == '>' ? at + 1 : 0;
}

/* Match "<image1>" or "<image_1>". Returns its size, or 0. */
static size_t match_numbered(struct lc_span text)
{
    size_t at = sizeof("<image") - 1, digits;

    if (!begins(text, "<image", at))
        return 0;
    at += at < text.size && text.text[at] == '_';
    digits = at;
    while (at < text.size && text.text[at] >= '0' && text.text[at] <= '9')
        at++;
    return at > digits && at < text.size && text.text[at] == '>' ? at + 1 : 0;
}

/* Match a text that begins with < or [ against the known tokens; it does not begin with a
 * placeholder. Returns the mark, or 0, and sets the token's size. */
static unsigned match_known(struct lc_span text, size_t *size)
{
    /* most brackets are followed by a character that no token has there */
    if (text.size < 3 || !text.text[1] || !strchr("/|<sIiutva ", text.text[1]))
        return 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!begins(text, known[i].text, known[i].size))
            continue;
        *size = known[i].size;
        return known[i].mark;
    }
    if (text.text[0] != '<')
        return 0;
    *size = match_misspelt(text);
    if (!*size)
        *size = match_numbered(text);
    return *size ? LC_TURN_LOOKALIKE : 0;
}

/* Check the text between two placeholders, before the first one or after the last:
 * whether it shares a line with a placeholder, and whether a placeholder is in the middle
 * of the text. */
static void check_between(struct lc_turn *turn, struct placeholders *p, size_t end,
                          bool last)
{
    struct lc_span text = slice(turn->value, p->end, end);
    size_t head = 0, tail = text.size;
    bool blank = is_blank(text);

    if (blank)
        return;
    while (head < text.size && !ends_line(text.text[head]))
        head++;
    while (tail && !ends_line(text.text[tail - 1]))
        tail--;
    if ((p->seen && !is_blank(slice(text, 0, head))) ||
        (!last && !is_blank(slice(text, tail, text.size))))
        turn->marks |= LC_TURN_GLUED;
    if (p->seen && p->text_before)
        turn->marks |= LC_TURN_MID_TEXT;
    p->leading |= !p->seen;
    p->text_before = true;
}

/* Note a placeholder of any medium, or a path between tags. */
static void note_any(struct placeholders *p, struct lc_span value, size_t at, size_t end)
{
    p->any_text = p->any_text || !is_blank(slice(value, p->any_end, at));
    p->any_end = end;
    p->any_seen = true;
}

/* The position of the next c at or after an offset; the text's size if there is none. */
static size_t find_byte(struct lc_span text, size_t at, char c)
{
    const char *found = memchr(text.text + at, c, text.size - at);

    return found ? (size_t)(found - text.text) : text.size;
}

/* The medium of the dialect's placeholder with which a text begins, and its size; if
 * there is none, the image medium and size 0. */
static enum lc_medium match_placeholder(struct lc_span text,
                                        const struct lc_dialect *dialect, size_t *size)
{
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_span *placeholder = &dialect->placeholders[medium];

        /* all begin with <: the second byte rules out most */
        if (placeholder->size && text.size > 1 && text.text[1] == placeholder->text[1] &&
            begins(text, placeholder->text, placeholder->size)) {
            *size = placeholder->size;
            return (enum lc_medium)medium;
        }
    }
    *size = 0;
    return LC_MEDIUM_IMAGE;
}

/* The path between tags with which a text begins; its text is NULL if there is none. The
 * closing tag is looked for only within the length of a path, which keeps the whole
 * search linear. */
static struct lc_span match_inline(struct lc_span text, const struct lc_dialect *dialect,
                                   enum lc_medium *medium, size_t *size)
{
    for (int i = 0; i < LC_INLINE_TAGS && dialect->inlines[i].open.size; i++) {
        const struct lc_inline_tag *tag = &dialect->inlines[i];
        size_t begin = tag->open.size, end = begin + PATH_MAX + tag->close.size;
        const char *close;

        if (!begins(text, tag->open.text, begin))
            continue;
        end = end < text.size ? end : text.size;
        close = memmem(text.text + begin, end - begin, tag->close.text, tag->close.size);
        if (!close ||
            (close[-1] == '>' && begins(slice(text, begin, text.size), "<|", 2)))
            continue; /* no path, or a token between Qwen's tags, such as <|image_pad|> */
        *size = (size_t)(close - text.text) + tag->close.size;
        *medium = tag->medium;
        return slice(text, begin, (size_t)(close - text.text));
    }
    return (struct lc_span){0};
}

/* Scan for placeholders and tags. Only image placeholders have a position that programs
 * change, or that splits a sentence; <video> counts as one, and also has a mark of its
 * own. */
static void scan_tags(struct lc_turn *turn, const struct lc_dialect *dialect)
{
    struct lc_span value = turn->value;
    struct placeholders p = {0};

    for (size_t at = find_byte(value, 0, '<'); at < value.size;
         at = find_byte(value, at, '<')) {
        struct lc_span rest = slice(value, at, value.size);
        size_t size, known_size = 1;
        enum lc_medium medium = LC_MEDIUM_IMAGE;

        if (match_inline(rest, dialect, &medium, &size).text) {
            turn->marks |= LC_TURN_INLINE;
            note_any(&p, value, at, at + size);
            at += size;
            continue;
        }
        medium = match_placeholder(rest, dialect, &size);
        if (size && medium == LC_MEDIUM_IMAGE) {
            check_between(turn, &p, at, false);
            p.end = at + size;
            p.seen = true;
        } else {
            turn->marks |= match_known(rest, &known_size);
        }
        turn->placeholders[medium] += size > 0;
        if (size)
            note_any(&p, value, at, at + size);
        size = size ? size : known_size;
        at += size ? size : 1;
    }
    if (p.any_seen && !p.any_text && is_blank(slice(value, p.any_end, value.size)))
        turn->marks |= LC_TURN_BARE;
    if (!p.seen)
        return;
    check_between(turn, &p, value.size, true);
    if (p.leading && !(turn->marks & LC_TURN_MID_TEXT))
        turn->marks |= LC_TURN_LAST;
}

/* Find a role's name as Vicuna's template writes it: at the start of a line or, if within
 * is set, between spaces, where the template splits. Returns its offset, or the text's
 * size. */
static size_t find_role(struct lc_span text, const char *name, bool within)
{
    size_t size = strlen(name), at = 0;
    const char *found;

    while ((found = memmem(text.text + at, text.size - at, name, size))) {
        at = (size_t)(found - text.text);
        if (at == 0 || text.text[at - 1] == '\n')
            return at;
        if (within && text.text[at - 1] == ' ' && at + size < text.size &&
            text.text[at + size] == ' ')
            return at;
        at += size;
    }
    return text.size;
}

static struct lc_span find_template_role(struct lc_span text)
{
    static const char answer[] = "ASSISTANT:", question[] = "USER:";
    size_t at = find_role(text, answer, true);

    if (at < text.size)
        return slice(text, at, at + sizeof(answer) - 1);
    at = find_role(text, question, false);
    return at < text.size ? slice(text, at, at + sizeof(question) - 1)
                          : (struct lc_span){0};
}

/* Find text that LLaVA-NeXT removes from rows with images. Source: llava/train/train.py,
 * preprocess_multimodal. */
static struct lc_span find_removed(struct lc_span text)
{
    static const char marker[] = "QA_GT_caption_based_noisy";
    size_t size = sizeof(marker) - 1;
    const char *found = memmem(text.text, text.size, marker, size);

    return found ? (struct lc_span){found, size} : (struct lc_span){0};
}

/* Find the first known token at or after from that begins with c and has a mark. */
static struct lc_span find_known(struct lc_span text, const struct lc_dialect *dialect,
                                 size_t from, char c, unsigned mark)
{
    for (size_t at = find_byte(text, from, c); at < text.size;
         at = find_byte(text, at + 1, c)) {
        struct lc_span rest = slice(text, at, text.size);
        enum lc_medium medium;
        size_t size = 0;

        if (!match_inline(rest, dialect, &medium, &size).text &&
            (match_placeholder(rest, dialect, &size) != LC_MEDIUM_IMAGE || !size) &&
            match_known(rest, &size) == mark)
            return slice(text, at, at + size);
    }
    return (struct lc_span){0};
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Find "assistant" where it is a separate token in Qwen's tokenizer: no letter follows,
 * and neither a letter nor a space precedes it (with a space, it is another token). White
 * space at the start of a text is stripped. */
static struct lc_span find_assistant(struct lc_span text)
{
    static const char word[] = "assistant";
    size_t size = sizeof(word) - 1, at = 0;
    const char *found;

    while ((found = memmem(text.text + at, text.size - at, word, size))) {
        at = (size_t)(found - text.text);
        if ((lc_text_leading_space(text.text, at) == at ||
             (!is_letter(found[-1]) && found[-1] != ' ')) &&
            (at + size == text.size ||
             (!is_letter(found[size]) && !((unsigned char)found[size] & 0x80))))
            return slice(text, at, at + size);
        at += size;
    }
    return (struct lc_span){0};
}

void lc_turn_measure(struct lc_turn *turn, const struct lc_dialect *dialect,
                     uint64_t letters[LC_SCRIPT_COUNT])
{
    struct lc_measure measure;

    lc_text_measure(turn->value.text, turn->value.size, &measure);
    lc_turn_apply_measure(turn, dialect, &measure, letters);
}

void lc_turn_apply_measure(struct lc_turn *turn, const struct lc_dialect *dialect,
                           const struct lc_measure *measure,
                           uint64_t letters[LC_SCRIPT_COUNT])
{
    turn->words = measure->words;
    turn->characters = measure->characters;
    turn->hash = lc_hash_quick(turn->value.text, turn->value.size);
    if (!measure->marks)
        return;
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        letters[i] += measure->letters[i];
    if (measure->marks & LC_MARK_TAG)
        scan_tags(turn, dialect);
    if (measure->marks & LC_MARK_SQUARE &&
        find_known(turn->value, dialect, 0, '[', LC_TURN_TEMPLATE).size)
        turn->marks |= LC_TURN_TEMPLATE;
    if (measure->marks & LC_MARK_ROLE && find_template_role(turn->value).size)
        turn->marks |= LC_TURN_TEMPLATE;
    if (measure->marks & LC_MARK_UNDERSCORE && find_removed(turn->value).size)
        turn->marks |= LC_TURN_TEMPLATE;
    if (measure->marks & LC_MARK_DAMAGED)
        turn->marks |= LC_TURN_DAMAGED;
    if (measure->marks & LC_MARK_SS && turn->role == LC_ROLE_HUMAN &&
        find_assistant(turn->value).size)
        turn->marks |= LC_TURN_ASSISTANT;
}

/* The start of the character that ends at an offset. */
static size_t char_before(struct lc_span text, size_t end)
{
    do {
        end--;
    } while (end && ((unsigned char)text.text[end] & 0xC0) == 0x80);
    return end;
}

/* Find the first damaged character, by bisection. Damage is monotonic: a prefix of a text
 * has all the damage of its own prefixes, so the shortest damaged prefix ends with the
 * first damage. This is used only for messages, and needs no second definition of
 * damage. */
static struct lc_span find_damage(struct lc_span text)
{
    struct lc_measure measure;
    size_t low = 0, high = text.size;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        lc_text_measure(text.text, middle, &measure);
        if (measure.marks & LC_MARK_DAMAGED)
            high = middle;
        else
            low = middle;
    }
    low = char_before(text, high);
    if (lc_text_character(text.text + low).point < 0xA0 ||
        lc_text_character(text.text + low).point == 0xFFFD)
        return slice(text, low, text.size);
    /* damage may be two or three characters together: go back to the first of them */
    do {
        low = char_before(text, low);
    } while (low && !strchr("\xC2\xC3\xE2\xEF\xF0",
                            (char)lc_text_character(text.text + low).point));
    return slice(text, low, text.size);
}

struct lc_span lc_turn_find_next(const struct lc_turn *turn,
                                 const struct lc_dialect *dialect, enum lc_turn_mark mark,
                                 size_t *at)
{
    bool template = mark == LC_TURN_TEMPLATE;
    struct lc_span found = {0}, square = {0};

    if (*at < turn->value.size)
        found = find_known(turn->value, dialect, *at, '<', mark);
    if (*at < turn->value.size && template)
        square = find_known(turn->value, dialect, *at, '[', mark);
    if (square.text && (!found.text || square.text < found.text))
        found = square;
    if (found.text) {
        *at = (size_t)(found.text + found.size - turn->value.text);
    } else if (template && *at <= turn->value.size) {
        /* the words before a turn are looked for last, and only once */
        found = find_template_role(turn->value);
        *at = turn->value.size + 1;
    }
    if (!found.text && template && *at == turn->value.size + 1) {
        found = find_removed(turn->value);
        *at = turn->value.size + 2;
    }
    return found;
}

struct lc_span lc_turn_find(const struct lc_turn *turn, const struct lc_dialect *dialect,
                            enum lc_turn_mark mark)
{
    size_t at = 0;

    return mark == LC_TURN_DAMAGED ? find_damage(turn->value)
                                   : lc_turn_find_next(turn, dialect, mark, &at);
}

struct lc_span lc_turn_next_inline(const struct lc_turn *turn,
                                   const struct lc_dialect *dialect, size_t *at,
                                   enum lc_medium *medium)
{
    struct lc_span value = turn->value, path;
    size_t size;

    for (*at = find_byte(value, *at, '<'); *at < value.size;
         *at = find_byte(value, *at + 1, '<')) {
        path = match_inline(slice(value, *at, value.size), dialect, medium, &size);
        if (!path.text)
            continue;
        *at += size;
        return lc_text_strip(path);
    }
    return (struct lc_span){0};
}
