/*
 * The kernel command line (device tree: /chosen/bootargs): words separated by
 * blanks, "name" or "name=value"; double quotes keep blanks in a value. What
 * follows a lone "--" is not for the kernel: arguments of the first program. Read-only after boot,
 * so no lock.
 */
#ifndef SYNC_CMDLINE_H
#define SYNC_CMDLINE_H

#include <types.h>

/* Keeps the pointer: text must stay. */
void cmdline_init(const char *text);
/* The whole text, never NULL (/proc/cmdline). */
const char *cmdline(void);
/*
 * Copies the value of the last name=value, cut to n - 1 bytes; its length, or -1 if it is not
 * there.
 */
int cmdline_get(const char *name, char *buf, size_t n);
/*
 * Copies the i-th word behind the "--", without its quotes, cut to n - 1 bytes; its length, or -1
 * if there is none.
 */
int cmdline_arg(unsigned i, char *buf, size_t n);
/* Is the word there, alone or as name=1|y|yes|on|true? */
bool cmdline_flag(const char *name);
/* name=number (C prefixes, suffix K M G T); dflt when absent or malformed. */
u64 cmdline_u64(const char *name, u64 dflt);
#endif
