/* failnth.h - a call that is made while memory is short (failnth.c), and families of them. */
#ifndef USERTESTS_FAILNTH_H
#define USERTESTS_FAILNTH_H

struct work {
	const char *name;
	long (*call)(void);
	void (*undo)(
		long got); /* behind a call that succeeded, or behind any if there is a before */
	void (*before)(void);
	int in_child; /* what it does can't be undone */
};

extern const struct work failnth_tasks[]; /* failtask.c */
extern const struct work failnth_memory[]; /* failmemory.c */
extern const struct work failnth_files[]; /* failfile.c */
extern const struct work failnth_network[]; /* failnet.c */

#define PAGE		4096l
#define CALL(name, ...) syscall(__NR_##name, __VA_ARGS__)

/* The switch /proc/thread-self/fail-nth of this thread, for calls that are made in a child. */
extern int switch_fd;
int no_switch(void); /* opens it; whether there is none */
void set_nth(unsigned int n); /* the Nth allocation from now fails, 0: none */
unsigned int get_nth(int fd); /* how many are left to it */

extern void *failnth_shared; /* a page that children share; its first 256 bytes are failnth.c's */

void failnth_close(long fd); /* the undo of calls that open a descriptor */

#endif
