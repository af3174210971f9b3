/*
 * signals.h - signals by name and number.
 */
#ifndef USER_COMMON_SIGNALS_H
#define USER_COMMON_SIGNALS_H

/* "TERM", "SIGTERM", "term", "15"; 0 for "EXIT"; -1 there is none. */
int signal_by_name(const char *name);
/* "TERM", or NULL. */
const char *signal_by_number(int sig);

#endif
