/* test_turn.c - src/dataset/turn and content: what a turn's text contains, and where;
 * which turns and rows are the same */
#include "rows.h"

#include "base/hash.h"
#include "dataset/turn.h"

enum {
    GLUED = LC_TURN_GLUED,
    MID = LC_TURN_MID_TEXT,
    BARE = LC_TURN_BARE,
    LAST = LC_TURN_LAST
};

static uint64_t letters[LC_SCRIPT_COUNT];

/* Measure a value that is followed by junk which would set more marks. */
static struct lc_turn measure(const char *value, size_t size)
{
    static const char junk[] = "<image>]\n</s><img>\xEF\xBF\xBD T: ASSISTANT: >e>";
    struct lc_turn turn = {.value = {padded, size}, .has_value = true};

    assert_true(size <= ROOM);
    memcpy(padded, value, size);
    for (size_t i = 0; i < LC_MEASURE_PADDING; i++)
        padded[size + i] = junk[i % (sizeof(junk) - 1)];
    memset(letters, 0, sizeof(letters));
    lc_turn_measure(&turn, lc_dialects, letters);
    return turn;
}

static void counts(void **state)
{
    static const struct {
        const char *value;
        size_t size;
        uint64_t words, characters, placeholders;
    } cases[] = {
        {BYTES(""), 0, 0, 0},
        {BYTES(" \n"), 0, 2, 0},
        {BYTES("a b"), 2, 3, 0},
        {BYTES("<image>"), 1, 7, 1},
        {BYTES("<image"), 1, 6, 0},
        {BYTES("image>"), 1, 6, 0},
        {BYTES("<image><image>"), 1, 14, 2},
        {BYTES("<image>\n<image>\nCompare."), 3, 24, 2},
        {BYTES("<Image><IMAGE>"), 1, 14, 0},
        {BYTES("<<image>>"), 1, 9, 1},
        {BYTES("<image <image>"), 2, 14, 1},
        {BYTES("<img><image></image>"), 1, 20, 1},
        {BYTES("\0<image>\0<image>"), 1, 16, 2},
        {BYTES("caf\xC3\xA9 \xE4\xBB\x8A"), 2, 6, 0},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_turn turn = measure(cases[i].value, cases[i].size);

        assert_int_equal(turn.words, cases[i].words);
        assert_int_equal(turn.characters, cases[i].characters);
        assert_int_equal(turn.placeholders[LC_MEDIUM_IMAGE], cases[i].placeholders);
        assert_true(turn.hash == lc_hash_quick(cases[i].value, cases[i].size));
    }
    assert_int_equal(letters[LC_SCRIPT_HAN], 1); /* of the last value */
}

/* Letters are added to those of the turns before. */
static void letters_add_up(void **state)
{
    struct lc_turn turn = measure(BYTES("\xE4\xBB\x8A\xE6\x97\xA5\xD0\x96\xC3\xA9"));

    (void)state;
    assert_int_equal(letters[LC_SCRIPT_HAN], 2);
    turn.marks = turn.placeholders[LC_MEDIUM_IMAGE] = 0;
    lc_turn_measure(&turn, lc_dialects, letters);
    assert_int_equal(letters[LC_SCRIPT_HAN], 4);
    assert_int_equal(letters[LC_SCRIPT_OTHER], 2);
    assert_int_equal(letters[LC_SCRIPT_LATIN], 2);
}

/* Values with a single mark, and what set it; rules TOK406 and CNV309. */
static const struct {
    const char *value;
    unsigned mark;     /* 0: none */
    const char *found; /* the start of the part that was found */
} token_cases[] = {
    {"a </image> b", LC_TURN_LOOKALIKE, "</image>"},
    {"<image/>", LC_TURN_LOOKALIKE, "<image/>"},
    {"<img>", LC_TURN_LOOKALIKE, "<img>"},
    {"<|image|>", LC_TURN_LOOKALIKE, "<|image|>"},
    {"<ImageHere>", LC_TURN_LOOKALIKE, "<ImageHere>"},
    {"<IMG_CONTEXT>", LC_TURN_LOOKALIKE, "<IMG_CONTEXT>"},
    {"<|image_pad|>", LC_TURN_PAD, "<|image_pad|>"},
    {"<Image>", LC_TURN_LOOKALIKE, "<Image>"},
    {"x<iMAGE>", LC_TURN_LOOKALIKE, "<iMAGE>"},
    {"< image>", LC_TURN_LOOKALIKE, "< image>"},
    {"<image >", LC_TURN_LOOKALIKE, "<image >"},
    {"<   IMAGE   >", LC_TURN_LOOKALIKE, "<   IMAGE   >"},
    {"<<< image >", LC_TURN_LOOKALIKE, "< image >"},
    {"<image1>", LC_TURN_LOOKALIKE, "<image1>"},
    {"<image_1>", LC_TURN_LOOKALIKE, "<image_1>"},
    {"<image_00123>", LC_TURN_LOOKALIKE, "<image_00123>"},
    {"<image1><img>", LC_TURN_LOOKALIKE, "<image1>"}, /* the first */
    {"<video>.", LC_TURN_VIDEO_TAG, "<video>"},
    {"a\n<video> b", LC_TURN_VIDEO_TAG, "<video>"},
    {"a<audio>b", LC_TURN_VIDEO_TAG, "<audio>"},
    {"</s>", LC_TURN_TEMPLATE, "</s>"},
    {"<s>", LC_TURN_TEMPLATE, "<s>"},
    {"<|im_start|>user", LC_TURN_TEMPLATE, "<|im_start|>"},
    {"x<|im_end|>", LC_TURN_TEMPLATE, "<|im_end|>"},
    {"<|eot_id|>", LC_TURN_TEMPLATE, "<|eot_id|>"},
    {"<|start_header_id|>", LC_TURN_TEMPLATE, "<|start_header_id|>"},
    {"<|end_header_id|>", LC_TURN_TEMPLATE, "<|end_header_id|>"},
    {"<|begin_of_text|>", LC_TURN_TEMPLATE, "<|begin_of_text|>"},
    {"<|end_of_text|>", LC_TURN_TEMPLATE, "<|end_of_text|>"},
    {"<|endoftext|>", LC_TURN_TEMPLATE, "<|endoftext|>"},
    {"<<SYS>>", LC_TURN_TEMPLATE, "<<SYS>>"},
    {"a <</SYS>>", LC_TURN_TEMPLATE, "<</SYS>>"},
    {"[INST] a", LC_TURN_TEMPLATE, "[INST]"},
    {"a [[/INST]", LC_TURN_TEMPLATE, "[/INST]"},
    {"ASSISTANT: a", LC_TURN_TEMPLATE, "ASSISTANT:"},
    {"ASSISTANT:", LC_TURN_TEMPLATE, "ASSISTANT:"},
    {"a\nASSISTANT:b", LC_TURN_TEMPLATE, "ASSISTANT:b"},
    {"USER:a", LC_TURN_TEMPLATE, "USER:"},
    {"a\n\nUSER:", LC_TURN_TEMPLATE, "USER:"},
    {"xUSER: a\nUSER: b", LC_TURN_TEMPLATE, "USER: b"},
    {"a ASSISTANT: b", LC_TURN_TEMPLATE, "ASSISTANT: b"},
    {"aASSISTANT: b ASSISTANT: c", LC_TURN_TEMPLATE, "ASSISTANT: c"},
    {"QA_GT_caption_based_noisy", LC_TURN_TEMPLATE, "QA_GT_"},
    {"What?aQA_GT_caption_based_noisyb", LC_TURN_TEMPLATE, "QA_GT_caption_based_noisyb"},
    {"<s", 0, NULL},
    {"<S>", 0, NULL},
    {"< s>", 0, NULL},
    {"<strike>", 0, NULL},
    {"<|im_start>", 0, NULL},
    {"<|IM_START|>", 0, NULL},
    {"[inst]", 0, NULL},
    {"[INST", 0, NULL},
    {"<SYS>", 0, NULL},
    {"a ASSISTANT:", 0, NULL},
    {"a ASSISTANT:b", 0, NULL},
    {"aASSISTANT: b", 0, NULL},
    {"a\rASSISTANT: b", 0, NULL},
    {" USER: a", 0, NULL},
    {"assistant: a\nuser: b", 0, NULL},
    {"ASSISTANT : a", 0, NULL},
    {"<Img>", 0, NULL},
    {"</ image>", 0, NULL},
    {"<image_>", 0, NULL},
    {"<image1", 0, NULL},
    {"<image1 >", 0, NULL},
    {"<image__1>", 0, NULL},
    {"<Image1>", 0, NULL},
    {"< image1>", 0, NULL},
    {"<image\t>", 0, NULL},
    {"<images>", 0, NULL},
    {"<ima ge>", 0, NULL},
    {"<Video>", 0, NULL},
    {"< video>", 0, NULL},
    {"<Audio>", 0, NULL},
    {"< audio>", 0, NULL},
    {"<audio", 0, NULL},
    {"QA_GT_caption_based_nois", 0, NULL},
    {"qa_gt_caption_based_noisy", 0, NULL},
    {"<", 0, NULL},
    {"a < b > c [d]", 0, NULL},
    {"<image>\nWhat?", 0, NULL},
};
EXPECT_CASES(token_cases, 81);

static void tokens(void **state)
{

    (void)state;
    for (size_t i = 0; i < COUNT(token_cases); i++) {
        struct lc_turn turn = measure(token_cases[i].value, strlen(token_cases[i].value));
        struct lc_span found;

        if (turn.marks != token_cases[i].mark)
            fail_msg("%s: marks %x", token_cases[i].value, turn.marks);
        if (!token_cases[i].mark)
            continue;
        found = lc_turn_find(&turn, lc_dialects, (enum lc_turn_mark)token_cases[i].mark);
        if (found.text !=
                strstr(strcpy(padded, token_cases[i].value), token_cases[i].found) ||
            found.text + found.size > padded + turn.value.size || !found.size)
            fail_msg("%s: found %.*s", token_cases[i].value, (int)found.size, found.text);
    }
}

/* Several marks are found independently. */
static void several_marks(void **state)
{
    static const char value[] = "<image>\n<video> <img>\n</s> \x07";
    static const struct {
        enum lc_turn_mark mark;
        const char *found;
    } cases[] = {{LC_TURN_VIDEO_TAG, "<video>"},
                 {LC_TURN_LOOKALIKE, "<img>"},
                 {LC_TURN_TEMPLATE, "</s>"},
                 {LC_TURN_DAMAGED, "\x07"}};
    struct lc_turn turn = measure(value, sizeof(value) - 1);
    EXPECT_CASES(cases, 4);

    (void)state;
    assert_int_equal(turn.marks, LC_TURN_VIDEO_TAG | LC_TURN_LOOKALIKE |
                                     LC_TURN_TEMPLATE | LC_TURN_DAMAGED);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_span found = lc_turn_find(&turn, lc_dialects, cases[i].mark);

        assert_true(found.size >= strlen(cases[i].found));
        assert_memory_equal(found.text, cases[i].found, strlen(cases[i].found));
    }
}

/* Rule CNV310; the damage is reported from its first character on. */
static void damage(void **state)
{
    static const struct {
        const char *value;
        size_t size;
        size_t found; /* where the damage begins; the size if there is none */
    } cases[] = {
        {BYTES("a\tb\nc\r"), 6},
        {BYTES("caf\xC3\xA9 \xE2\x82\xAC"), 9},
        {BYTES("\x07"), 0},
        {BYTES("ab\0"), 2},
        {BYTES("a\x1F"), 1},
        {BYTES("a\x7F"), 2},
        {BYTES("ab\xEF\xBF\xBD"
               "cd"),
         2},
        {BYTES("\xC3\xA9\xC2\x85"), 2},
        {BYTES("\xC2\x80\x07"), 0},
        {BYTES("x\xC2\x9F"), 1},
        {BYTES("x\xC2\xA0"), 3},
        {BYTES("caf\xC3\x83\xC2\xA9 b"), 3},               /* Ã© */
        {BYTES("a\xC3\x82\xC2\xB0"), 1},                   /* Â° */
        {BYTES("it\xC3\xA2\xE2\x82\xAC\xE2\x84\xA2s"), 2}, /* â€™ */
        {BYTES("\xC3\xB0\xC5\xB8"), 0},                    /* ðŸ */
        {BYTES("a\xC3\xAF\xC2\xBF\xC2\xBD"), 1},           /* ï¿½ */
        {BYTES("\xC3\xAF\xC2\xBB\xC2\xBF"
               "a"),
         0}, /* ï»¿ */
        {BYTES("S\xC3\x83O \xC3\xA2 \xC3\xB0 \xC3\xAF"), 13},
        {BYTES("\xC3\x83\xC3\x83\xC2\xA9"), 2},
    };
    EXPECT_CASES(cases, 19);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_turn turn = measure(cases[i].value, cases[i].size);
        bool damaged = cases[i].found < cases[i].size;
        struct lc_span found;

        if (turn.marks != (damaged ? LC_TURN_DAMAGED : 0U))
            fail_msg("case %zu, %s: marks %x", i, cases[i].value, turn.marks);
        if (!damaged)
            continue;
        found = lc_turn_find(&turn, lc_dialects, LC_TURN_DAMAGED);
        if (found.text != padded + cases[i].found)
            fail_msg("case %zu, %s: found at %td", i, cases[i].value,
                     found.text - padded);
        assert_true(found.size && found.text + found.size <= padded + cases[i].size);
    }
}

/* Rules TOK407 to TOK409 and CNV312: text on a placeholder's line, on both sides of it,
 * before it only, or none at all. */
static void glued_and_mid_text(void **state)
{
    static const struct {
        const char *value;
        unsigned marks;
    } cases[] = {
        {"<image>", BARE},
        {" <image>\n\xE3\x80\x80<image>\r\n", BARE},
        {"<image>\xE2\x80\x8B", GLUED}, /* U+200B is not white space */
        {"<image>\nWhat?", 0},
        {"What?\n<image>", LAST},
        {"<image><image>\nWhat?", 0},
        {" <image> \n What?", 0},
        {"\xE3\x80\x80<image>\xC2\xA0\nWhat?", 0},
        {"<image>What?", GLUED},
        {"<image> What?", GLUED},
        {"What? <image>", GLUED | LAST},
        {"<image>\rWhat?", 0},
        {"<image>\r\nWhat?", 0},
        {"a\r<image>", LAST},
        {"<image>\n<image>What?", GLUED},
        {"<image>.<image>", GLUED},
        {"<image> <image>\n", BARE},
        {"<image><image>a", GLUED},
        {"<image>\vWhat?", GLUED}, /* only \n and \r end a line */
        {"a\n<image>\nb", MID},
        {"a\n<image>\n", LAST},
        {"\n<image>\nb", 0},
        {"a\n<image>\n<image>\nb", MID},
        {"a\n<image>\n<image>\n", LAST},
        {"a <image> b", GLUED | MID},
        {"a <image>\nb", GLUED | MID},
        {"a\n<image> b", GLUED | MID},
        {"<image>\na\n<image>", 0},
        {"<image>\na\n<image>\nb", MID},
        {"<image>\na\n<image>\n \xE2\x80\x83", 0},
        {"a\n<image>\nb\n<image>\n", MID},
        {"a\xE2\x80\xA8<image>", GLUED | LAST}, /* U+2028 ends no line */
        {"<image>\n\xE4\xBB\x8A", 0},
        {"<image>\xE4\xBB\x8A", GLUED},
        {"no placeholder\nat all", 0},
        {"<video>", BARE | LC_TURN_VIDEO_TAG},
        {"<audio> <audio>\n", BARE | LC_TURN_VIDEO_TAG},
        {"<image>\n<video>\n", BARE | LC_TURN_VIDEO_TAG},
        {"<video>\nWhat?", LC_TURN_VIDEO_TAG},
        {"a<audio>", LC_TURN_VIDEO_TAG},
    };
    EXPECT_CASES(cases, 40);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_turn turn = measure(cases[i].value, strlen(cases[i].value));
        unsigned marks = turn.marks & ~(unsigned)LC_TURN_DAMAGED;

        if (marks != cases[i].marks)
            fail_msg("%s: marks %x", cases[i].value, turn.marks);
    }
}

/* ---- at random, compared with the definitions of the rules */

static bool blank(const char *text, size_t size)
{
    return lc_text_leading_space(text, size) == size;
}

/* The offset of the next placeholder at or after a place, or size. */
static size_t next_placeholder(const char *text, size_t size, size_t at)
{
    const char *found = memmem(text + at, size - at, "<image>", 7);

    return found ? (size_t)(found - text) : size;
}

/* Whether a text has anything but placeholders and white space. */
static bool has_text(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t next = next_placeholder(text, size, at);

        if (!blank(text + at, next - at))
            return true;
        at = next + 7;
    }
    return false;
}

/* Return the marks for placeholders, examining each by itself. */
static unsigned placeholder_marks(const char *text, size_t size)
{
    unsigned marks = 0;
    size_t end = 0;

    for (size_t at = next_placeholder(text, size, 0); at < size;
         at = next_placeholder(text, size, end)) {
        size_t head = at, tail = at + 7, next = next_placeholder(text, size, tail);

        while (head > end && text[head - 1] != '\n' && text[head - 1] != '\r')
            head--;
        while (tail < next && text[tail] != '\n' && text[tail] != '\r')
            tail++;
        end = at + 7;
        if (!blank(text + head, at - head) || !blank(text + end, tail - end))
            marks |= GLUED;
        if (has_text(text, at) && has_text(text + end, size - end))
            marks |= MID;
    }
    if (end && !has_text(text, size))
        marks |= BARE;
    return marks;
}

static void random_placeholders(void **state)
{
    static const char *const parts[] = {"<image>", "<image>",  "\n", "\r", " ",
                                        "a",       "\xC2\xA0", "<",  ">",  "\n\n"};
    uint64_t seed = 5;
    size_t seen[5] = {0}; /* neither GLUED nor MID, either, or both; BARE */
    EXPECT_CASES(parts, 10);

    (void)state;
    for (int round = 0; round < 100000; round++) {
        char text[128] = "";
        size_t count = next_random(&seed) % 10, size, wanted;
        struct lc_turn turn;

        while (count--)
            strcat(text, parts[(next_random(&seed) >> 20) % COUNT(parts)]);
        size = strlen(text);
        wanted = placeholder_marks(text, size);
        turn = measure(text, size);
        if ((turn.marks & (GLUED | MID | BARE)) != wanted)
            fail_msg("%s: marks %x, wanted %zx", text, turn.marks, wanted);
        seen[wanted & BARE ? COUNT(seen) - 1 : wanted]++;
    }
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_true(seen[i] > 500);
}

#define TURN(from, value) "{\"from\": \"" from "\", \"value\": \"" value "\"}"
#define TALK(turns) "\"conversations\": [" turns "]"
#define H(value) TURN("human", value)
#define G(value) TURN("gpt", value)

/* ---- what repeats */

static void echoes(void **state)
{
    static const struct {
        const char *turns;
        size_t echo; /* the number of turns if there is none */
    } cases[] = {
        {"", 0},
        {H("a") ", " G("b"), 2},
        {H("a") ", " G("a"), 1},
        {H("a") ", " G("\\u0061"), 1},
        {H("") ", " G(""), 1},
        {H("a") ", " G("a "), 2},
        {H("a") ", " G("A"), 2},
        {H("a") ", " G("ab"), 2},
        {G("a") ", " H("a"), 2},
        {G("a") ", " H("a") ", " G("a"), 2},
        {H("a") ", " G("b") ", " H("c") ", " G("b"), 3},
        {H("a") ", " G("b") ", " H("a") ", " G("c"), 4},
        {H("a") ", " G("b") ", " H("b") ", " G("c"), 4},
        {H("a") ", " G("") ", " H("b") ", " G(""), 3}, /* even blank ones */
        {H("x") ", " G("a") ", " G("a") ", " G("a"), 2},
        {TURN("system", "a") ", " G("a"), 2}, /* not what was asked */
        {H("a") ", " TURN("system", "x") ", " G("a"), 3},
        {TURN("x", "a") ", " TURN("x", "a"), 2},
        {H("a") ", " G("a") ", {}", 3}, /* not whole */
        {H("a") ", " G("b") ", " G("b") ", 1", 4},
    };
    EXPECT_CASES(cases, 20);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        char text[512];

        snprintf(text, sizeof(text), "{" TALK("%s") "}", cases[i / WAYS].turns);
        (void)read_row(text, i % WAYS);
        if (row.echo != cases[i / WAYS].echo)
            fail_msg("%s: turn %zu of %zu", text, row.echo, row.turn_count);
    }
    assert_int_equal(read_row("{}", FAST)->echo, 0);
}

/* Read a conversation of count turns, alternating questions and answers. The answer at
 * first is repeated at second; the one at echo repeats its question; 0: none. */
static size_t long_echo(size_t count, size_t first, size_t second, size_t echo,
                        size_t way)
{
    static char text[ROOM];
    size_t at = (size_t)sprintf(text, "{\"conversations\": [");

    for (size_t i = 0; i < count; i++) {
        size_t said = i == second ? first : i == echo ? i - 1 : i;

        at += (size_t)sprintf(text + at, "%s{\"from\": \"%s\", \"value\": \"%zu\"}",
                              i ? "," : "", i % 2 ? "gpt" : "human", said);
        assert_true(at + 64 < ROOM);
    }
    strcpy(text + at, "]}");
    assert_int_equal(read_row(text, way)->turn_count, count);
    return row.echo;
}

/* Long conversations are searched by another method. */
static void echoes_of_many(void **state)
{
    static const size_t counts[] = {8, 30, 32, 34, 64, 66, 1000};
    EXPECT_CASES(counts, 7);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(counts); i++) {
        size_t count = counts[i / WAYS], last = count - 1;
        size_t way = i % WAYS;

        assert_int_equal(long_echo(count, 0, 0, 0, way), count);
        assert_int_equal(long_echo(count, 1, last, 0, way), last);
        assert_int_equal(long_echo(count, 1, 3, 0, way), 3);
        assert_int_equal(long_echo(count, last - 2, last, 0, way), last);
        assert_int_equal(long_echo(count, 0, 0, last, way), last);
        assert_int_equal(long_echo(count, 1, last, 5, way), 5);
        assert_int_equal(long_echo(count, 1, 5, last, way), 5);
        assert_int_equal(long_echo(count, 0, 2, 0, way), count); /* questions may */
    }
}

/* Which rows count as having the same images, videos and conversation. */
#define TWO TALK(H("b") ", " G("c"))
static const char plain[] = "{\"id\": 1, \"image\": \"a\", " TWO "}";
static const struct {
    const char *text;
    bool same;
} content_cases[] = {
    {plain, true},
    {"{\"id\": 2, \"image\": \"a\", " TWO "}", true},
    {"{\"image\": [\"a\"], " TWO "}", true},
    {"{" TWO ", \"x\": 1, \"image\": \"a\"}", true},
    {"{\"image\":\"\\u0061\"," TALK(H("\\u0062") "," G("c")) "}", true},
    /* turns written in another way */
    {"{\"image\": \"a\", " TALK("{\"value\": \"b\", \"from\": \"human\"}, " G("c")) "}",
     true},
    {"{\"image\": \"a\", " TALK(H("b") ", {\"value\": \"c\", \"from\": \"gpt\"}") "}",
     true},
    {"{\"image\": \"a\", " TALK(
         "{\"x\": [\"from\", {\"value\": 1}], \"from\": \"human\", \"value\": "
         "\"b\"}, " G("c")) "}",
     true},
    {"{\"image\": \"a\", " TALK("{\"from\": \"human\", \"x\": \"y\", \"value\": "
                                "\"b\", \"z\": null}, " G("c")) "}",
     true},
    {"{\"image\": \"a\", " TALK(
         "{\"\\u0066rom\": \"human\", \"valu\\u0065\": \"b\"}, " G("c")) "}",
     true},
    /* the last of duplicate keys counts */
    {"{\"image\": \"a\", " TALK("{\"from\": \"x\", \"value\": \"y\", \"from\": "
                                "\"human\", \"value\": \"b\"}, " G("c")) "}",
     true},
    {"{\"image\": \"a\", " TALK(
         "{\"from\": \"human\", \"value\": 1, \"value\": \"b\"}, " G("c")) "}",
     true},
    {"{\"image\": [\"x\", \"y\"], \"image\": \"a\", " TALK(H("x")) ", " TWO "}", true},
    {"{\"image\": \"A\", " TWO "}", false},
    {"{\"image\": [\"a\", \"a\"], " TWO "}", false},
    {"{\"image\": [\"a\", \"\"], " TWO "}", false},
    {"{" TWO "}", false},
    {"{\"video\": \"a\", " TWO "}", false},
    {"{\"image\": \"a\", \"video\": \"a\", " TWO "}", false},
    {"{\"image\": \"a\", " TALK(H("b") ", " G("c ")) "}", false},
    {"{\"image\": \"a\", " TALK(G("c") ", " H("b")) "}", false},
    {"{\"image\": \"a\", " TALK(G("b") ", " H("c")) "}", false},
    {"{\"image\": \"a\", " TALK(H("bc") ", " G("")) "}", false},
    {"{\"image\": \"a\", " TALK(H("b") ", " TURN("Gpt", "c")) "}", false},
    {"{\"image\": \"a\", " TALK(H("b")) "}", false},
    {"{\"image\": \"a\", " TALK(H("b") ", " G("c") ", " G("c")) "}", false},
    {"{\"image\": \"a\"}", false},
    {"{\"image\": [\"a\", \"human\", \"b\", \"gpt\", \"c\"]}", false},
};
EXPECT_CASES(content_cases, 28);

static void contents(void **state)
{
    struct lc_hash content;

    (void)state;
    content = read_row(plain, FAST)->content;
    for (size_t i = 0; i < WAYS * COUNT(content_cases); i++) {
        const struct lc_row *got = read_row(content_cases[i / WAYS].text, i % WAYS);
        bool same = lc_hash_compare(&got->content, &content) == 0;

        if (same != content_cases[i / WAYS].same)
            fail_msg("%s: the content is %s", content_cases[i / WAYS].text,
                     same ? "the same" : "another");
    }
}

/* No two of these are the same, and each is the same in every way of reading. */
static void contents_apart(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"image\": \"a\"}",
        "{\"video\": \"a\"}",
        "{\"image\": \"a\", \"video\": \"b\"}",
        "{\"image\": [\"a\", \"b\"]}",
        "{\"image\": [\"b\", \"a\"]}",
        "{\"image\": [\"ab\"]}",
        "{\"video\": [\"a\", \"b\"]}",
        "{\"image\": [\"a\", \"b\"], \"video\": \"c\"}",
        "{\"image\": \"a\", \"video\": [\"b\", \"c\"]}",
        "{" TALK(H("a")) "}",
        "{" TALK(G("a")) "}",
        "{" TALK(H("a") ", " G("")) "}",
        "{" TALK(H("") ", " G("a")) "}",
        "{" TALK(H("") ", " G("a\\u0000")) "}",
        "{" TALK(H("avalue") ", " G("")) "}",
        "{\"image\": \"a\", " TALK(H("\xC3\xA9")) "}",
    };
    struct lc_hash seen[COUNT(texts)];
    EXPECT_CASES(texts, 17);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        seen[i] = read_row(texts[i], EXACT)->content;
        for (size_t way = 0; way < WAYS; way++)
            assert_memory_equal(&seen[i], &read_row(texts[i], way)->content,
                                sizeof(seen[i]));
        for (size_t j = 0; j < i; j++)
            if (lc_hash_compare(&seen[i], &seen[j]) == 0)
                fail_msg("%s and %s", texts[i], texts[j]);
    }
}

static void image_hashes(void **state)
{
    static const char *const texts[] = {
        "{\"image\": \"a\"}",
        "{\"id\": 1, \"image\": \"caf\\u00e9\", " TWO "}",
        "{\"video\": \"x\", \"image\": [\"b\", \"a\", \"\\u0061\"]}",
    };
    EXPECT_CASES(texts, 3);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(texts); i++) {
        (void)read_row(texts[i / WAYS], i % WAYS);
        assert_true(row.media[LC_MEDIUM_IMAGE].count > 0);
        for (size_t j = 0; j < row.media[LC_MEDIUM_IMAGE].count; j++) {
            struct lc_hash hash = lc_hash_bytes(row.media[LC_MEDIUM_IMAGE].items[j].text,
                                                row.media[LC_MEDIUM_IMAGE].items[j].size);

            assert_int_equal(lc_hash_compare(&row.path_hashes[j], &hash), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(letters_add_up),
        cmocka_unit_test(tokens),
        cmocka_unit_test(several_marks),
        cmocka_unit_test(damage),
        cmocka_unit_test(glued_and_mid_text),
        cmocka_unit_test(random_placeholders),
        cmocka_unit_test(echoes),
        cmocka_unit_test(echoes_of_many),
        cmocka_unit_test(contents),
        cmocka_unit_test(contents_apart),
        cmocka_unit_test(image_hashes),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}
