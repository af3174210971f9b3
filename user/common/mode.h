/*
 * mode.h - file modes as people write and read them.
 */
#ifndef USER_COMMON_MODE_H
#define USER_COMMON_MODE_H

#include <stdbool.h>
#include <sys/types.h>

/* An octal number or "u+x,go=r" applied to `mode`; false when it is neither. Without a who, `mask` holds back. */
bool mode_parse(const char *text, mode_t mode, bool folder, mode_t mask, mode_t *out);

/* "drwxr-xr-x" */
void mode_string(mode_t mode, char out[11]);

#endif
