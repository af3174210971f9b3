/*
 * What the parts of the TAR tests share: an archive under construction, a memory
 * source, an allocator that counts and can fail, and the check of a whole tree.
 */
#ifndef TEST_TAR_H
#define TEST_TAR_H

#include <compiler.h>
#include "fs/tarfs/tree.h"
#include "lib/string.h"

/* libc's, by hand: its headers and the kernel's ABI headers define the same structures. */
int printf(const char *fmt, ...) __printf(1, 2);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void free(void *p);
void abort(void) __noreturn;
void exit(int status) __noreturn;
unsigned long strtoul(const char *s, char **end, int base);

/* --- test_tar_alloc.c --- */

extern long alloc_live; /* kmalloc'ed and not yet freed */
extern long alloc_fail_at; /* counts down with each allocation; the one that reaches 0 fails */
extern bool alloc_fail_on; /* and all behind it, until alloc_fail_at is set again */

/* --- test_tar_exercise.c --- */

struct mem_source {
	struct tar_source src;
	const u8 *data;
	u64 fail_at; /* reads that touch this offset answer -EIO; 0: none */
};

void mem_source_init(struct mem_source *m, const void *data, size_t n);

/* Everything that must hold in any tree; aborts with words where it does not. */
void tar_check_tree(const struct tar_tree *t);
/*
 * Reads the archive (twice over itself when `overlay`), checks the tree, reads
 * all data up to a bound, frees it, and checks that nothing leaked. Its errno.
 */
int tar_exercise(const u8 *data, size_t n, bool overlay);
/* Gives every block that looks like a header its right checksum. */
void tar_repair(u8 *data, size_t n);

/* --- test_tar_build.c --- */

struct build {
	u8 *data;
	size_t len, cap;
};

/* A header's fields; NULL and 0 give what a plain file of root's has. */
struct hdr {
	const char *name;
	u8 type; /* 0: '0' */
	u64 size;
	const char *link;
	u32 mode;
	s64 mtime;
	const char *magic; /* NULL: ustar; "gnu", "v7" */
	const char *prefix;
	bool signed_sum;
};

void build_start(struct build *b);
void build_free(struct build *b);
u8 *build_block(struct build *b); /* a block of zeros at the end */
void build_bytes(struct build *b, const void *p, size_t n); /* padded to blocks */
void build_sum(u8 *header, bool signed_sum);
u8 *build_header(struct build *b, const struct hdr *h); /* valid until the next build_ */
void build_file(struct build *b, const char *name, const char *data);
void build_dir(struct build *b, const char *name);
void build_link(struct build *b, u8 type, const char *name, const char *target);
void build_gnu_name(struct build *b, u8 type, const char *name);
/* A pax header of "key=value" strings, NULL at the end; their lengths are put in. */
void build_pax(struct build *b, int type, ...);
/* A pax header with these very bytes. */
void build_pax_raw(struct build *b, u8 type, const void *p, size_t n);
void build_end(struct build *b);
void put_octal(u8 *f, size_t n, u64 v);
void put_base256(u8 *f, size_t n, s64 v);

/* --- test_tar.c --- */

extern unsigned checks, failures;
void check_at(bool ok, const char *file, int line, const char *what);
#define CHECK(c) check_at(c, __FILE__, __LINE__, #c)

void test_numbers(void);
void test_members(void);
void test_pax(void);
void test_sparse(void);
void test_tree(void);
void test_limits(void);
void test_index(void);

/* The tree of an archive under construction, for cases. */
struct grown {
	struct mem_source src;
	struct tar_tree t;
	int err;
	u64 left_out;
};

void grow(struct grown *g, const struct build *b);
/* Lays a second archive over it. */
int grow_more(struct grown *g, struct mem_source *src, const struct build *b);
void grow_free(struct grown *g);
/* The node at a path without symbolic links; NULL: none. */
struct tar_node *at(struct grown *g, const char *path);
bool holds(struct grown *g, const char *path, const char *data);
/* Builds the tree, expects refusal with this errno and offset, and frees both. */
void expect_refused(struct build *b, int err, u64 offset, const char *why, int line);

#endif
