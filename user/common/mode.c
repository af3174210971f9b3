/*
 * mode.c - file modes as people write and read them (XCU chmod, ls).
 */
#include "mode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static mode_t who_bits(char c)
{
	switch (c) {
	case 'u':
		return S_ISUID | S_IRWXU;
	case 'g':
		return S_ISGID | S_IRWXG;
	case 'o':
		return S_IRWXO | S_ISVTX;
	default:
		return 07777;
	}
}

/* What the letters after + - = stand for, for everybody. */
static const char *permissions(const char *s, mode_t mode, bool folder, mode_t *out)
{
	mode_t p = 0;

	if (*s && strchr("ugo", *s)) {
		mode_t m = *s == 'u' ? mode >> 6 : *s == 'g' ? mode >> 3 : mode;

		m &= 7;
		*out = m << 6 | m << 3 | m;
		return s + 1;
	}
	for (; *s && strchr("rwxXst", *s); s++) {
		if (*s == 'r')
			p |= 0444;
		else if (*s == 'w')
			p |= 0222;
		else if (*s == 'x' || (*s == 'X' && (folder || mode & 0111)))
			p |= 0111;
		else if (*s == 's')
			p |= S_ISUID | S_ISGID;
		else if (*s == 't')
			p |= S_ISVTX;
	}
	*out = p;
	return s;
}

bool mode_parse(const char *text, mode_t mode, bool folder, mode_t mask, mode_t *out)
{
	const char *s = text;
	char *end;

	mode &= 07777;
	if (*s >= '0' && *s <= '7') {
		*out = (mode_t)strtoul(s, &end, 8);
		return !*end && *out <= 07777;
	}
	do {
		mode_t who = 0, bits, reach;

		for (; *s && strchr("ugoa", *s); s++)
			who |= who_bits(*s);
		if (!*s || !strchr("+-=", *s))
			return false;
		while (*s && strchr("+-=", *s)) {
			char op = *s++;

			s = permissions(s, mode, folder, &bits);
			reach = who ? who : 07777 & ~mask;
			bits &= reach;
			if (op == '+')
				mode |= bits;
			else if (op == '-')
				mode &= ~bits;
			else
				mode = (mode & ~((who ? who : 07777) & (folder ? 01777 : 07777))) |
				       bits;
		}
	} while (*s == ',' && *++s);
	*out = mode;
	return !*s;
}

static char type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

/* A letter for execute, given what set-id or sticky bit shares its place. */
static char execute_letter(mode_t x, mode_t special, char both)
{
	if (special)
		return x ? both : (char)(both - 'a' + 'A');
	return x ? 'x' : '-';
}

void mode_string(mode_t m, char out[11])
{
	out[0] = type_letter(m);
	for (int i = 0; i < 3; i++) {
		mode_t bits = m >> (6 - 3 * i);

		out[1 + 3 * i] = bits & 4 ? 'r' : '-';
		out[2 + 3 * i] = bits & 2 ? 'w' : '-';
	}
	out[3] = execute_letter(m & S_IXUSR, m & S_ISUID, 's');
	out[6] = execute_letter(m & S_IXGRP, m & S_ISGID, 's');
	out[9] = execute_letter(m & S_IXOTH, m & S_ISVTX, 't');
	out[10] = 0;
}
