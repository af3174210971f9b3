/* Core dumps: core(5). */
#ifndef PROC_COREDUMP_H
#define PROC_COREDUMP_H

#include "arch/riscv/thread.h"
#include "core/signal.h"

/* Writes current's, who dies of si: true when there is one. Ends the other threads. Sleeps. */
bool coredump(const siginfo_t *si, struct trapframe *tf);
#endif
