/*
 * words.h - echo, test and printf: programs, and commands of the shell. argv[0] is the name in messages;
 * they write to stdout and return a status.
 */
#ifndef USER_COMMON_WORDS_H
#define USER_COMMON_WORDS_H

#include <stdbool.h>

/* With `always`, backslashes mean what XSI says; else only after -e. */
int echo_words(int argc, char **argv, bool always);
int test_words(int argc, char **argv); /* as "[", the last word must be "]" */
int printf_words(int argc, char **argv);

/*
 * The character that a backslash and what is at *s mean, *s moved behind it. `zero`: octal numbers begin
 * with a 0 (echo, %b). -1: \c, all output ends here; -2: no escape, the backslash stands for itself.
 */
int escape_char(const char **s, bool zero);

#endif
