#include "report/prediction.h"

#include "base/options.h"
#include "llava_check/report.h"
#include "view/view.h"

#include <stdlib.h>

static size_t count_trainers(void)
{
    size_t count = 0;

    while (lc_trainer_at(count))
        count++;
    return count;
}

static enum lc_status prediction_new(const struct lc_index *index, const char *trainer,
                                     bool all, bool of_each, struct lc_prediction **out,
                                     struct lc_error *err)
{
    struct lc_prediction *prediction = calloc(1, sizeof(*prediction));
    enum lc_status status = LC_ERR_MEMORY;

    *out = NULL;
    if (!prediction)
        return lc_fail_memory(err);
    prediction->index = index;
    prediction->count = all ? count_trainers() : 1;
    prediction->effects = calloc(prediction->count + 1, sizeof(*prediction->effects));
    if (!prediction->effects)
        status = lc_fail_memory(err);
    else if (all)
        status = lc_effects_find_all(index, trainer, prediction->effects,
                                     &prediction->chosen, err);
    else
        status = (of_each ? lc_effects_find_of_each
                          : lc_effects_find)(index, trainer, prediction->effects, err);
    if (status == LC_OK)
        *out = prediction;
    else
        lc_prediction_free(prediction);
    return status;
}

enum lc_status lc_prediction_new(const struct lc_index *index, const char *trainer,
                                 bool all, struct lc_prediction **out,
                                 struct lc_error *err)
{
    return prediction_new(index, trainer, all, false, out, err);
}

enum lc_status lc_prediction_new_of_each(const struct lc_index *index,
                                         const char *trainer, struct lc_prediction **out,
                                         struct lc_error *err)
{
    return prediction_new(index, trainer, false, true, out, err);
}

void lc_prediction_free(struct lc_prediction *prediction)
{
    if (!prediction)
        return;
    for (size_t i = 0; i < prediction->count && prediction->effects; i++)
        lc_effects_clear(&prediction->effects[i]);
    free(prediction->effects);
    free(prediction);
}

enum lc_status lc_prediction_stops(const struct lc_prediction *prediction,
                                   const struct lc_view *view, bool *out,
                                   struct lc_error *err)
{
    const struct lc_selection all = LC_OPTIONS(lc_selection);
    struct lc_view *own = NULL;
    enum lc_status status = LC_OK;

    *out = false;
    if (lc_index_verification(prediction->index)) /* a verification compares, and predicts
                                                     nothing */
        return LC_OK;
    if (!view)
        status = lc_view_new(prediction->index, &all, &own, err);
    if (status == LC_OK)
        status = lc_effects_stop(&prediction->effects[prediction->chosen],
                                 view ? view : own, out, err);
    lc_view_free(own);
    return status;
}

bool lc_prediction_is_unsure(const struct lc_prediction *prediction)
{
    const struct lc_effects *effects = &prediction->effects[prediction->chosen];

    return !lc_index_verification(prediction->index) &&
           effects->counts[LC_EFFECT_UNKNOWN] > 0;
}
