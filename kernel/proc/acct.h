/* Accounts of processes that ended: acct(2). */
#ifndef PROC_ACCT_H
#define PROC_ACCT_H

struct proc;

int acct_start(const char *path); /* NULL: stop. -errno as the manual page says */
/* The last thread of p, current, ends; its memory is still there. */
void acct_process(struct proc *p);
extern int acct_resume, acct_suspend, acct_interval; /* proc(5), /proc/sys/kernel/acct */
#endif
