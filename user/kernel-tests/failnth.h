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

extern const struct work failnth_network[]; /* failnet.c */

#endif
