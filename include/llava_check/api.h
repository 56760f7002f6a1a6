/* api.h - what every public header needs */
#ifndef LC_LLAVA_CHECK_API_H
#define LC_LLAVA_CHECK_API_H

/** Marks a function that the shared library exports. */
#define LC_API __attribute__((visibility("default")))

/**
 * The initialiser of an option struct: its size is set, all else is zero.
 *
 *     struct lc_report_options options = LC_OPTIONS(lc_report_options);
 *
 * The size tells the library which version of the struct the caller was compiled with: a
 * later version has more members, at the end. Setting the member is as good:
 *
 *     struct lc_report_options options = {.size = sizeof(options), .format = "json"};
 */
#ifdef __cplusplus
extern "C++" {
template <typename T> T lc_sized()
{
    T options = T();
    options.size = sizeof(T);
    return options;
}
}
#define LC_OPTIONS(name) lc_sized<struct name>()
#else
#define LC_OPTIONS(name)                                                                 \
    {                                                                                    \
        .size = sizeof(struct name)                                                      \
    }
#endif

#endif
