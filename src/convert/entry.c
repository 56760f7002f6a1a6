/* Writes an entry for the result in the registry format of the program that will train on
 * it
 *
 * Source: LLaMA-Factory data/README.md; ms-swift swift/dataset/register.py; LLaVA-NeXT
 * llava/train/train.py, LazySupervisedDataset; InternVL internvl_chat_finetune.py,
 * build_datasets. */
#include "convert/state.h"

#include "base/path.h"
#include "print/json_writer.h"

#include <errno.h>
#include <string.h>

enum entry_form {
    FORM_NONE,
    FORM_LLAMA_FACTORY,
    FORM_SWIFT,
    FORM_MIXTURE,
    FORM_INTERNVL
};

static enum entry_form form_of(const struct lc_convert *convert)
{
    static const struct {
        const char *trainer;
        enum entry_form form;
    } forms[] = {
        {"llama-factory", FORM_LLAMA_FACTORY}, {"ms-swift", FORM_SWIFT},
        {"llava-next", FORM_MIXTURE},          {"llava-next-qwen", FORM_MIXTURE},
        {"internvl", FORM_INTERNVL},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i].trainer, lc_convert_trainer(convert)) == 0)
            return forms[i].form;
    return FORM_NONE;
}

const char *lc_convert_entry_suffix(const struct lc_convert *convert)
{
    enum entry_form form = form_of(convert);

    /* an entry to be copied into dataset_info.json must not have the name of a rows
     * file */
    return form == FORM_NONE            ? NULL
           : form == FORM_LLAMA_FACTORY ? ".entry"
           : form == FORM_MIXTURE       ? ".entry.yaml"
                                        : ".entry.json";
}

static void key_bytes(struct lc_jw *json, const char *key, const char *value)
{
    lc_jw_key(json, key);
    lc_jw_bytes(json, (struct lc_span){value, strlen(value)});
}

static void key_name(struct lc_jw *json, const char *key, struct lc_span name)
{
    lc_jw_key_text(json, key, lc_unquoted(name));
}

/* Write the keys of dataset_info.json for the columns that the rows have. */
static void put_columns(const struct lc_convert *convert, struct lc_jw *json)
{
    static const struct {
        const char *key;
        enum lc_column column;
    } keys[] = {
        {"messages", LC_COLUMN_TURNS},  {"prompt", LC_COLUMN_PROMPT},
        {"query", LC_COLUMN_QUERY},     {"response", LC_COLUMN_RESPONSE},
        {"history", LC_COLUMN_HISTORY}, {"system", LC_COLUMN_SYSTEM},
        {"tools", LC_COLUMN_TOOLS},     {"images", LC_COLUMN_IMAGES},
        {"videos", LC_COLUMN_VIDEOS},   {"audios", LC_COLUMN_AUDIOS},
        {"chosen", LC_COLUMN_CHOSEN},   {"rejected", LC_COLUMN_REJECTED},
        {"kto_tag", LC_COLUMN_LABEL},
    };

    lc_jw_key_object(json, "columns", LC_JW_COMPACT);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (convert->columns >> keys[i].column & 1)
            key_name(json, keys[i].key, convert->to->columns[keys[i].column][0]);
    lc_jw_end(json);
}

static void put_tags(const struct lc_convert *convert, struct lc_jw *json)
{
    static const struct {
        const char *key;
        enum lc_role role;
    } keys[] = {
        {"user_tag", LC_ROLE_HUMAN},         {"assistant_tag", LC_ROLE_GPT},
        {"observation_tag", LC_ROLE_RESULT}, {"function_tag", LC_ROLE_CALL},
        {"system_tag", LC_ROLE_SYSTEM},
    };
    const struct lc_dialect *to = convert->to;

    lc_jw_key_object(json, "tags", LC_JW_COMPACT);
    key_name(json, "role_tag", to->role_key);
    key_name(json, "content_tag", to->text_key);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        for (size_t k = 0; k < LC_ROLE_NAMES && to->roles[k].name.size; k++) {
            if (to->roles[k].role != keys[i].role)
                continue;
            key_name(json, keys[i].key, to->roles[k].name);
            break;
        }
    lc_jw_end(json);
}

static void put_llama_factory(const struct lc_convert *convert, const char *name,
                              const char *path, struct lc_jw *json)
{
    bool turns = convert->to->layout == LC_LAYOUT_TURNS;

    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_object(json, name, LC_JW_COMPACT);
    key_bytes(json, "file_name", lc_path_name(path));
    lc_jw_key_name(json, "formatting", turns ? "sharegpt" : "alpaca");
    if (convert->columns >> LC_COLUMN_CHOSEN & convert->columns >> LC_COLUMN_REJECTED & 1)
        lc_jw_key_bool(json, "ranking", true);
    put_columns(convert, json);
    if (turns)
        put_tags(convert, json);
    lc_jw_end(json);
    lc_jw_end(json);
}

static void put_swift(const char *name, const char *path, struct lc_jw *json)
{
    lc_jw_array(json, LC_JW_COMPACT);
    lc_jw_object(json, LC_JW_COMPACT);
    key_bytes(json, "dataset_path", lc_path_name(path));
    lc_jw_key_name(json, "dataset_name", name);
    lc_jw_end(json);
    lc_jw_end(json);
}

static void put_internvl(const struct lc_convert *convert, const char *name,
                         const char *path, struct lc_jw *json)
{
    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_object(json, name, LC_JW_COMPACT);
    key_bytes(json, "root",
              convert->dataset.image_root ? convert->dataset.image_root : "");
    key_bytes(json, "annotation", path);
    lc_jw_key_bool(json, "data_augment", false);
    lc_jw_key_number(json, "repeat_time", 1);
    lc_jw_key_number(json, "length", convert->counts.kept);
    lc_jw_end(json);
    lc_jw_end(json);
}

/* Write a YAML mixture. A JSON string is also a YAML string. */
static void put_mixture(const char *name, const char *path, struct lc_out *out)
{
    lc_out_text(out, "# ");
    lc_out_text(out, name);
    lc_out_text(out, "\ndatasets:\n  - json_path: ");
    lc_out_json_bytes(out, (struct lc_span){path, strlen(path)});
    lc_out_text(out, "\n    sampling_strategy: all\n");
}

enum lc_status lc_convert_write_entry(struct lc_convert *convert, const char *name,
                                      const char *path, FILE *to, struct lc_error *err)
{
    struct lc_out out = {.to = to};
    struct lc_jw json = {.out = &out, .indent = 2};
    enum entry_form form = form_of(convert);
    enum lc_status status = LC_OK;

    if (form == FORM_NONE)
        return lc_fail(err, LC_ERR_USAGE, 0, "%s has no registry of data sets",
                       lc_convert_trainer(convert));
    if (form == FORM_LLAMA_FACTORY)
        put_llama_factory(convert, name, path, &json);
    else if (form == FORM_SWIFT)
        put_swift(name, path, &json);
    else if (form == FORM_INTERNVL)
        put_internvl(convert, name, path, &json);
    else
        put_mixture(name, path, &out);
    if (form != FORM_MIXTURE)
        lc_jw_line(&json);
    status = lc_jw_finish(&json, LC_OK, err);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the entry");
    return status;
}
