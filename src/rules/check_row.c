/* ROW: the shape of a row */
#include "rules/rules.h"

#include <string.h>

#define QUOTE_SIZE 80

void lc_check_ROW201(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    struct lc_finding *finding;

    if (facts->row->is_turns) {
        finding = lc_finding_case(lc_emit(out, rule, "the element is a list of turns"),
                                  LC_CASE_ROW201_TURNS);
        if (finding)
            finding->severity = LC_SEVERITY_WARNING;
    }
    if (!facts->row->object)
        lc_finding_case(lc_emit(out, rule, "the element is not an object"),
                        facts->row->element == LC_JSON_NULL    ? LC_CASE_ROW201_NULL
                        : facts->row->element == LC_JSON_ARRAY ? LC_CASE_ROW201_LIST
                                                               : LC_CASE_ROW201_ANY);
}

/* The column of a row's turns, or of its question. */
static enum lc_column column_of_turns(const struct lc_dialect *dialect)
{
    return dialect->layout == LC_LAYOUT_TURNS ? LC_COLUMN_TURNS : LC_COLUMN_PROMPT;
}

/* The usual name of a column. */
static struct lc_span name_of(const struct lc_dialect *dialect, enum lc_column column)
{
    return lc_unquoted(dialect->columns[column][0]);
}

/* Report a row that has the turns of another dialect only. */
static void report_stray(const struct lc_rule *rule, const struct lc_row *row,
                         struct lc_findings *out)
{
    const struct lc_dialect *of_file = row->stray.of_file;
    struct lc_span name = name_of(of_file, column_of_turns(of_file));
    struct lc_finding *finding = lc_emit(
        out, rule, "no '%.*s' key: it is a row of the %s dialect, among rows of %s",
        (int)name.size, name.text, row->dialect->name, of_file->name);

    if (row->stray.is_llava)
        lc_finding_case(finding, LC_CASE_ROW202_LLAVA);
    else if (row->noted_traits & LC_ROW_IN_MESSAGES)
        lc_finding_case(finding, LC_CASE_ROW202_MESSAGES);
}

void lc_check_ROW202(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct lc_span name;

    if (!row->object)
        return;
    if (row->stray.kind == LC_STRAY_COLUMN) {
        report_stray(rule, row, out);
        return;
    }
    name = name_of(row->dialect, column_of_turns(row->dialect));
    if (row->turns_kind == LC_TURNS_MISSING)
        lc_emit(out, rule, "no '%.*s' key", (int)name.size, name.text);
    else if (row->turns_kind == LC_TURNS_NOT_LIST)
        lc_finding_at(
            lc_finding_case(
                lc_emit(out, rule, "%.*s is not a %s", (int)name.size, name.text,
                        row->dialect->layout == LC_LAYOUT_TURNS ? "list" : "string"),
                row->turns_type == LC_JSON_NULL ? LC_CASE_ROW202_NULL
                                                : LC_CASE_ROW202_NOT_LIST),
            row->turns_at);
}

void lc_check_ROW203(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct lc_span name;

    if (!row->object || row->turns_kind != LC_TURNS_LIST || row->turn_count)
        return;
    name = name_of(row->dialect, column_of_turns(row->dialect));
    lc_finding_at(lc_emit(out, rule, "%.*s is empty", (int)name.size, name.text),
                  row->turns_at);
}

void lc_check_ROW204(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->row->object && facts->row->id_kind == LC_ID_MISSING)
        lc_emit(out, rule, "no 'id' key");
}

void lc_check_ROW205(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->id_kind == LC_ID_BAD)
        lc_finding_at(
            lc_finding_case(
                lc_emit(out, rule, "id is %s",
                        row->id.text ? "blank" : "neither a string nor an integer"),
                row->id.text      ? LC_CASE_ROW205_BLANK
                : row->id_is_null ? LC_CASE_ROW205_NULL
                                  : LC_CASE_ROW205_ANY),
            row->id_at);
}

static enum lc_case_index case_of_value(const struct lc_row *row)
{
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];
    /* a turn with an unknown role may be a question in another program */
    bool tagged = row->placeholders[LC_MEDIUM_IMAGE] > row->answer_placeholders;

    if (images->in_list && images->type == LC_JSON_OBJECT)
        return images->is_empty    ? LC_CASE_ROW208_BARE_IN_LIST
               : !images->is_blank ? LC_CASE_ROW208_OBJECT_IN_LIST
               : tagged            ? LC_CASE_ROW208_BLANK_URL
                                   : LC_CASE_ROW208_BLANK_URL_TEXT;
    if (images->in_list)
        return images->type == LC_JSON_STRING ? LC_CASE_ROW208_BLANK_IN_LIST
               : images->type == LC_JSON_NULL ? LC_CASE_ROW208_NULL_IN_LIST
                                              : LC_CASE_ROW208_IN_LIST;
    switch (images->type) {
    case LC_JSON_NULL:
        return tagged ? LC_CASE_ROW208_NULL : LC_CASE_ROW208_NULL_TEXT;
    case LC_JSON_ARRAY:
        return tagged ? LC_CASE_ROW208_EMPTY : LC_CASE_ROW208_EMPTY_TEXT;
    case LC_JSON_STRING:
        if (images->is_empty)
            return tagged ? LC_CASE_ROW208_NO_CHARACTER
                          : LC_CASE_ROW208_NO_CHARACTER_TEXT;
        return tagged ? LC_CASE_ROW208_BLANK : LC_CASE_ROW208_BLANK_TEXT;
    case LC_JSON_FALSE:
        return tagged ? LC_CASE_ROW208_FALSE : LC_CASE_ROW208_FALSE_TEXT;
    case LC_JSON_OBJECT:
        return images->is_empty ? LC_CASE_ROW208_OBJECT_BARE : LC_CASE_ROW208_OBJECT;
    default:
        if (images->is_empty)
            return tagged ? LC_CASE_ROW208_NAN : LC_CASE_ROW208_NAN_TEXT;
        return LC_CASE_ROW208_NUMBER;
    }
}

void lc_check_ROW208(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];

    if (row->object && images->kind == LC_PATHS_BAD)
        lc_finding_at(lc_finding_case(lc_emit(out, rule, "image is %s", images->fault),
                                      case_of_value(row)),
                      images->at);
}

/* ROW217 is only about LLaVA's dialect: the programs of all others read lists. A list
 * with a wrong element is reported by ROW208. */
void lc_check_ROW217(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];

    if (row->object && images->is_list && images->kind == LC_PATHS_GOOD &&
        strcmp(row->dialect->name, "llava") == 0)
        lc_finding_at(lc_emit(out, rule, "image is a list of %zu", images->count),
                      images->at);
}

/* A key beside parts: the dialect has no column of images. */
static void report_rival(const struct lc_rule *rule, const struct lc_row *row,
                         struct lc_findings *out)
{
    char quote[QUOTE_SIZE];
    struct lc_finding *finding =
        lc_emit(out, rule, "%s names other images than the parts",
                lc_text_quote(row->rival_key, quote, sizeof(quote)));

    lc_finding_at(lc_finding_case(finding, LC_CASE_ROW209_BESIDE_PARTS),
                  row->rival_key_at);
    if (finding)
        finding->severity = LC_SEVERITY_WARNING;
}

void lc_check_ROW209(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    bool is_stray = row->stray.kind == LC_STRAY_IMAGES;
    const struct lc_dialect *dialect = is_stray ? row->stray.of_file : row->dialect;
    struct lc_span key = is_stray ? row->stray.unread_key : row->ignored_key;
    bool in_parts = dialect->marks_places;
    struct lc_finding *finding;
    char quote[QUOTE_SIZE];
    struct lc_span name;

    if (row->rival_key.text)
        report_rival(rule, row, out);
    if (!key.text || (!dialect->columns[LC_COLUMN_IMAGES][0].size && !in_parts))
        return;
    name = name_of(dialect, LC_COLUMN_IMAGES);
    lc_text_quote(key, quote, sizeof(quote));
    if (in_parts)
        finding = lc_emit(out, rule,
                          "%s, which is not a column of the %s dialect: images are parts",
                          quote, dialect->name);
    else if (dialect->is_modern)
        finding = lc_emit(out, rule,
                          "no '%.*s' key, but %s, which is not a column of the %s "
                          "dialect",
                          (int)name.size, name.text, quote, dialect->name);
    else
        finding = lc_emit(out, rule, "no '%.*s' key, but %s, which LLaVA does not read",
                          (int)name.size, name.text, quote);
    lc_finding_at(finding, is_stray ? row->stray.unread_at : row->ignored_key_at);
    if (lc_span_is(key, "images"))
        lc_finding_case(finding, is_stray ? LC_CASE_ROW209_IMAGES_OF_MESSAGES
                                          : LC_CASE_ROW209_IMAGES);
    /* in these dialects the key may be metadata: registries define the columns */
    if (finding && dialect->is_modern)
        finding->severity = LC_SEVERITY_WARNING;
}

/* Whether the row names at least one image. */
static bool has_image(const struct lc_row *row)
{
    return row->media[LC_MEDIUM_IMAGE].count > 0;
}

/* The case of a key for media. LLaMA-Factory's rows have videos and audios only. */
static enum lc_case_index case_of_media(const struct lc_row *row, struct lc_span key)
{
    if (lc_span_is(key, "videos") || lc_span_is(key, "audios"))
        return has_image(row) ? LC_CASE_ROW218_MEDIA_BESIDE : LC_CASE_ROW218_MEDIA;
    return has_image(row) ? LC_CASE_ROW218_MEDIA_OTHER_BESIDE
                          : LC_CASE_ROW218_MEDIA_OTHER;
}

/* Whether `images` is a path itself, and not a list of paths. */
static bool is_images_text(const struct lc_row *row)
{
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];

    return strcmp(row->dialect->name, "messages") == 0 &&
           row->noted_traits & LC_ROW_IN_IMAGES && images->kind == LC_PATHS_GOOD &&
           !images->is_list && !images->is_object;
}

void lc_check_ROW218(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_case_index cases[] = {
        [LC_KEY_SYSTEM] = LC_CASE_ROW218_SYSTEM,
        [LC_KEY_TOOLS] = LC_CASE_ROW218_TOOLS,
        [LC_KEY_PROMPT] = LC_CASE_ROW218_PROMPT,
        [LC_KEY_OBJECTS] = LC_CASE_ROW218_OBJECTS,
        [LC_KEY_PREFERENCE] = LC_CASE_ROW218_PREFERENCE,
        [LC_KEY_LOSS] = LC_CASE_ROW218_LOSS,
        [LC_KEY_ASKED_LOSS] = LC_CASE_ROW218_ASKED_LOSS,
    };
    const struct lc_row *row = facts->row;
    char quote[QUOTE_SIZE];

    if (row->object && is_images_text(row))
        lc_finding_at(lc_finding_case(lc_emit(out, rule, "images is a string"),
                                      LC_CASE_ROW218_IMAGES_TEXT),
                      row->media[LC_MEDIUM_IMAGE].at);
    for (int key = 0; row->program_key_set >> key; key++) {
        struct lc_finding *finding;

        if (!(row->program_key_set >> key & 1))
            continue;
        finding = lc_emit(out, rule, "the key %s",
                          lc_text_quote(row->program_keys[key], quote, sizeof(quote)));
        lc_finding_at(finding, row->program_key_ats[key]);
        lc_finding_case(finding, key == LC_KEY_MEDIA
                                     ? case_of_media(row, row->program_keys[key])
                                     : cases[key]);
    }
}

/* How a row names a video or a sound, as far as it matters. */
enum naming {
    NAMING_FILE,
    NAMING_NULL,
    NAMING_EMPTY,
    NAMING_LIST,
    NAMING_UNTAGGED,
    NAMING_UNTAGGED_LIST,
    NAMING_UNTAGGED_EMPTY
};

/* Whether all turns are well-formed, and none has a placeholder of any medium. */
static bool is_untagged(const struct lc_row *row)
{
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (row->placeholders[medium])
            return false;
    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].marks & LC_TURN_VIDEO_TAG)
            return false;
    return lc_row_is_whole(row);
}

/* Whether a turn has a placeholder of a video or a sound. */
static bool has_tag(const struct lc_row *row, enum lc_medium medium)
{
    const char *tag = medium == LC_MEDIUM_VIDEO ? "<video>" : "<audio>";

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_span *value = &row->turns[i].value;

        if (row->turns[i].placeholders[medium] ||
            (row->turns[i].marks & LC_TURN_VIDEO_TAG &&
             memmem(value->text, value->size, tag, strlen(tag))))
            return true;
    }
    return false;
}

static enum naming naming_of(const struct lc_row *row, const struct lc_row_media *media)
{
    bool is_bad = media->kind == LC_PATHS_BAD && !media->in_list;
    bool alone = has_image(row) || !row->human_placeholders[LC_MEDIUM_IMAGE];

    if (is_bad && media->type == LC_JSON_NULL)
        return alone ? NAMING_NULL : NAMING_FILE;
    if (is_bad && media->type == LC_JSON_STRING)
        return !alone || !media->is_empty ? NAMING_FILE
               : is_untagged(row)         ? NAMING_UNTAGGED_EMPTY
                                          : NAMING_EMPTY;
    if (media->kind == LC_PATHS_BAD || media->is_list)
        return is_untagged(row) ? NAMING_UNTAGGED_LIST : NAMING_LIST;
    return is_untagged(row) ? NAMING_UNTAGGED : NAMING_FILE;
}

void lc_check_ROW211(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    enum { ALONE, BESIDE_IMAGE, BESIDE_IMAGE_WITH_TAG, PLACES };
    static const enum lc_case_index cases[][PLACES] = {
        [NAMING_FILE] = {LC_CASE_ROW211_ANY, LC_CASE_ROW211_BESIDE,
                         LC_CASE_ROW211_TAGGED_BESIDE},
        [NAMING_NULL] = {LC_CASE_ROW211_NULL, LC_CASE_ROW211_NULL_BESIDE,
                         LC_CASE_ROW211_NULL_TAGGED_BESIDE},
        [NAMING_EMPTY] = {LC_CASE_ROW211_EMPTY, LC_CASE_ROW211_EMPTY_BESIDE,
                          LC_CASE_ROW211_TAGGED_BESIDE},
        [NAMING_LIST] = {LC_CASE_ROW211_LIST, LC_CASE_ROW211_BESIDE,
                         LC_CASE_ROW211_TAGGED_BESIDE},
        [NAMING_UNTAGGED] = {LC_CASE_ROW211_UNTAGGED, LC_CASE_ROW211_BESIDE,
                             LC_CASE_ROW211_BESIDE},
        [NAMING_UNTAGGED_LIST] = {LC_CASE_ROW211_UNTAGGED_LIST, LC_CASE_ROW211_BESIDE,
                                  LC_CASE_ROW211_BESIDE},
        [NAMING_UNTAGGED_EMPTY] = {LC_CASE_ROW211_UNTAGGED_EMPTY,
                                   LC_CASE_ROW211_EMPTY_BESIDE,
                                   LC_CASE_ROW211_EMPTY_BESIDE},
    };
    char quote[QUOTE_SIZE];
    struct lc_finding *finding;

    /* programs for modern dialects read videos */
    if (facts->row->dialect->is_modern || facts->row->only_files)
        return;
    for (int medium = LC_MEDIUM_VIDEO; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &facts->row->media[medium];
        const char *name = lc_medium_name((enum lc_medium)medium);
        size_t count = lc_row_media_count(facts->row, (enum lc_medium)medium);
        int place;

        if (media->kind == LC_PATHS_NONE)
            continue;
        place = !has_image(facts->row)                        ? ALONE
                : has_tag(facts->row, (enum lc_medium)medium) ? BESIDE_IMAGE_WITH_TAG
                                                              : BESIDE_IMAGE;
        if (media->kind == LC_PATHS_BAD)
            finding = lc_emit(out, rule, "%s is %s", name, media->fault);
        else if (count == 1 && media->count == 1)
            finding = lc_emit(out, rule, "%s %s", name,
                              lc_text_quote(media->items[0], quote, sizeof(quote)));
        else
            finding = lc_emit(out, rule, "%zu %s%s", count, name, count == 1 ? "" : "s");
        lc_finding_at(finding, media->at);
        lc_finding_case(finding, cases[naming_of(facts->row, media)][place]);
    }
}

/* The case of ROW212. Modern dialects have a column for each kind of media, and programs
 * read them side by side. */
static enum lc_case_index case_of_missing(const struct lc_row *row,
                                          const struct lc_row_media *media,
                                          bool is_elsewhere)
{
    static const enum lc_case_index cases[] = {
        [NAMING_FILE] = LC_CASE_ROW212_ANY,
        [NAMING_NULL] = LC_CASE_ROW212_NULL,
        [NAMING_EMPTY] = LC_CASE_ROW212_EMPTY,
        [NAMING_LIST] = LC_CASE_ROW212_LIST,
        [NAMING_UNTAGGED] = LC_CASE_ROW212_UNTAGGED,
        [NAMING_UNTAGGED_LIST] = LC_CASE_ROW212_UNTAGGED_LIST,
        [NAMING_UNTAGGED_EMPTY] = LC_CASE_ROW212_UNTAGGED_EMPTY,
    };
    static const enum lc_case_index beside[] = {
        [NAMING_FILE] = LC_CASE_ROW212_BESIDE,
        [NAMING_NULL] = LC_CASE_ROW212_NULL_BESIDE,
        [NAMING_EMPTY] = LC_CASE_ROW212_EMPTY_BESIDE,
        [NAMING_LIST] = LC_CASE_ROW212_BESIDE,
        [NAMING_UNTAGGED] = LC_CASE_ROW212_BESIDE,
        [NAMING_UNTAGGED_LIST] = LC_CASE_ROW212_BESIDE,
        [NAMING_UNTAGGED_EMPTY] = LC_CASE_ROW212_EMPTY_BESIDE,
    };
    enum naming naming = naming_of(row, media);
    bool is_modern = row->dialect->is_modern;

    if (is_elsewhere && (naming == NAMING_FILE || (naming == NAMING_LIST && is_modern)))
        return !has_image(row) ? LC_CASE_ROW212_OUTSIDE
               : is_modern     ? LC_CASE_ROW212_OUTSIDE_COLUMN
                               : LC_CASE_ROW212_OUTSIDE_BESIDE;
    if (!has_image(row))
        return cases[naming];
    return is_modern && beside[naming] == LC_CASE_ROW212_BESIDE ? LC_CASE_ROW212_COLUMN
                                                                : beside[naming];
}

void lc_check_ROW212(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_video_facts *video = facts->video;
    char quote[QUOTE_SIZE];
    struct lc_finding *finding;

    if (facts->row->only_files)
        return;
    for (int medium = LC_MEDIUM_VIDEO; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &facts->row->media[medium];
        bool is_elsewhere = false;

        if (media->kind == LC_PATHS_BAD) {
            finding = lc_emit(out, rule, "%s is %s",
                              lc_medium_name((enum lc_medium)medium), media->fault);
        } else if (media->count && video && video[medium].fault) {
            is_elsewhere = video[medium].is_elsewhere;
            finding =
                lc_emit(out, rule, "%s: %s%s",
                        lc_text_quote(video[medium].path, quote, sizeof(quote)),
                        video[medium].fault, is_elsewhere ? "; not looked for" : "");
        } else {
            continue;
        }
        lc_finding_at(finding, media->at);
        lc_finding_case(finding, case_of_missing(facts->row, media, is_elsewhere));
    }
}

void lc_check_ROW215(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    char quote[QUOTE_SIZE];

    if (facts->row->only_files)
        return;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &facts->row->media[medium];

        if (media->file_url.text)
            lc_finding_at(
                lc_finding_case(
                    lc_emit(out, rule, "%s %s", lc_medium_name(medium),
                            lc_text_quote(media->file_url, quote, sizeof(quote))),
                    LC_CASE_ROW215_FILE),
                media->at);
        if (!media->remote)
            continue;
        lc_text_quote(media->url, quote, sizeof(quote));
        lc_finding_at(media->remote == 1
                          ? lc_emit(out, rule, "%s %s", lc_medium_name(medium), quote)
                          : lc_emit(out, rule, "%zu %ss, the first is %s", media->remote,
                                    lc_medium_name(medium), quote),
                      media->at);
    }
}

void lc_check_ROW216(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->row->only_files)
        return;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &facts->row->media[medium];

        if (media->embedded)
            lc_finding_at(lc_emit(out, rule, "%zu %s%s in base64", media->embedded,
                                  lc_medium_name(medium),
                                  media->embedded == 1 ? "" : "s"),
                          media->at);
    }
}
