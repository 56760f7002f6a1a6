/* The table of dialects, and copies of its rows with other names */
#include "dataset/dialect.h"

#include "dataset/internal.h"
#include "dataset/rest.h"
#include "json/json.h"
#include "llava_check/dialects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define N(name)                                                                          \
    {                                                                                    \
        "\"" name "\"", sizeof(name) + 1                                                 \
    }

#define TEXT(text)                                                                       \
    {                                                                                    \
        text, sizeof(text) - 1                                                           \
    }

/* Names that mean the same in several dialects. */
#define ID [LC_COLUMN_ID] = {N("id")}
#define SOURCE [LC_COLUMN_SOURCE] = {N("data_source")}
#define MEDIA                                                                            \
    [LC_COLUMN_IMAGES] = {N("images"), N("image")},                                      \
    [LC_COLUMN_VIDEOS] = {N("videos"), N("video")},                                      \
    [LC_COLUMN_AUDIOS] = {N("audios"), N("audio")}
#define PREFERENCES                                                                      \
    [LC_COLUMN_CHOSEN] = {N("chosen"), N("completion")},                                 \
    [LC_COLUMN_REJECTED] = {N("rejected"), N("rejected_response"),                       \
                            N("rejected_messages")},                                     \
    [LC_COLUMN_LABEL] = {N("label"), N("kto_tag")}
#define REJECTED_MEDIA                                                                   \
    [LC_COLUMN_REJECTED_IMAGES] = {N("rejected_images")},                                \
    [LC_COLUMN_REJECTED_VIDEOS] = {N("rejected_videos")},                                \
    [LC_COLUMN_REJECTED_AUDIOS] = {N("rejected_audios")}
#define PLACEHOLDERS                                                                     \
    {                                                                                    \
        TEXT("<image>"), TEXT("<video>"), TEXT("<audio>")                                \
    }

const struct lc_dialect lc_dialects[] = {
#include "dataset/dialects.def"
};

const size_t lc_dialect_count = sizeof(lc_dialects) / sizeof(lc_dialects[0]);

const char *lc_medium_name(enum lc_medium medium)
{
    static const char *const names[] = {
        [LC_MEDIUM_IMAGE] = "image",
        [LC_MEDIUM_VIDEO] = "video",
        [LC_MEDIUM_AUDIO] = "audio",
    };

    return names[medium];
}

const struct lc_dialect *lc_dialect_by_name(const char *name)
{
    for (size_t i = 0; i < lc_dialect_count; i++)
        if (strcmp(lc_dialects[i].name, name) == 0)
            return &lc_dialects[i];
    return NULL;
}

uint8_t lc_dialect_number(const struct lc_dialect *dialect)
{
    assert(dialect >= lc_dialects && dialect < lc_dialects + lc_dialect_count);
    return (uint8_t)(dialect - lc_dialects + 1);
}

const struct lc_dialect_info *lc_dialect_at(size_t index, struct lc_dialect_info *out)
{
    if (index >= lc_dialect_count)
        return NULL;
    *out = (struct lc_dialect_info){lc_dialects[index].name, lc_dialects[index].title,
                                    lc_dialects[index].programs};
    return out;
}

/* Add a text to a hash. */
static uint64_t mix_text(uint64_t hash, struct lc_span text)
{
    return lc_rest_mix(hash, text.size ? lc_hash_quick(text.text, text.size) : 0);
}

uint64_t lc_dialect_hash(const struct lc_dialect *dialect)
{
    struct lc_span name = {dialect->name, strlen(dialect->name)};
    uint64_t hash = mix_text(0, name);

    for (int column = 0; column < LC_COLUMN_COUNT; column++)
        for (int i = 0; i < LC_COLUMN_NAMES; i++)
            hash = mix_text(hash, dialect->columns[column][i]);
    hash = mix_text(mix_text(hash, dialect->role_key), dialect->text_key);
    for (int i = 0; i < LC_ROLE_NAMES; i++)
        hash =
            lc_rest_mix(mix_text(hash, dialect->roles[i].name), dialect->roles[i].role);
    hash = lc_rest_mix(hash, dialect->is_ranking);
    return hash; /* within one version of the program, the name determines the rest */
}

enum lc_column lc_dialect_column(const struct lc_dialect *dialect, struct lc_span key,
                                 unsigned *rank)
{
    for (int column = 0; column < LC_COLUMN_COUNT; column++) {
        const struct lc_span *names = dialect->columns[column];

        for (unsigned i = 0; i < LC_COLUMN_NAMES && names[i].size; i++) {
            if (names[i].size != key.size + 2 ||
                memcmp(names[i].text + 1, key.text, key.size) != 0)
                continue;
            *rank = i;
            return (enum lc_column)column;
        }
    }
    return LC_COLUMN_COUNT;
}

enum lc_role lc_dialect_role(const struct lc_dialect *dialect, struct lc_span name)
{
    for (int i = 0; i < LC_ROLE_NAMES && dialect->roles[i].name.size; i++)
        if (lc_span_equal(lc_unquoted(dialect->roles[i].name), name))
            return dialect->roles[i].role;
    return LC_ROLE_OTHER;
}

/* ---- copies ---- */

#define MAX_OWN_NAMES (LC_COLUMN_COUNT + LC_ROLE_NAMES + 2)

/* A copy, with the names that were set. */
struct own {
    struct lc_dialect dialect; /* first: a pointer to it is one to its copy */
    char *names[MAX_OWN_NAMES];
    size_t count;
};

/* Give a copy a new revision: it was changed, or may have the address of a copy that was
 * freed. */
static void revise(struct lc_dialect *copy)
{
    static unsigned last;

    copy->revision = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

enum lc_status lc_dialect_copy(const struct lc_dialect *from, struct lc_dialect **out,
                               struct lc_error *err)
{
    struct own *own = calloc(1, sizeof(*own));

    if (!own)
        return lc_fail_memory(err);
    own->dialect = *from;
    revise(&own->dialect);
    *out = &own->dialect;
    return LC_OK;
}

void lc_dialect_free(struct lc_dialect *copy)
{
    struct own *own = (struct own *)copy;

    if (!own)
        return;
    for (size_t i = 0; i < own->count; i++)
        free(own->names[i]);
    free(own);
}

/* Whether a name in JSON needs no escapes. */
static bool is_plain(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == '"' || *name == '\\')
            return false;
    return true;
}

static enum lc_status quote_name(struct lc_dialect *copy, const char *name,
                                 struct lc_span *out, struct lc_error *err)
{
    struct own *own = (struct own *)copy;
    size_t size = strlen(name) + 2;
    char *quoted;

    if (size >= LC_JSON_PADDING || !is_plain(name))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "the name of a column or role is too long or needs escapes");
    if (own->count == MAX_OWN_NAMES)
        return lc_fail(err, LC_ERR_USAGE, 0, "a registry entry names too many columns");
    quoted = malloc(size);
    if (!quoted)
        return lc_fail_memory(err);
    quoted[0] = quoted[size - 1] = '"';
    memcpy(quoted + 1, name, size - 2);
    revise(copy);
    own->names[own->count++] = quoted;
    *out = (struct lc_span){quoted, size};
    return LC_OK;
}

enum lc_status lc_dialect_set_column(struct lc_dialect *copy, enum lc_column column,
                                     const char *name, struct lc_error *err)
{
    struct lc_span *names = copy->columns[column];

    memset(names, 0, sizeof(copy->columns[column]));
    return name ? quote_name(copy, name, &names[0], err) : LC_OK;
}

enum lc_status lc_dialect_set_role(struct lc_dialect *copy, enum lc_role role,
                                   const char *name, struct lc_error *err)
{
    size_t kept = 0;
    struct lc_role_name *roles = copy->roles, first = {{0}, role};
    enum lc_status status = quote_name(copy, name, &first.name, err);

    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < LC_ROLE_NAMES && roles[i].name.size; i++)
        if (roles[i].role != role && !lc_span_equal(roles[i].name, first.name))
            roles[kept++] = roles[i];
    /* questions first, then answers: the quick reader expects them there */
    for (size_t at = role == LC_ROLE_HUMAN ? 0
                     : role == LC_ROLE_GPT ? 1
                                           : kept,
                i = kept;
         ; i--) {
        if (i == at || i == 0) {
            roles[i] = first;
            break;
        }
        roles[i] = roles[i - 1];
    }
    memset(roles + kept + 1, 0, (LC_ROLE_NAMES - kept - 1) * sizeof(*roles));
    return LC_OK;
}

enum lc_status lc_dialect_set_turn_keys(struct lc_dialect *copy, const char *role_key,
                                        const char *text_key, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (role_key)
        status = quote_name(copy, role_key, &copy->role_key, err);
    if (status == LC_OK && text_key)
        status = quote_name(copy, text_key, &copy->text_key, err);
    return status;
}
