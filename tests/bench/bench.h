/*
 * What the files of the bench program share: the clock, the table of rows, how a row gives up.
 *
 * A row is one operation, or a function that does an operation n times and returns the nanoseconds that
 * took, its own loop and whatever else is not the operation taken off. It runs in a process and a folder of its own,
 * once with few operations to warm up and then once to be measured. Under QEMU's -icount a nanosecond
 * is an instruction; the clock ticks every 100, so n is large enough that a tick is nothing.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PAGE	      4096UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char *name;
	uint64_t count_n; /* operations when instructions are counted */
	uint64_t time_n; /* operations against the wall clock */
	uint64_t (*run)(uint64_t n);
	void (*op)(void); /* without a run: the operation, for time_calls */
	void (*setup)(void); /* for op: before it is timed, if anything */
};

/* The tables, a file each; a row without a name ends one. */
extern const struct row call_rows[], file_rows[], disk_rows[], switch_rows[], ipc_rows[],
	net_rows[], process_rows[], memory_rows[], server_rows[];

/* Say what went wrong, with errno, and end the row. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *fmt, ...);

/* The call must work; its value. */
#define MUST(call)                            \
	({                                    \
		long must_r = (long)(call);   \
		if (must_r == -1)             \
			give_up("%s", #call); \
		must_r;                       \
	})

/* CLOCK_MONOTONIC, in nanoseconds. */
static inline uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* A hint without effect, which a plugin of QEMU's sees (count.c): 1 where what is measured begins, 2 where it ends. */
#define mark(n) __asm__ volatile("slti zero, t0, " #n ::: "memory")

/* Time n calls of op, less what as many calls of an empty function take. */
uint64_t time_calls(void (*op)(void), uint64_t n);

/* Wait for a child of ours; give up unless it exited with status 0. */
void wait_child(pid_t pid);

/* A word KEY=VALUE of the kernel's command line, or NULL. */
char *order(const char *key);

/* Nobody else raises it: the program is process 1. */
void loopback_up(void);

/* How much memory a process can touch before the kernel ends it, in bytes. */
uint64_t touch_all(void);

#endif
