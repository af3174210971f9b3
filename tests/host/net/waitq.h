/* Wait queues for the small kernels of this folder. */
#ifndef TESTS_HOST_NET_WAITQ_H
#define TESTS_HOST_NET_WAITQ_H

#include "core/wait.h"

extern bool waitq_woken; /* since the last wait_prepare(): a waiter that sleeps was taken off */
#endif
