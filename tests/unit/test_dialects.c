/* test_dialects.c - src/dataset/{dialect,read,quick}: the facts about rows of every
 * dialect
 */
#include "rows.h"

#include "base/buffer.h"

/* A row, with ' instead of ", and its facts as describe() writes them. */
struct dialect_case {
    const char *text, *facts;
    bool quick; /* the quick reader accepts it */
};

/* Replace each ' in a text with ". */
static const char *quoted(const char *text, char out[ROOM])
{
    size_t size = strlen(text);

    assert_true(size < ROOM);
    for (size_t i = 0; i <= size; i++)
        out[i] = text[i] == '\'' ? '"' : text[i];
    return out;
}

static void add(struct lc_buffer *out, const char *text, size_t size)
{
    assert_int_equal(lc_buffer_add(out, text, size, NULL), LC_OK);
}

static void add_number(struct lc_buffer *out, const char *format, size_t number)
{
    assert_int_equal(lc_buffer_printf(out, NULL, format, number), LC_OK);
}

static void describe_media(struct lc_buffer *out, enum lc_medium medium)
{
    const struct lc_row_media *media = &row.media[medium];

    if (media->kind == LC_PATHS_NONE)
        return;
    assert_int_equal(lc_buffer_printf(out, NULL, "; %s", lc_medium_name(medium)), LC_OK);
    if (media->kind == LC_PATHS_BAD) {
        assert_int_equal(lc_buffer_printf(out, NULL, " is %s", media->fault), LC_OK);
        assert_int_equal(media->count, 0);
        return;
    }
    assert_null(media->fault);
    for (size_t i = 0; i < media->count; i++) {
        add(out, " ", 1);
        add(out, media->items[i].text, media->items[i].size);
    }
    if (media->remote)
        add_number(out, " +%zu remote", media->remote);
    if (media->embedded)
        add_number(out, " +%zu embedded", media->embedded);
}

/* Describe the row, as in "H question | G answer; image 1.jpg; 1 0 0": the turns, each
 * with its role and its text or fault; the media; the numbers of image, video and audio
 * placeholders, if there are any. */
static const char *describe(struct lc_buffer *out)
{
    static const char roles[] = {
        [LC_ROLE_NONE] = '?',   [LC_ROLE_HUMAN] = 'H',  [LC_ROLE_GPT] = 'G',
        [LC_ROLE_SYSTEM] = 'S', [LC_ROLE_RESULT] = 'R', [LC_ROLE_CALL] = 'C',
        [LC_ROLE_WHOLE] = 'W',  [LC_ROLE_OTHER] = 'O',
    };
    size_t malformed = 0, all = 0, rejected = 0;

    out->size = 0;
    if (!row.object)
        add(out, BYTES("no object"));
    if (row.object && row.turns_kind == LC_TURNS_MISSING)
        add(out, BYTES("no turns"));
    if (row.turns_kind == LC_TURNS_NOT_LIST)
        add(out, BYTES("no list"));
    for (size_t i = 0; i < row.turn_count; i++) {
        const struct lc_turn *turn = &row.turns[i];

        if (i)
            add(out, BYTES(" | "));
        add(out, &roles[turn->role], 1);
        add(out, BYTES(" "));
        if (turn->foreign)
            add(out, BYTES("foreign, "));
        if (turn->fault)
            add(out, turn->fault, strlen(turn->fault));
        else
            add(out, turn->value.text, turn->value.size);
        malformed += turn->fault != NULL;
    }
    assert_int_equal(row.malformed, malformed);
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        describe_media(out, (enum lc_medium)medium);
        all += row.placeholders[medium];
    }
    if (all)
        assert_int_equal(lc_buffer_printf(out, NULL, "; %zu %zu %zu", row.placeholders[0],
                                          row.placeholders[1], row.placeholders[2]),
                         LC_OK);
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        rejected += row.media[medium].rejected;
    if (rejected)
        assert_int_equal(lc_buffer_printf(out, NULL, "; rejected %zu %zu %zu",
                                          row.media[0].rejected, row.media[1].rejected,
                                          row.media[2].rejected),
                         LC_OK);
    if (row.rejected.is_conversation)
        assert_int_equal(lc_buffer_printf(out, NULL, "; against%s %zu %zu %zu",
                                          row.rejected.is_separate ? " its own" : "",
                                          row.rejected.placeholders[0],
                                          row.rejected.placeholders[1],
                                          row.rejected.placeholders[2]),
                         LC_OK);
    if (row.has_preference)
        add(out, BYTES("; preference"));
    if (row.ignored_key.text) {
        add(out, BYTES("; ignored "));
        add(out, row.ignored_key.text, row.ignored_key.size);
    }
    add(out, "", 1);
    return out->data;
}

static void check_cases(const char *name, const struct dialect_case *cases, size_t count)
{
    static char text[ROOM];
    struct lc_buffer facts = {0};

    dialect = lc_dialect_by_name(name);
    assert_non_null(dialect);
    for (size_t i = 0; i < WAYS * count; i++) {
        const struct dialect_case *want = &cases[i / WAYS];
        const char *got;

        (void)read_row(quoted(want->text, text), i % WAYS);
        got = describe(&facts);
        if (strcmp(got, want->facts) != 0)
            fail_msg("%s, way %zu: %s\n    %s\n    %s", name, i % WAYS, want->text, got,
                     want->facts);
        if (i % WAYS == QUICK && was_quick != want->quick)
            fail_msg("%s: %s: quick %d", name, want->text, was_quick);
    }
    lc_buffer_clear(&facts);
    dialect = lc_dialects;
}

#define V(from, value) "{'from': '" from "', 'value': '" value "'}"
#define M(role, content) "{'role': '" role "', 'content': '" content "'}"
#define P(role, parts) "{'role': '" role "', 'content': [" parts "]}"
#define TEXT_PART(text) "{'type': 'text', 'text': '" text "'}"

static void llava(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'id': '1', 'image': 'c/1.jpg', 'conversations': [" V(
             "human", "<image>\\nQ") ", " V("gpt", "A") "]}",
         "H <image>\nQ | G A; image c/1.jpg; 1 0 0", true},
        {"{'image': ['1.jpg', '2.jpg'], 'conversations': [" V("human",
                                                              "<image><image>Q") "]}",
         "H <image><image>Q; image 1.jpg 2.jpg; 2 0 0", true},
        {"{'video': 'v.mp4', 'conversations': [" V("human", "<video>Q") "]}",
         "H <video>Q; video v.mp4; 0 1 0", false},
        /* nothing newer: a URL is a path, and null is a fault */
        {"{'image': 'http://x/1.jpg', 'conversations': [" V("human", "Q") "]}",
         "H Q; image http://x/1.jpg", true},
        {"{'image': null, 'conversations': [" V("human", "Q") "]}", "H Q; image is null",
         false},
        {"{'image': [], 'conversations': []}", "; image is an empty list", false},
        {"{'image': {'path': 'a'}, 'conversations': []}", "; image is an object", false},
        {"{'conversations': [" V("user", "Q") ", " V("system", "A") "]}", "O Q | O A",
         true},
        {"{'conversations': [" M("user", "Q") "]}", "? foreign, has no string \"value\"",
         false},
        {"{'conversations': [{'from': 'human', 'value': ['Q']}]}",
         "H has no string \"value\"", false},
        {"{'conversations': [{'human': 'Q', 'gpt': 'A'}]}", "? has no string \"value\"",
         false},
        {"{'conversations': [" V("human", "<img>a.jpg</img>") "]}", "H <img>a.jpg</img>",
         true},
        {"{'images': ['1.jpg'], 'conversations': [" V("human", "<image>") "]}",
         "H <image>; 1 0 0; ignored images", false},
        {"{'messages': [" M("user", "Q") "]}", "no turns", false},
        {"[" V("human", "Q") "]", "no object", false},
    };
    EXPECT_CASES(cases, 15);

    (void)state;
    check_cases("llava", cases, COUNT(cases));
}

static void sharegpt(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'conversations': [" V("human",
                                 "<image>Q") ", " V("gpt", "A") "], 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", true},
        {"{'conversation': [" V("human", "Q") "]}", "H Q", true},
        {"{'conversations': [" V("system", "S") ", " V("human", "Q") ", " V(
             "function_call", "C") ", " V("observation", "R") ", " V("gpt", "A") "]}",
         "S S | H Q | C C | R R | G A", true},
        {"{'conversations': [" V("user", "Q") ", " V("assistant", "A") ", " V(
             "tool_response", "R") ", " V("tool_call", "C") ", " V("bot", "B") "]}",
         "H Q | G A | R R | C C | O B", true},
        {"{'conversations': [" V(
             "human",
             "<video><audio>Q") "], 'videos': 'v.mp4', 'audios': ['s.wav', 't.wav']}",
         "H <video><audio>Q; video v.mp4; audio s.wav t.wav; 0 1 1", false},
        /* null and empty lists mean no media */
        {"{'conversations': [" V("human", "Q") "], 'images': null, 'videos': []}", "H Q",
         false},
        {"{'conversations': [" V("human", "Q") "], 'images': [null]}",
         "H Q; image is a list with an element that is not a string", false},
        {"{'conversations': [" V("human", "Q") "], 'images': ''}",
         "H Q; image is a blank string", false},
        /* objects, URLs, and embedded images */
        {"{'conversations': [" V(
             "human",
             "Q") "], 'images': [{'path': 'a.jpg', 'bytes': null}, 'b.jpg', {'url': "
                  "'https://x/c.jpg'}, 'http://x/d.jpg', 'file://e.jpg']}",
         "H Q; image a.jpg b.jpg e.jpg +2 remote", false},
        {"{'conversations': [" V("human", "Q") "], 'images': ['https://x/c.jpg', "
                                               "'data:image/png;base64,iVBORw0KGgo=']}",
         "H Q; image +1 remote +1 embedded", true},
        {"{'conversations': [" V("human", "Q") "], 'images': [{'name': 'a.jpg'}]}",
         "H Q; image is a list with an object without path, url or bytes", false},
        {"{'conversations': [" V("human", "Q") "], 'images': {'path': ' '}}",
         "H Q; image is an object without path, url or bytes", false},
        /* the first of a video's frames stands for the video */
        {"{'conversations': [" V(
             "human", "<video>Q") "], 'videos': [['f/1.jpg', 'f/2.jpg'], 'v.mp4']}",
         "H <video>Q; video f/1.jpg v.mp4; 0 1 0", false},
        {"{'conversations': [" V("human", "Q") "], 'images': [['f/1.jpg']]}",
         "H Q; image is a list with an element that is not a string", false},
        /* pairs */
        {"{'conversations': [{'human': 'Q', 'assistant': 'A'}, {'human': 'P', 'gpt': "
         "'B'}]}",
         "H Q | G A | H P | G B", false},
        {"{'conversations': [{'user': 'Q', 'bot': 'A'}, {'human': 'P', 'gpt': 7}]}",
         "H Q | G A | H P | G is not a string", false},
        {"{'conversations': [{'human': 'Q'}]}", "? has no string \"value\"", false},
        {"{'conversations': [{'human': '<image>Q', 'gpt': 'A'}], 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", false},
        /* preferences */
        {"{'conversations': [" V("human", "Q") "], 'chosen': " V(
             "gpt", "A") ", 'rejected': " V("gpt", "B") "}",
         "H Q; preference", false},
        {"{'conversations': [" V("human", "Q") "], 'chosen': null, 'label': true}", "H Q",
         false},
        {"{'conversations': [" P("user", "'a'") "]}",
         "? foreign, has no string \"value\"", false},
        {"{'conversations': [], 'image': '1.jpg'}", "; ignored image", false},
        {"{'conversations': {}, 'id': 1}", "no list", false},
    };
    EXPECT_CASES(cases, 23);

    (void)state;
    check_cases("sharegpt", cases, COUNT(cases));
}

static void messages(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'messages': [" M("user", "<image>Q") ", " M("assistant",
                                                       "A") "], 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", true},
        {"{'image': '1.jpg', 'conversations': [" M("user", "Q") "]}", "H Q; image 1.jpg",
         true},
        {"{'messages': [" M("system", "S") ", " M("developer", "S") ", " M(
             "tool",
             "R") ", " M("function_call",
                         "C") ", " M("pretrain",
                                     "W") ", " M("bot", "A") ", " M("observation",
                                                                    "R") ", " M("nobody",
                                                                                "O") "]}",
         "S S | S S | R R | C C | W W | G A | R R | O O", true},
        /* names of the list: the first one present counts */
        {"{'conversation': [" M("user", "B") "], 'messages': [" M("user", "A") "]}",
         "H A", false},
        {"{'messages': [" M("user", "A") "], 'conversation': [" M("user", "B") "]}",
         "H A", false},
        {"{'messages': null, 'conversation': [" M("user", "B") "]}", "H B", false},
        {"{'conversation': [" M("user", "B") "], 'messages': null}", "H B", false},
        {"{'prompt': [" M("user", "Q") "]}", "H Q; preference", true},
        {"{'chosen_messages': [" M("user", "Q") "]}", "H Q", true},
        {"[" M("user", "Q") ", " M("assistant", "A") "]", "H Q | G A", false},
        {"[]", "no object", false},
        {"[7, " M("user", "Q") "]", "no object", false},
        {"['role']", "no object", false},
        /* no separate list of turns */
        {"{'chosen': [" M("user", "Q") ", " M("assistant", "A") "], 'rejected': []}",
         "H Q | G A; preference", false},
        {"{'chosen': 'A', 'prompt': [" M("user", "Q") "]}", "H Q; preference", false},
        {"{'prompt': [" M("user", "Q") "], 'completion': [" M("assistant", "A") "]}",
         "H Q; preference", false},
        /* contents */
        {"{'messages': [{'role': 'user', 'content': null}]}",
         "H has neither a string nor a list \"content\"", false},
        {"{'messages': [{'content': 'Q'}]}", "? has no string \"role\"", false},
        {"{'messages': [" V("human", "Q") "]}",
         "? foreign, has neither a string nor a list \"content\"", false},
        {"{'messages': [7, 'x']}", "? is not an object | ? is not an object", false},
        {"{'messages': [{'role': 'assistant', 'content': null, 'tool_calls': [{'a': "
         "1}]}, "
         "{'role': 'assistant', 'tool_calls': [1]}, {'role': 'assistant', 'content': "
         "'A', "
         "'tool_calls': []}, {'role': 'assistant', 'content': null, 'tool_calls': []}, "
         "{'role': 'assistant', 'content': 7, 'tool_calls': [1]}]}",
         "C  | C  | G A | G has neither a string nor a list \"content\" | C has neither "
         "a "
         "string nor a list \"content\"",
         false},
        {"{'messages': 'Q'}", "no list", false},
        {"{'messages': null}", "no list", false},
        {"{'messages': null, 'chosen': [" M("user", "Q") "]}", "H Q; preference", false},
        /* the last of duplicate keys counts */
        {"{'messages': [{'role': 'user', 'content': [{'image': 'a'}], 'content': "
         "[{'image': 'b'}]}, {'role': 'user', 'content': [{'image': 'c'}], 'content': "
         "'Q'}]}",
         "H  | H Q; image b; 1 0 0", false},
        {"{'messages': [{'role': 'assistant', 'content': 'A', 'tool_calls': [1], "
         "'tool_calls': null}]}",
         "G A", false},
    };
    EXPECT_CASES(cases, 26);

    (void)state;
    check_cases("messages", cases, COUNT(cases));
}

static void rejected_answers(void **state)
{
#define TALK "'messages': [" M("user", "<image>Q") ", " M("assistant", "A") "]"
#define AGAIN(question) "[" M("user", question) ", " M("assistant", "B") "]"
    static const struct dialect_case cases[] = {
        {"{" TALK ", 'images': ['1.jpg'], 'rejected_images': ['2.jpg', '3.jpg']}",
         "H <image>Q | G A; image 1.jpg 2.jpg 3.jpg; 1 0 0; rejected 2 0 0", false},
        {"{'rejected_images': '2.jpg', 'rejected_videos': ['v.mp4'], 'rejected_audios': "
         "null, " TALK ", 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg 2.jpg; video v.mp4; 1 0 0; rejected 1 1 0",
         false},
        {"{" TALK ", 'rejected_images': []}", "H <image>Q | G A; 1 0 0", false},
        {"{" TALK ", 'images': ['1.jpg'], 'rejected_images': [7]}",
         "H <image>Q | G A; image is a list with an element that is not a string; 1 0 0",
         false},
        {"{" TALK ", 'images': ['1.jpg'], 'rejected_images': "
         "['https://x/c.jpg', 'data:,x']}",
         "H <image>Q | G A; image 1.jpg +1 remote +1 embedded; 1 0 0; rejected 2 0 0",
         false},
        /* the last of duplicate keys counts */
        {"{" TALK ", 'rejected_images': ['2.jpg'], 'rejected_images': ['3.jpg']}",
         "H <image>Q | G A; image 3.jpg; 1 0 0; rejected 1 0 0", false},
        /* a separate conversation */
        {"{" TALK ", 'images': ['1.jpg'], 'rejected_messages': " AGAIN("<image>Q") "}",
         "H <image>Q | G A; image 1.jpg; 1 0 0; against its own 1 0 0; preference",
         false},
        {"{'chosen': " AGAIN("Q") ", 'rejected': " AGAIN("<image><video>Q") "}",
         "H Q | G B; against 1 1 0; preference", false},
        {"{" TALK ", 'rejected_response': [" M("assistant", "B") "]}",
         "H <image>Q | G A; 1 0 0; preference", false},
        {"{" TALK ", 'rejected': [7, {'role': 'user'}, {'content': 'x'}]}",
         "H <image>Q | G A; 1 0 0; against 0 0 0; preference", false},
        /* media in parts: those of its turns, unless a column has them */
        {"{" TALK ", 'images': ['1.jpg'], 'rejected': [" P(
             "user", "{'type': 'image', "
                     "'image': '2.jpg'}, " TEXT_PART("Q")) "]}",
         "H <image>Q | G A; image 1.jpg 2.jpg; 1 0 0; rejected 1 0 0; against 1 0 0; "
         "preference",
         false},
        {"{" TALK ", 'rejected_images': ['3.jpg'], 'rejected': [" P(
             "user", "{'type': 'image', 'image': '2.jpg'}, " TEXT_PART("Q")) "]}",
         "H <image>Q | G A; image 3.jpg; 1 0 0; rejected 1 0 0; against 1 0 0; "
         "preference",
         false},
        /* paths between tags, if the row's are read */
        {"{'chosen': " AGAIN("<img>1.jpg</img>Q") ", 'rejected': " AGAIN(
             "<img>2.jpg</img>Q") "}",
         "H <img>1.jpg</img>Q | G B; image 1.jpg 2.jpg; 1 0 0; rejected 1 0 0; against 1 "
         "0 0; preference",
         false},
        {"{'images': ['1.jpg'], 'chosen': " AGAIN("Q") ", 'rejected': " AGAIN(
             "<img>2.jpg</img>Q") "}",
         "H Q | G B; image 1.jpg; against 0 0 0; preference", false},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    check_cases("messages", cases, COUNT(cases));
#undef AGAIN
#undef TALK
}

static void parts(void **state)
{
#define ROW(parts) "{'messages': [" P("user", parts) "]}"
    static const struct dialect_case cases[] = {
        {ROW(""), "H ", false},
        {ROW(TEXT_PART("Q")), "H Q", false},
        {ROW("'a', " TEXT_PART("b") ", {'text': 'c'}"), "H abc", false},
        {ROW("{'type': 'reasoning', 'value': 'a'}, {'type': 'text', 'content': 'b'}"),
         "H ab", false},
        /* ways to name an image */
        {ROW("{'type': 'image', 'image': '1.jpg'}, " TEXT_PART("Q")),
         "H Q; image 1.jpg; 1 0 0", false},
        {ROW("{'image': '1.jpg'}, {'text': 'Q'}"), "H Q; image 1.jpg; 1 0 0", false},
        {ROW("{'type': 'image_url', 'image_url': {'url': '1.jpg'}}"),
         "H ; image 1.jpg; 1 0 0", false},
        {ROW("{'type': 'image_url', 'image_url': '1.jpg'}"), "H ; image 1.jpg; 1 0 0",
         false},
        {ROW("{'type': 'image_url', 'value': '1.jpg'}"), "H ; image 1.jpg; 1 0 0", false},
        {ROW("{'type': 'image', 'path': '1.jpg'}, {'type': 'image', 'url': '2.jpg'}, "
             "{'type': 'image', 'content': '3.jpg'}"),
         "H ; image 1.jpg 2.jpg 3.jpg; 3 0 0", false},
        {ROW("{'type': 'image', 'image': {'path': '1.jpg', 'bytes': null}}"),
         "H ; image 1.jpg; 1 0 0", false},
        /* Anthropic's sources, calls and results */
        {ROW("{'type': 'image', 'source': {'type': 'url', 'url': '1.jpg'}}"),
         "H ; image 1.jpg; 1 0 0", false},
        {"{'messages': [" P("assistant", TEXT_PART("A") ", {'type': 'tool_use', 'name': "
                                                        "'f', 'input': {}}") "]}",
         "C A", false},
        {"{'messages': [" P("assistant", "{'type': 'tool_use', 'name': 'f'}") "]}", "C ",
         false},
        {ROW("{'type': 'tool_result', 'content': 'R'}"), "H R", false},
        {ROW("{'type': 'tool_result', 'content': [" TEXT_PART(
             "R") ", {'type': 'image', "
                  "'source': {'type': 'url', 'url': '1.jpg'}}]}, " TEXT_PART("Q")),
         "H RQ; image 1.jpg; 1 0 0", false},
        {ROW("{'type': 'tool_result', 'content': []}"), "H ", false},
        {ROW("{'type': 'tool_result', 'content': [{'type': 'tool_result', 'content': "
             "[]}]}"),
         "H has a part that is neither a text nor an image, video or audio", false},
        {ROW("{'type': 'image', 'image': 'https://x/1.jpg'}, {'type': 'image_url', "
             "'image_url': {'url': 'data:image/png;base64,iVBORw0KGgo='}}"),
         "H ; image +1 remote +1 embedded; 2 0 0", false},
        {ROW("{'type': 'image'}, {'type': 'image', 'image': null}"), "H ; 2 0 0", false},
        /* other media */
        {ROW("{'type': 'video', 'video': 'v.mp4'}, {'type': 'audio', 'audio': 's.wav'}"),
         "H ; video v.mp4; audio s.wav; 0 1 1", false},
        {ROW("{'type': 'video_url', 'video_url': {'url': 'v.mp4'}}, {'type': "
             "'input_audio', 'input_audio': {'data': 's.wav'}}, {'type': 'audio_url', "
             "'audio_url': {'url': 't.wav'}}"),
         "H ; video v.mp4; audio s.wav t.wav; 0 1 2", false},
        {ROW("{'type': 'video', 'video': ['f/1.jpg', 'f/2.jpg']}"),
         "H ; video f/1.jpg; 0 1 0", false},
        /* null for the keys of other types, as Arrow writes them */
        {ROW("{'type': 'text', 'text': 'Q', 'image': null}, {'type': 'image', 'text': "
             "null, 'image': '1.jpg'}"),
         "H Q; image 1.jpg; 1 0 0", false},
        /* faults */
        {ROW("7"), "H has a part that is neither a string nor an object", false},
        {ROW("{}"), "H has a part that is neither a text nor an image, video or audio",
         false},
        {ROW("{'type': 'table', 'table': []}"),
         "H has a part that is neither a text nor an image, video or audio", false},
        {ROW("{'type': 'text', 'text': 7}"),
         "H has a part that is neither a text nor an image, video or audio", false},
        /* faulty parts have no files */
        {ROW("{'type': 'image', 'image': 'http://x/a.jpg'}, {'type': 'image', 'image': "
             "'data:,a'}, {'type': 'image', 'image': 7}"),
         "H ; image is a list with an element that is not a string; 3 0 0", false},
        {ROW("{'type': 'image', 'image': 7}"),
         "H ; image is a list with an element that is not a string; 1 0 0", false},
        {ROW("{'type': 'image', 'image': ['1.jpg']}, {'type': 'image', 'image': "
             "'2.jpg'}"),
         "H ; image is a list with an element that is not a string; 2 0 0", false},
        /* a part's text that looks like a placeholder is text */
        {ROW(TEXT_PART("<image>Q") ", {'type': 'image', 'image': '1.jpg'}"),
         "H <image>Q; image 1.jpg; 1 0 0", false},
        {ROW(TEXT_PART("<img>1.jpg</img>")), "H <img>1.jpg</img>", false},
        /* a column names the images: the parts only give their positions */
        {"{'messages': [" P(
             "user", "{'type': 'image', 'image': '1.jpg'}") "], 'images': ['1.jpg']}",
         "H ; image 1.jpg; 1 0 0", false},
        {"{'images': ['1.jpg'], 'messages': [" P(
             "user", "{'type': 'image'}, {'type': 'video', 'video': 'v.mp4'}") "]}",
         "H ; image 1.jpg; video v.mp4; 1 1 0", false},
        {"{'images': [], 'messages': [" P("user",
                                          "{'type': 'image', 'image': '1.jpg'}") "]}",
         "H ; image 1.jpg; 1 0 0", false},
        /* several turns of several texts */
        {"{'messages': [" P("user", "'a', 'b'") ", " P(
             "assistant",
             "'c', 'd', 'e'") ", " P("user",
                                     "'f', 'g'") ", " P("assistant",
                                                        "'h'") ", " P("user",
                                                                      "'i', 'j'") "]}",
         "H ab | G cde | H fg | G h | H ij", false},
    };
#undef ROW
    EXPECT_CASES(cases, 37);

    (void)state;
    check_cases("messages", cases, COUNT(cases));
}

/* A turn's joined text does not move while those of later turns are joined. */
static void many_parts(void **state)
{
    enum { TURNS = 40, LENGTH = 700 };
    static char text[ROOM];
    char filler[LENGTH + 1];
    size_t at = 0;

    (void)state;
    dialect = lc_dialect_by_name("messages");
    memset(filler, 'x', LENGTH);
    filler[LENGTH] = '\0';
    at += (size_t)sprintf(text, "{\"messages\": [");
    for (int i = 0; i < TURNS; i++)
        at += (size_t)sprintf(text + at,
                              "%s{\"role\": \"user\", \"content\": [\"%02d\", \"%s\"]}",
                              i ? ", " : "", i, filler);
    strcpy(text + at, "]}");
    for (size_t way = 0; way < WAYS; way++) {
        (void)read_row(text, way);
        assert_int_equal(row.turn_count, TURNS);
        for (int i = 0; i < TURNS; i++) {
            char begin[3] = {(char)('0' + i / 10), (char)('0' + i % 10), '\0'};

            assert_int_equal(row.turns[i].value.size, LENGTH + 2);
            assert_memory_equal(row.turns[i].value.text, begin, 2);
            assert_memory_equal(row.turns[i].value.text + 2, filler, LENGTH);
        }
    }
    dialect = lc_dialects;
}

static void inline_paths(void **state)
{
#define ROW(text) "{'conversations': [" V("user", text) "]}"
    static const struct dialect_case cases[] = {
        {"{'conversations': [" V("user", "Picture 1: <img>1.jpg</img>\\nQ") ", " V(
             "assistant", "A") "]}",
         "H Picture 1: <img>1.jpg</img>\nQ | G A; image 1.jpg; 1 0 0", true},
        {ROW("<|vision_start|>a/1.jpg<|vision_end|>Q<audio> s.wav </audio>"),
         "H <|vision_start|>a/1.jpg<|vision_end|>Q<audio> s.wav </audio>; image a/1.jpg; "
         "audio s.wav; 1 0 1",
         true},
        {ROW("<img>1.jpg</img><img>https://x/2.jpg</img>"),
         "H <img>1.jpg</img><img>https://x/2.jpg</img>; image 1.jpg +1 remote; 2 0 0",
         true},
        {ROW("<img>1.jpg"), "H <img>1.jpg", true},
        {ROW("1.jpg</img>"), "H 1.jpg</img>", true},
        {ROW("<img></img>Q"),
         "H <img></img>Q; image is a pair of tags with nothing between them; 1 0 0",
         true},
        {ROW("<img> \\n</img>Q"),
         "H <img> \n</img>Q; image is a pair of tags with nothing between them; 1 0 0",
         true},
        {ROW("<img><img>1.jpg</img>"), "H <img><img>1.jpg</img>; image <img>1.jpg; 1 0 0",
         true},
        {ROW("<img>1.jpg</img></img>"), "H <img>1.jpg</img></img>; image 1.jpg; 1 0 0",
         true},
        {ROW("<image>Q"), "H <image>Q", true},
        {"{'conversations': [" V("assistant", "<img>1.jpg</img>") "]}",
         "G <img>1.jpg</img>; image 1.jpg; 1 0 0", true},
        {"{'conversations': [" V("system", "<img>1.jpg</img>") "]}",
         "S <img>1.jpg</img>; image 1.jpg; 1 0 0", true},
        {"{'conversations': [{'value': '<img>1.jpg</img>'}]}", "? has no string \"from\"",
         false},
    };
#undef ROW
    EXPECT_CASES(cases, 13);

    (void)state;
    check_cases("inline", cases, COUNT(cases));
}

/* Tags in other dialects are only read if no column names the media. */
static void tags_and_columns(void **state)
{
    static const struct dialect_case in_messages[] = {
        {"{'messages': [" M("user", "<img>1.jpg</img>") "]}",
         "H <img>1.jpg</img>; image 1.jpg; 1 0 0", true},
        {"{'messages': [" M("user", "<img>1.jpg</img>") "], 'images': ['2.jpg']}",
         "H <img>1.jpg</img>; image 2.jpg", true},
        {"{'messages': [" M("user", "<img>1.jpg</img>") "], 'videos': ['v.mp4']}",
         "H <img>1.jpg</img>; image 1.jpg; video v.mp4; 1 0 0", false},
        {"{'messages': [" M("user",
                            "<img>1.jpg</img><audio>a.wav</audio>") "], 'audios': "
                                                                    "['b.wav']}",
         "H <img>1.jpg</img><audio>a.wav</audio>; image 1.jpg; audio b.wav; 1 0 0",
         false},
        {"{'messages': [" M("user", "<image><img>1.jpg</img>") "]}",
         "H <image><img>1.jpg</img>; image 1.jpg; 2 0 0", true},
    };
    static const struct dialect_case in_query[] = {
        {"{'query': '<img>1.jpg</img>Q', 'response': 'A'}",
         "H <img>1.jpg</img>Q | G A; image 1.jpg; 1 0 0", false},
        {"{'query': '<img>1.jpg</img>Q', 'response': 'A', 'images': []}",
         "H <img>1.jpg</img>Q | G A; image 1.jpg; 1 0 0", false},
    };
    EXPECT_CASES(in_messages, 5);
    EXPECT_CASES(in_query, 2);

    (void)state;
    check_cases("messages", in_messages, COUNT(in_messages));
    check_cases("query", in_query, COUNT(in_query));
}

static void role_value(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'conversations': [{'role': 'user', 'value': '<image>Q'}, {'role': "
         "'assistant', "
         "'value': 'A'}], 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", true},
        {"{'messages': [{'role': 'human', 'value': 'Q'}, {'role': 'gpt', 'value': 'A'}, "
         "{'role': 'system', 'value': 'S'}, {'role': 'tool', 'value': 'R'}]}",
         "H Q | G A | S S | O R", true},
        {"{'conversations': [" M("user", "Q") "]}", "H has no string \"value\"", false},
        {"{'conversations': [" V("user", "Q") "]}", "? has no string \"role\"", false},
        {"{'conversations': [{'role': 'user', 'value': ['Q']}]}",
         "H has no string \"value\"", false},
        {"{'image': '1.jpg', 'conversations': []}", "; image 1.jpg", false},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    check_cases("role-value", cases, COUNT(cases));
}

static void alpaca(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'instruction': '<image>Q', 'input': '', 'output': 'A', 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", false},
        {"{'instruction': 'Q', 'input': 'more <image>', 'output': 'A'}",
         "H Q\nmore <image> | G A; 1 0 0", false},
        {"{'instruction': '', 'input': 'more', 'output': 'A'}", "H more | G A", false},
        {"{'instruction': 'Q', 'input': null, 'output': 'A'}", "H Q | G A", false},
        {"{'instruction': 'Q', 'output': null}", "H Q", false},
        {"{'instruction': 'Q', 'output': 7}", "H Q | G is not a string", false},
        {"{'instruction': 'Q', 'output': []}", "H Q | G is not a string", false},
        {"{'instruction': 'Q'}", "H Q", false},
        {"{'instruction': null, 'output': 'A'}", "H  | G A", false},
        {"{'instruction': null, 'input': null, 'output': 'A'}", "H  | G A", false},
        {"{'instruction': null, 'input': 7, 'output': 'A'}", "H is not a string | G A",
         false},
        /* the second column alone, and what Python calls false */
        {"{'input': 'Q', 'output': 'A'}", "H Q | G A", false},
        {"{'instruction': null, 'input': 'Q', 'output': 'A'}", "H Q | G A", false},
        {"{'instruction': 'Q', 'input': {}, 'output': 'A'}", "H Q | G A", false},
        {"{'instruction': 'Q', 'input': 0e5, 'output': 'A'}", "H Q | G A", false},
        {"{'instruction': 'Q', 'input': 0.5, 'output': 'A'}", "H is not a string | G A",
         false},
        {"{'instruction': 'Q', 'input': ['R'], 'output': 'A'}", "H is not a string | G A",
         false},
        {"{'instruction': 'Q', 'output': ['A', 'B']}", "H Q | G is not a string", false},
        {"{'instruction': 'Q', 'output': 'A', 'history': ''}", "H Q | G A", false},
        /* earlier rounds */
        {"{'instruction': 'Q', 'output': 'A', 'history': [['P', 'B'], ['O', 'C']]}",
         "H P | G B | H O | G C | H Q | G A", false},
        {"{'history': [['<image>', 'B']], 'output': 'A', 'instruction': 'Q', 'image': "
         "'1.jpg'}",
         "H <image> | G B | H Q | G A; image 1.jpg; 1 0 0", false},
        {"{'instruction': 'Q', 'output': 'A', 'history': []}", "H Q | G A", false},
        {"{'instruction': 'Q', 'output': 'A', 'history': null}", "H Q | G A", false},
        {"{'instruction': 'Q', 'output': 'A', 'history': 'P'}",
         "H is not a list of pairs of question and answer | H Q | G A", false},
        {"{'instruction': 'Q', 'output': 'A', 'history': [[], ['P'], ['P', 'B', 'C'], "
         "'P', "
         "{}]}",
         "H is not a pair of question and answer | H is not a pair of question and "
         "answer "
         "| H is not a pair of question and answer | H is not a pair of question and "
         "answer | H is not a pair of question and answer | H Q | G A",
         false},
        {"{'instruction': 'Q', 'output': 'A', 'history': [[7, 'B']]}",
         "H is not a string | G B | H Q | G A", false},
        /* preferences */
        {"{'instruction': 'Q', 'input': '', 'chosen': 'A', 'rejected': 'B'}",
         "H Q; preference", false},
        {"{'instruction': 'Q', 'output': 'A', 'kto_tag': true}", "H Q | G A", false},
        {"{'instruction': 'Q', 'output': 'A', 'img': '1.jpg'}", "H Q | G A; ignored img",
         false},
    };
    EXPECT_CASES(cases, 29);

    (void)state;
    check_cases("alpaca", cases, COUNT(cases));
}

static void query(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'query': '<image>Q', 'response': 'A', 'images': ['1.jpg']}",
         "H <image>Q | G A; image 1.jpg; 1 0 0", false},
        {"{'question': 'Q', 'answer': 'A'}", "H Q | G A", false},
        {"{'problem': 'Q', 'solution': 'A'}", "H Q | G A", false},
        {"{'prompt': 'Q', 'completion': 'A'}", "H Q | G A", false},
        {"{'question': 'P', 'query': 'Q', 'answer': 'B', 'response': 'A'}", "H Q | G A",
         false},
        {"{'query': 'Q', 'question': 'P', 'response': 'A', 'answer': 'B'}", "H Q | G A",
         false},
        {"{'query': null, 'question': 'P', 'response': null, 'answer': 'B'}", "H P | G B",
         false},
        {"{'question': 'P', 'query': null, 'answer': 'B', 'response': null}", "H P | G B",
         false},
        {"{'query': 'Q', 'response': ['A', 'B']}", "H Q | G A", false},
        {"{'query': 'Q', 'response': [7]}", "H Q | G is not a string", false},
        {"{'query': 'Q', 'response': 'A', 'history': [['P', 'B']]}",
         "H P | G B | H Q | G A", false},
        {"{'query': 'Q', 'response': 'A', 'rejected_response': 'B'}",
         "H Q | G A; preference", false},
        {"{'query': ['Q']}", "no list", false},
        {"{'response': 'A'}", "no turns", false},
    };
    EXPECT_CASES(cases, 14);

    (void)state;
    check_cases("query", cases, COUNT(cases));
}

static void xcomposer(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'id': '1', 'image': ['1.jpg'], 'conversations': [" V(
             "user", "Image1 <ImageHere>; Q") ", " V("assistant", "A") "]}",
         "H Image1 <ImageHere>; Q | G A; image 1.jpg; 1 0 0", true},
        {"{'image': '1.jpg', 'conversations': [" V("human", "<ImageHere><image>Q") ", " V(
             "bot", "A") "]}",
         "H <ImageHere><image>Q | G A; image 1.jpg; 1 0 0", true},
        {"{'image': null, 'conversations': [" V("gpt", "A") "]}", "O A; image is null",
         false},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    check_cases("xcomposer", cases, COUNT(cases));
}

static void xtuner(void **state)
{
#define IMAGE(url)                                                                       \
    "{'type': 'image_url', 'image_url': {'url': '" url "', 'image_wh': [6, 4]}}"
    static const struct dialect_case cases[] = {
        {"{'messages': [{'role': 'user', 'content': [" IMAGE(
             "a.jpg") ", {'type': 'text', 'text': '<IMG_CONTEXT>Q'}]}, " M("assistant",
                                                                           "A") "]}",
         "H <IMG_CONTEXT>Q | G A; image a.jpg; 1 0 0", false},
        {"{'messages': [{'role': 'user', 'content': [" IMAGE("a.jpg") ", " IMAGE(
             "b.jpg") ", {'type': 'text', 'text': '<image>Q'}]}]}",
         "H <image>Q; image a.jpg b.jpg", false},
        {"{'messages': [" M("user", "Q") ", " M("assistant", "A") "], 'images': ['a']}",
         "H Q | G A; ignored images", false},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    check_cases("xtuner", cases, COUNT(cases));
#undef IMAGE
}

static void nextgpt(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'input_image': '1.jpg', 'conversations': [" V("human", "<image>\\nQ") ", " V(
             "gpt", "A") "]}",
         "H <image>\nQ | G A; image 1.jpg; 1 0 0", true},
        {"{'output_image': '1.jpg', 'conversations': [" V("human", "Q") ", " V(
             "gpt", "Here: <image>") "]}",
         "H Q | G Here: <image>; image 1.jpg; 1 0 0", true},
        {"{'output_video': 'v.mp4', 'input_audio': 's.wav', 'conversations': [" V(
             "human", "<audio>Q") ", " V("gpt", "<video>") "]}",
         "H <audio>Q | G <video>; video v.mp4; audio s.wav; 0 1 1", false},
        /* both count, inputs first */
        {"{'output_image': '2.jpg', 'input_image': ['1.jpg'], 'conversations': [" V(
             "human", "<image>Q") ", " V("gpt", "<image>") "]}",
         "H <image>Q | G <image>; image 1.jpg 2.jpg; 2 0 0", false},
        {"{'output_image': null, 'input_image': '1.jpg', 'conversations': []}",
         "; image 1.jpg", false},
        {"{'input_image': '0.jpg', 'output_image': 7, 'input_image': '1.jpg', "
         "'conversations': []}",
         "; image is a number", false},
        {"{'input_image': '0.jpg', 'input_image': '1.jpg', 'conversations': []}",
         "; image 1.jpg", false},
    };
    EXPECT_CASES(cases, 7);

    (void)state;
    check_cases("nextgpt", cases, COUNT(cases));
}

static void internvl(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'id': 1, 'image': '1.jpg', 'width': 10, 'conversations': [" V(
             "system", "S") ", " V("human", "<image>\\nQ") ", " V("gpt", "A") "]}",
         "S S | H <image>\nQ | G A; image 1.jpg; 1 0 0", true},
        {"{'image': [], 'video': 'v.mp4', 'conversations': [" V("human", "<video>Q") "]}",
         "H <video>Q; image is an empty list; video v.mp4; 0 1 0", false},
    };
    EXPECT_CASES(cases, 2);

    (void)state;
    check_cases("internvl", cases, COUNT(cases));
}

/* If a row has several names of the same column: which one counts. */
static void column_names(void **state)
{
    static const struct dialect_case cases[] = {
        {"{'image': 'a', 'images': ['b'], 'messages': []}", "; image b", false},
        {"{'images': ['b'], 'image': 'a', 'messages': []}", "; image b", false},
        {"{'images': null, 'image': 'a', 'messages': []}", "; image a", false},
        {"{'image': 'a', 'images': null, 'messages': []}", "; image a", false},
        {"{'images': null, 'messages': []}", "", false},
        {"{'image': 7, 'messages': [], 'images': []}", "; ignored image", false},
        {"{'images': [], 'messages': [], 'image': 7}", "; ignored image", false},
        {"{'video': 'a', 'videos': ['b'], 'messages': []}", "; video b", false},
        {"{'audio': 'a', 'messages': []}", "; audio a", false},
    };
    EXPECT_CASES(cases, 9);

    (void)state;
    check_cases("messages", cases, COUNT(cases));
}

/* Questions that consist only of placeholders, or of paths between tags. */
static void bare_questions(void **state)
{
    static const struct {
        const char *dialect, *text;
        bool bare;
    } cases[] = {
        {"inline", "{'conversations': [" V("user", " <img>a</img>\\n") "]}", true},
        {"inline", "{'conversations': [" V("user", "<img>a</img><audio>b</audio>") "]}",
         true},
        {"inline", "{'conversations': [" V("user", "<img>a</img>.") "]}", false},
        {"inline", "{'conversations': [" V("user", "<img>a") "]}", false},
        {"inline", "{'conversations': [" V("user", "<image>") "]}", false},
        {"messages", "{'messages': [" M("user", "<image>\\n<video><audio>") "]}", true},
        {"messages", "{'messages': [" M("user", "<image>\\nQ<video>") "]}", false},
        {"messages", "{'messages': [" P("user", "{'type': 'image'}, ' '") "]}", true},
        {"messages", "{'messages': [" P("user", "{'type': 'image'}, 'Q'") "]}", false},
        {"messages", "{'messages': [" P("user", "'<image>'") "]}", false},
        {"messages", "{'messages': [" P("user", "' '") "]}", false},
        {"xcomposer", "{'conversations': [" V("user", "<ImageHere>") "]}", true},
        {"xcomposer", "{'conversations': [" V("user", "<image>") "]}", false},
        {"alpaca", "{'instruction': '<video>', 'input': '\\n'}", true},
    };
    static char text[ROOM];
    EXPECT_CASES(cases, 14);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        size_t at = i / WAYS;
        unsigned marks;

        dialect = lc_dialect_by_name(cases[at].dialect);
        marks = read_row(quoted(cases[at].text, text), i % WAYS)->turns[0].marks;
        if (((marks & LC_TURN_BARE) != 0) != cases[at].bare)
            fail_msg("%s: marks %x", cases[at].text, marks);
    }
    dialect = lc_dialects;
}

/* Base64 counts as an image only if it is too long for a name and begins like an image.
 */
static void base64(void **state)
{
    static const struct {
        const char *head;
        int length;
        const char *tail;
        bool embedded;
    } cases[] = {
        {"/9j/", 400, "", true},     {"iVBORw0KGgo", 400, "==", true},
        {"R0lGOD", 400, "", true},   {"UklGR", 400, "", true},
        {"Qk", 400, "", true},       {"/9j/", 200, "", false},
        {"/8j/", 400, "", false},    {"/9j/../", 400, "", false},
        {"\\/9j\\/", 400, "", true}, {"/9j/", 400, ".jpg", true},
        {"/9j/", 400, "\\n", true},  {"data:image/jpeg;base64,", 0, "", true},
        {"data:", 8, "", true},      {"data", 400, "", false},
    };
    char text[1024], filler[512];
    EXPECT_CASES(cases, 14);

    (void)state;
    memset(filler, 'A', sizeof(filler));
    dialect = lc_dialect_by_name("sharegpt");
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        const struct lc_row_media *images = &row.media[LC_MEDIUM_IMAGE];
        size_t at = i / WAYS;

        snprintf(text, sizeof(text), "{\"images\": \"%s%.*s%s\"}", cases[at].head,
                 cases[at].length, filler, cases[at].tail);
        (void)read_row(text, i % WAYS);
        assert_int_equal(images->embedded, cases[at].embedded);
        assert_int_equal(images->count, !cases[at].embedded);
        assert_int_equal(row.embedded_count, cases[at].embedded);
        if (cases[at].embedded)
            assert_int_equal(row.embedded[0].medium, LC_MEDIUM_IMAGE);
    }
    dialect = lc_dialects;
}

/* Rows with the same content are duplicates; their other columns may differ. */
static void contents(void **state)
{
#define TALK "'messages': [" M("user", "Q") ", " M("assistant", "A") "]"
#define IMAGES(images) "{" TALK ", 'images': [" images "]}"
#define PARTS(parts) "{'messages': [" P("user", parts) "]}"
    static const struct {
        const char *dialect, *a, *b;
        bool same;
    } cases[] = {
        {"messages", "{" TALK "}", "{" TALK ", 'id': 7, 'note': 'x'}", true},
        {"messages", IMAGES("'a'"), IMAGES("'b'"), false},
        {"messages", IMAGES("'a'"), "{'image': 'a', " TALK "}", true},
        {"messages", IMAGES("'a'"), IMAGES("{'path': 'a', 'bytes': null}"), true},
        {"messages", IMAGES(""), "{" TALK ", 'images': null}", true},
        {"messages", IMAGES("'a', 'b'"), IMAGES("'b', 'a'"), false},
        {"messages", IMAGES("'a'"), "{" TALK ", 'videos': ['a']}", false},
        {"messages", "{" TALK ", 'audios': ['a']}", "{" TALK ", 'videos': ['a']}", false},
        /* URLs and embedded images: their text, medium and position count */
        {"messages", IMAGES("'http://x/a'"), IMAGES("'http://x/b'"), false},
        {"messages", IMAGES("'http://x/a', 'b'"), IMAGES("'b', 'http://x/a'"), false},
        {"messages", IMAGES("'http://x/a', 'http://x/b'"),
         IMAGES("'http://x/b', 'http://x/a'"), false},
        {"messages", IMAGES("'http://x/a'"), "{" TALK ", 'videos': ['http://x/a']}",
         false},
        {"messages", IMAGES("'data:,a'"), IMAGES("'data:,b'"), false},
        {"messages", IMAGES("'data:,a', 'b'"), IMAGES("'b', 'data:,a'"), false},
        {"messages", IMAGES("'data:,a'"), "{" TALK ", 'videos': ['data:,a']}", false},
        {"messages", IMAGES("'data:,a'"), IMAGES("'a'"), false},
        {"messages", "{'images': ['http://x/a'], " TALK ", 'images': ['http://x/b']}",
         IMAGES("'http://x/b'"), true},
        {"messages", "{'images': ['data:,a'], " TALK ", 'images': ['data:,b']}",
         IMAGES("'data:,b'"), true},
        /* columns beside the turns */
        {"messages", "{" TALK ", 'system': 'x'}", "{" TALK ", 'system': 'y'}", false},
        {"messages", "{" TALK ", 'system': 'x'}", "{" TALK ", 'tools': 'x'}", false},
        {"messages", "{" TALK ", 'system': null, 'tools': ''}", "{" TALK "}", true},
        {"messages", "{" TALK ", 'label': true}", "{" TALK ", 'label': false}", false},
        {"messages", "{'system': 'y', " TALK ", 'system': 'x'}",
         "{" TALK ", 'system': 'x'}", true},
        {"messages", "{'rejected': [1], " TALK "}", "{" TALK ", 'rejected': [2]}", false},
        {"messages", "{" TALK ", 'images': ['a'], 'rejected_images': ['b']}",
         "{" TALK ", 'images': ['a', 'b']}", false},
        {"messages", "{" TALK ", 'images': ['a'], 'rejected_images': 'b'}",
         "{" TALK ", 'rejected_images': ['b'], 'images': 'a'}", true},
        {"messages", "{'chosen': 'x', " TALK ", 'completion': 'y'}",
         "{'completion': 'y', " TALK ", 'chosen': 'x'}", true},
        /* turns of parts */
        {"messages", PARTS("'Q'"), "{'messages': [" M("user", "Q") "]}", false},
        {"messages", PARTS("'a', 'b'"), PARTS("'ab'"), true},
        {"messages", PARTS("'Q'"), PARTS("{'type': 'text', 'text': 'Q'}"), true},
        {"messages", PARTS("'a', {'type': 'image', 'image': 'a'}, 'b'"),
         PARTS("'ab', {'type': 'image', 'image': 'a'}"), false},
        {"messages", PARTS("{'type': 'image'}"), PARTS("{'type': 'video'}"), false},
        {"messages", PARTS("{'type': 'image', 'image': 'a'}, 'Q'"),
         PARTS("{'type': 'image_url', 'image_url': {'url': 'a'}}, 'Q'"), true},
        {"messages", PARTS("{'type': 'image', 'image': 'a'}, 'Q'"),
         PARTS("'Q', {'type': 'image', 'image': 'a'}"), false},
        {"messages", PARTS("{'type': 'image', 'image': 'a'}, 'Q'"),
         PARTS("{'type': 'image', 'image': 'b'}, 'Q'"), false},
        {"messages", "{'messages': [{'role': 'assistant', 'tool_calls': [1]}]}",
         "{'messages': [{'role': 'assistant', 'tool_calls': [2]}]}", false},
        {"messages", PARTS("{'type': 'tool_use', 'name': 'f'}"),
         PARTS("{'type': 'tool_use', 'name': 'g'}"), false},
        /* columns instead of turns */
        {"query", "{'query': 'Q', 'response': 'A'}", "{'question': 'Q', 'answer': 'A'}",
         true},
        {"query", "{'query': 'Q', 'response': 'A'}",
         "{'query': 'Q', 'response': ['A', "
         "'B']}",
         true},
        {"alpaca", "{'instruction': 'Q', 'input': 'R', 'output': 'A'}",
         "{'instruction': 'Q\\nR', 'output': 'A'}", true},
        {"alpaca", "{'instruction': 'Q', 'output': 'A', 'history': [['P', 'B']]}",
         "{'instruction': 'Q', 'output': 'A'}", false},
        {"sharegpt", "{'conversations': [{'human': 'Q', 'gpt': 'A'}]}",
         "{'conversations': [" V("human", "Q") ", " V("gpt", "A") "]}", true},
        {"sharegpt", "{'conversations': [" V("human", "Q") ", " V("gpt", "A") "]}",
         "{'conversations': [" V("user", "Q") ", " V("assistant", "A") "]}", true},
    };
#undef TALK
#undef IMAGES
#undef PARTS
    static char text[ROOM];
    EXPECT_CASES(cases, 43);

    (void)state;
    for (size_t i = 0; i < WAYS * WAYS * COUNT(cases); i++) {
        size_t at = i / (WAYS * WAYS);
        struct lc_hash a, b;

        dialect = lc_dialect_by_name(cases[at].dialect);
        a = read_row(quoted(cases[at].a, text), i % WAYS)->content;
        b = read_row(quoted(cases[at].b, text), i / WAYS % WAYS)->content;
        if ((memcmp(&a, &b, sizeof(a)) == 0) != cases[at].same)
            fail_msg("%s and %s", cases[at].a, cases[at].b);
    }
    dialect = lc_dialects;
}

/* ---- at random ---- */

/* Change a text: remove a byte, or insert something significant in rows. */
static size_t change(char *text, size_t size, uint64_t *seed)
{
    static const char *const parts[] = {
        "<img>",
        "</img>",
        "<image>",
        "<audio>",
        "\\u003cimg>",
        "http://",
        "data:,",
        "file://",
        "null",
        "[]",
        ",",
        "\"",
        "\"id\": 1, ",
        "\"images\": \"b\", ",
        "\"image\": \"c\", ",
        "\"video\": \"v\", ",
        "\"system\": \"s\", ",
        "\\n",
        " ",
        "\\u00e9",
        "\xC3\xA9",
        "user",
        "assistant",
        "system",
        "{",
        "}",
        "7",
    };
    uint64_t pick = next_random(seed) >> 8;
    const char *part = parts[pick % COUNT(parts)];
    size_t at = (pick >> 16) % size, length = strlen(part);

    EXPECT_CASES(parts, 27);
    if (pick >> 50 & 1) {
        memmove(text + at, text + at + 1, size - at);
        return size - 1;
    }
    memmove(text + at + length, text + at, size - at + 1);
    memcpy(text + at, part, length);
    return size + length;
}

/* Describe a row, with the hashes of its content. */
static void describe_all(struct lc_buffer *out)
{
    (void)describe(out);
    out->size--;
    assert_int_equal(
        lc_buffer_printf(out, NULL, "; %016llx %016llx %016llx marks %x answers %zu",
                         (unsigned long long)lc_hash_short(&row.content),
                         (unsigned long long)row.rest, (unsigned long long)row.identity,
                         row.marks, row.answer_placeholders),
        LC_OK);
    for (size_t i = 0; i < row.turn_count; i++)
        assert_int_equal(
            lc_buffer_printf(out, NULL, " @%u %x", row.turns[i].at, row.turns[i].marks),
            LC_OK);
}

/* Changed rows: what the quick reader accepts is JSON, and gives the parsers' facts. */
static void ways_agree(void **state)
{
    static const struct {
        const char *dialect, *text;
    } seeds[] = {
        {"sharegpt", "{'id': 'a', 'conversations': [" V("human", "<image>Q") ", " V(
                         "gpt", "A") "], 'images': ['a.jpg', 'http://x/b.jpg']}"},
        {"messages",
         "{'messages': [" M("system", "S") ", " M("user", "<img>a</img>Q") ", " M(
             "assistant", "A") "], 'data_source': 'x'}"},
        {"messages", "{'images': ['a.jpg'], 'prompt': [" M("user", "<image>Q") "]}"},
        {"inline",
         "{'id': 7, 'conversations': [" V("user", "<img>a</img>Q<audio>b</audio>") ", " V(
             "assistant", "<img>c</img>") "]}"},
        {"role-value", "{'image': 'a.jpg', 'conversations': [{'role': 'user', 'value': "
                       "'<image>Q'}, {'role': 'assistant', 'value': 'A'}]}"},
        {"xcomposer", "{'image': ['a.jpg'], 'conversations': [" V(
                          "user", "<ImageHere>Q") ", " V("bot", "A") "]}"},
        {"nextgpt", "{'input_image': 'a.jpg', 'conversations': [" V(
                        "human", "<image>Q") ", " V("gpt", "<image>") "]}"},
        {"internvl", "{'image': 'a.jpg', 'width': 7, 'conversations': [" V(
                         "system", "S") ", " V("human", "<image>Q") "]}"},
    };
    struct lc_buffer facts[WAYS] = {{0}};
    uint64_t seed = 5;
    size_t quick = 0, sound = 0;
    EXPECT_CASES(seeds, 8);

    (void)state;
    for (int round = 0; round < rounds(40000); round++) {
        size_t pick = next_random(&seed) % COUNT(seeds), used, size;
        size_t changes = next_random(&seed) % 4;
        struct lc_json_problem problem;
        static char text[ROOM];

        dialect = lc_dialect_by_name(seeds[pick].dialect);
        size = strlen(quoted(seeds[pick].text, text));
        while (changes--)
            size = change(text, size, &seed);
        memcpy(padded, text, size);
        memset(padded + size, '"', LC_JSON_PADDING);
        lc_json_skip_exact(parser, padded, size, true, &used, &problem);
        assert_int_equal(lc_row_read_quick(&row, dialect, padded, size, &was_quick, NULL),
                         LC_OK);
        if (was_quick)
            describe_all(&facts[QUICK]);
        if (was_quick && problem.fault != LC_JSON_FINE)
            fail_msg("%s: read, but %s", text, problem.message);
        quick += was_quick;
        sound += problem.fault == LC_JSON_FINE;
        for (size_t way = FAST; way <= EXACT && problem.fault == LC_JSON_FINE; way++) {
            const struct lc_buffer *other = &facts[was_quick ? QUICK : FAST];

            parse_and_read(size, way);
            describe_all(&facts[way]);
            if ((was_quick || way == EXACT) && strcmp(facts[way].data, other->data) != 0)
                fail_msg("%s: %s:\n%s\n%s", seeds[pick].dialect, text, facts[way].data,
                         other->data);
        }
    }
    assert_true(quick > (size_t)rounds(10000) && sound > quick + (size_t)rounds(500));
    for (size_t way = 0; way < WAYS; way++)
        lc_buffer_clear(&facts[way]);
    dialect = lc_dialects;
}

/* ---- the table, and copies ---- */

static void table(void **state)
{
    (void)state;
    assert_string_equal(lc_dialects[0].name, "llava");
    assert_null(lc_dialect_by_name("Llava"));
    assert_null(lc_dialect_by_name(""));
    for (size_t i = 0; i < lc_dialect_count; i++) {
        const struct lc_dialect *one = &lc_dialects[i];
        bool turns = one->layout == LC_LAYOUT_TURNS;

        assert_ptr_equal(lc_dialect_by_name(one->name), one);
        assert_int_equal(one->roles[0].role, LC_ROLE_HUMAN);
        assert_int_equal(one->roles[1].role, LC_ROLE_GPT);
        assert_true(one->columns[turns ? LC_COLUMN_TURNS : LC_COLUMN_PROMPT][0].size);
        assert_true(!turns || (one->role_key.size && one->text_key.size));
        for (size_t k = 0; k < i; k++)
            assert_true(lc_dialect_hash(one) != lc_dialect_hash(&lc_dialects[k]));
    }
}

static struct lc_dialect *copy_of(const char *name)
{
    struct lc_dialect *copy = NULL;

    assert_int_equal(lc_dialect_copy(lc_dialect_by_name(name), &copy, NULL), LC_OK);
    assert_true(lc_dialect_hash(copy) == lc_dialect_hash(lc_dialect_by_name(name)));
    return copy;
}

/* Check one row read by a copy. */
static void check_copy(const struct lc_dialect *copy, const char *text,
                       const char *wanted, bool quick)
{
    static char out[ROOM];
    struct lc_buffer facts = {0};

    dialect = copy;
    for (size_t way = 0; way < WAYS; way++) {
        (void)read_row(quoted(text, out), way);
        assert_string_equal(describe(&facts), wanted);
        assert_int_equal(was_quick, way == QUICK && quick);
    }
    dialect = lc_dialects;
    lc_buffer_clear(&facts);
}

static void copies(void **state)
{
    struct lc_dialect *copy = copy_of("sharegpt");
    uint64_t hash = lc_dialect_hash(copy);

    (void)state;
    lc_dialect_free(NULL);
    assert_int_equal(lc_dialect_set_column(copy, LC_COLUMN_TURNS, "chat", NULL), LC_OK);
    assert_true(lc_dialect_hash(copy) != hash);
    assert_int_equal(lc_dialect_set_column(copy, LC_COLUMN_IMAGES, "pics", NULL), LC_OK);
    assert_int_equal(lc_dialect_set_column(copy, LC_COLUMN_VIDEOS, NULL, NULL), LC_OK);
    check_copy(copy,
               "{'chat': [" V("human", "Q") ", " V("gpt", "A") "], 'pics': ['1.jpg']}",
               "H Q | G A; image 1.jpg", true);
    check_copy(copy,
               "{'conversations': [], 'chat': [" V(
                   "human", "Q") "], 'videos': ['v.mp4'], 'images': ['1.jpg']}",
               "H Q; ignored images", false);

    hash = lc_dialect_hash(copy);
    assert_int_equal(lc_dialect_set_turn_keys(copy, "who", NULL, NULL), LC_OK);
    assert_true(lc_dialect_hash(copy) != hash);
    check_copy(copy, "{'chat': [{'who': 'human', 'value': 'Q'}]}", "H Q", true);
    assert_int_equal(lc_dialect_set_turn_keys(copy, NULL, "says", NULL), LC_OK);
    check_copy(copy, "{'chat': [{'who': 'human', 'says': 'Q'}]}", "H Q", true);
    check_copy(copy, "{'chat': [{'who': 'human', 'value': 'Q'}]}",
               "H has no string for its role, or for its text", false);
    lc_dialect_free(copy);
}

/* A role that was set has only that name; questions and answers come first. */
static void copied_roles(void **state)
{
    struct lc_dialect *copy = copy_of("sharegpt");
    uint64_t hash = lc_dialect_hash(copy);

    (void)state;
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_GPT, "bot", NULL), LC_OK);
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_HUMAN, "person", NULL), LC_OK);
    assert_true(lc_dialect_hash(copy) != hash);
    assert_true(spells(copy->roles[0].name, "\"person\""));
    assert_int_equal(copy->roles[0].role, LC_ROLE_HUMAN);
    assert_true(spells(copy->roles[1].name, "\"bot\""));
    assert_int_equal(copy->roles[1].role, LC_ROLE_GPT);
    assert_int_equal(copy->roles[2].role, LC_ROLE_SYSTEM);
    check_copy(copy,
               "{'conversations': [" V("person", "Q") ", " V("bot", "A") ", " V(
                   "human", "P") ", " V("gpt", "B") ", " V("system", "S") "]}",
               "H Q | G A | O P | O B | S S", true);

    /* names that belonged to other roles */
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_SYSTEM, "tool", NULL), LC_OK);
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_RESULT, "system", NULL), LC_OK);
    check_copy(copy, "{'conversations': [" V("tool", "S") ", " V("system", "R") "]}",
               "S S | R R", true);
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_HUMAN, "bot", NULL), LC_OK);
    assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_GPT, "person", NULL), LC_OK);
    assert_int_equal(copy->roles[0].role, LC_ROLE_HUMAN);
    assert_int_equal(copy->roles[1].role, LC_ROLE_GPT);
    check_copy(copy, "{'conversations': [" V("bot", "Q") ", " V("person", "A") "]}",
               "H Q | G A", true);
    lc_dialect_free(copy);
}

/* Names that need escapes, are too long, or are too many. */
static void refused_names(void **state)
{
    static const char *const names[] = {
        "a\"b", "a\\b", "a\nb",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    struct lc_dialect *copy = copy_of("messages");
    struct lc_error err = {0};
    int count = 0;
    EXPECT_CASES(names, 4);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(lc_dialect_set_column(copy, LC_COLUMN_ID, names[i], &err),
                         LC_ERR_USAGE);
        assert_int_equal(lc_dialect_set_role(copy, LC_ROLE_GPT, names[i], &err),
                         LC_ERR_USAGE);
        assert_int_equal(lc_dialect_set_turn_keys(copy, names[i], NULL, &err),
                         LC_ERR_USAGE);
    }
    err = (struct lc_error){0};
    while (lc_dialect_set_turn_keys(copy, "a", NULL, &err) == LC_OK)
        assert_true(++count < 1000);
    assert_non_null(strstr(err.message, "too many"));
    lc_dialect_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(llava),          cmocka_unit_test(sharegpt),
        cmocka_unit_test(messages),       cmocka_unit_test(rejected_answers),
        cmocka_unit_test(parts),          cmocka_unit_test(many_parts),
        cmocka_unit_test(inline_paths),   cmocka_unit_test(tags_and_columns),
        cmocka_unit_test(role_value),     cmocka_unit_test(alpaca),
        cmocka_unit_test(query),          cmocka_unit_test(xcomposer),
        cmocka_unit_test(xtuner),         cmocka_unit_test(nextgpt),
        cmocka_unit_test(internvl),       cmocka_unit_test(column_names),
        cmocka_unit_test(bare_questions), cmocka_unit_test(base64),
        cmocka_unit_test(contents),       cmocka_unit_test(ways_agree),
        cmocka_unit_test(table),          cmocka_unit_test(copies),
        cmocka_unit_test(copied_roles),   cmocka_unit_test(refused_names),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}
