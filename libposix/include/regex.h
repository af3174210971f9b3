/*
 * regex.h - regular expressions (POSIX).
 */
#ifndef _REGEX_H
#define _REGEX_H

#include <features.h>

#define __want_size_t
#include <bits/alltypes.h>

typedef long regoff_t;

typedef struct {
	size_t re_nsub;
	void *__prog;
	unsigned long __pad[4];
} regex_t;

typedef struct {
	regoff_t rm_so;
	regoff_t rm_eo;
} regmatch_t;

#define REG_EXTENDED 1
#define REG_ICASE    2
#define REG_NEWLINE  4
#define REG_NOSUB    8
#define REG_MINIMAL  16

#define REG_NOTBOL   1
#define REG_NOTEOL   2
#define REG_STARTEND 4

#define REG_ENOSYS   -1
#define REG_OK	     0
#define REG_NOMATCH  1
#define REG_BADPAT   2
#define REG_ECOLLATE 3
#define REG_ECTYPE   4
#define REG_EESCAPE  5
#define REG_ESUBREG  6
#define REG_EBRACK   7
#define REG_EPAREN   8
#define REG_EBRACE   9
#define REG_BADBR    10
#define REG_ERANGE   11
#define REG_ESPACE   12
#define REG_BADRPT   13

__BEGIN_DECLS

int regcomp(regex_t *__restrict __re, const char *__restrict __pattern, int __flags);
int regexec(const regex_t *__restrict __re, const char *__restrict __s, size_t __n,
	    regmatch_t *__restrict __match, int __flags);
size_t regerror(int __err, const regex_t *__restrict __re, char *__restrict __buf, size_t __size);
void regfree(regex_t *__re);

__END_DECLS

#endif
