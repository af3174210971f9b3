/*
 * cancel_offsets.h - where cancel_call.S finds fields of struct thread, counted
 * from tp. cancel_hook.c asserts that they are there.
 */
#ifndef LIBPOSIX_CANCEL_OFFSETS_H
#define LIBPOSIX_CANCEL_OFFSETS_H

#define CANCEL_OFFSET	(-140)
#define DISABLED_OFFSET (-136)

#endif
