/*
 * cancel_hook.c - what a cancellation point does for a thread that is to end:
 * set by pthread_cancel, without which there is no such thread and no need to
 * link what ends one.
 */
#include "cancel_offsets.h"
#include "thread.h"

#define BELOW_TP(field) ((long)offsetof(struct thread, field) - (long)sizeof(struct thread))

_Static_assert(BELOW_TP(cancel) == CANCEL_OFFSET, "cancel_offsets.h");
_Static_assert(BELOW_TP(cancel_disabled) == DISABLED_OFFSET, "cancel_offsets.h");

__attribute__((visibility("hidden"))) void (*__cancel_hook)(void);
