/*
 * tests.h - how a test of usertests is written and registered.
 *
 * A test is a function without arguments. It runs in a process of its own, in
 * an empty folder of its own, as leader of its process group, and passes when
 * it returns. CHECK, FAILS and fail() end the process, and any child of it that
 * shares the harness, with words that the report shows.
 */
#ifndef USERTESTS_TESTS_H
#define USERTESTS_TESTS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct test {
	const char *name;
	void (*run)(void);
	int seconds; /* time it may take; 0 means 30 */
};

/* Each family ends with an entry without a name. */
extern const struct test ipc_tests[];
extern const struct test process_tests[], exec_tests[], memory_tests[], fault_tests[];
extern const struct test file_tests[], lock_tests[], mount_tests[], name_tests[];
extern const struct test pipe_tests[], pointer_tests[], signal_tests[], thread_tests[];
extern const struct test system_tests[], fsrace_tests[], storm_tests[];
extern const struct test race_tests[], unix_tests[], cred_tests[], timer_tests[], futex_tests[];
extern const struct test inet_tests[], notify_tests[], listen_tests[];
extern const struct test area_tests[], huge_tests[];
extern const struct test trace_tests[], key_tests[];
extern const struct test failnth_tests[], threadstorm_tests[];
extern const struct test namespace_tests[], model_tests[], deadline_tests[], tangle_tests[];

/* End the test with these words, printf's way. */
_Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void check_failed(const char *file, int line, const char *what);
void check_refused(const char *file, int line, const char *what, long got, int want);

/* The condition holds. */
#define CHECK(cond) ((cond) ? (void)0 : check_failed(__FILE_NAME__, __LINE__, #cond))

/* The call returns -1 with this errno. */
#define FAILS(err, call) check_refused(__FILE_NAME__, __LINE__, #call, (long)(call), err)

#ifndef __FILE_NAME__
#define __FILE_NAME__ __FILE__
#endif

/* fork that can't fail. */
pid_t spawn(void);

/* Wait for this child; its wait status. */
int wait_for(pid_t pid);

/* Kill these children, which were all alive, and wait for them. */
void kill_all(const pid_t *pids, int n);

/* The child ended with exit(0). */
void wait_ok(pid_t pid);

/* Run `fn` in a child and return its wait status. */
int status_in_child(void (*fn)(void));

/* A new file with these contents. */
void make_file(const char *path, const char *text);

/* A copy of this program under another name. */
void copy_self(const char *path);

/* The whole file as a string from malloc. */
char *read_file(const char *path);

/* Milliseconds of the monotonic clock. */
long now_ms(void);
void sleep_ms(long ms);

/* `n` bytes of fresh memory between two pages that are not mapped; n a multiple of 4096. */
char *guarded(size_t n);

/* A pointer that the compiler knows nothing of. */
void *wild_pointer(uintptr_t address);

/* KiB that are free or can be had by dropping caches. */
long free_kib(void);

/* A thread: fn(arg) on a stack of its own; it ends when fn returns. */
struct thread {
	int tid; /* cleared and woken by the kernel at the thread's end */
	char *stack;
};
void thread_start(struct thread *t, int (*fn)(void *), void *arg);
void thread_join(struct thread *t);

/* Become an ordinary user: no privilege is left. */
void become_user(void);

#endif
