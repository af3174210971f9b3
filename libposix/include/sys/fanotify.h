/*
 * sys/fanotify.h - what happens to whole mounts: fanotify(7).
 */
#ifndef _SYS_FANOTIFY_H
#define _SYS_FANOTIFY_H

#include <features.h>
#include <stdint.h>
#include <sys/types.h>
#if defined(UAPI_ALL) || !__has_include(<linux/fanotify.h>)
#include <uapi/fanotify.h>
#else
#include <linux/fanotify.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FAN_EVENT_METADATA_LEN
#define FAN_EVENT_METADATA_LEN (sizeof(struct fanotify_event_metadata))
#define FAN_EVENT_NEXT(meta, len)    \
	((len) -= (meta)->event_len, \
	 (struct fanotify_event_metadata *)((char *)(meta) + (meta)->event_len))
#define FAN_EVENT_OK(meta, len)                                     \
	((long)(len) >= (long)FAN_EVENT_METADATA_LEN &&             \
	 (long)(meta)->event_len >= (long)FAN_EVENT_METADATA_LEN && \
	 (long)(meta)->event_len <= (long)(len))
#endif

int fanotify_init(unsigned int flags, unsigned int event_flags);
int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir, const char *path);

#ifdef __cplusplus
}
#endif

#endif
