/* api.h - macros for all public headers */
#ifndef LC_LLAVA_CHECK_API_H
#define LC_LLAVA_CHECK_API_H

/** Marks a function that the shared library exports. */
#define LC_API __attribute__((visibility("default")))

/**
 * The initialiser of an option struct: sets its size, and everything else to zero.
 *
 *     struct lc_report_options options = LC_OPTIONS(lc_report_options);
 *
 * By the size, the library knows the version of the struct that the caller was compiled
 * with: later versions have more members at the end. You can also set the size yourself:
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
