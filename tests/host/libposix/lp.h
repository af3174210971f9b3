/*
 * lp.h - functions of libposix as the fuzz targets call them, beside the host's of the same names. What
 * passes between them has one layout on both machines, or is a block of bytes here.
 */
#ifndef LP_H
#define LP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * What a pattern and a text are made of: data[1] says how long the pattern is, which begins at data[2]; the rest
 * is the text. Both are cut to their room. size >= 2.
 */
static inline void lp_halves(const uint8_t *data, size_t size, char *pattern, size_t room,
			     char *text, size_t text_room)
{
	size_t n = data[1] % room, k;

	n = n < size - 2 ? n : size - 2;
	memcpy(pattern, data + 2, n);
	pattern[n] = 0;
	k = size - 2 - n < text_room - 1 ? size - 2 - n : text_room - 1;
	memcpy(text, data + 2 + n, k);
	text[k] = 0;
}

int lp_snprintf(char *buf, size_t size, const char *fmt, ...);
int lp_sscanf(const char *text, const char *fmt, ...);
double lp_strtod(const char *text, char **end);
float lp_strtof(const char *text, char **end);
long lp_strtol(const char *text, char **end, int base);
unsigned long lp_strtoul(const char *text, char **end, int base);

struct lp_match {
	long so, eo;
};
struct lp_regex {
	void *room[32];
};
int lp_regcomp(struct lp_regex *re, const char *pattern, int flags);
int lp_regexec(const struct lp_regex *re, const char *text, size_t n, void *match, int flags);
void lp_regfree(struct lp_regex *re);

int lp_fnmatch(const char *pattern, const char *text, int flags);
struct lp_glob {
	size_t count;
	char **paths;
	void *room[16];
};
int lp_glob(const char *pattern, int flags, int (*err)(const char *, int), struct lp_glob *out);
void lp_globfree(struct lp_glob *out);

size_t lp___dns_question(unsigned char *q, const char *name, int type, unsigned short id);
int lp___dns_answers(const unsigned char *a, size_t len, const unsigned char *q, size_t qlen);
int lp___dns_record(const unsigned char *a, size_t len, size_t *at, char *name,
		    const unsigned char **data, size_t *n);
int lp_dn_expand(const unsigned char *msg, const unsigned char *end, const unsigned char *at,
		 char *name, int room);

void lp_tzset(void);
struct tm *lp_localtime_r(const time_t *when, struct tm *out);
time_t lp_mktime(struct tm *tm);
size_t lp_strftime(char *buf, size_t room, const char *fmt, const struct tm *tm);
char *lp_strptime(const char *text, const char *fmt, struct tm *tm);

/* world.c: what TZ is, and what is in every file that is opened (NULL: none is there). */
extern const char *world_tz;
extern const unsigned char *world_file;
extern size_t world_size;

/* What differs, and the end. */
#define FAIL(...) (fprintf(stderr, "DIFFERS: " __VA_ARGS__), fputc('\n', stderr), abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
