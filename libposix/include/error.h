/*
 * error.h - messages of GNU programs (error(3)).
 */
#ifndef _ERROR_H
#define _ERROR_H

#include <features.h>

__BEGIN_DECLS

extern void (*error_print_progname)(void);
extern unsigned int error_message_count;
extern int error_one_per_line;
void error(int __status, int __err, const char *__fmt, ...) __PRINTF(3, 4);
void error_at_line(int __status, int __err, const char *__file, unsigned int __line,
		   const char *__fmt, ...) __PRINTF(5, 6);

__END_DECLS

#endif
