/*
 * sys/fanotify.h - what happens to whole mounts: fanotify(7).
 */
#ifndef _SYS_FANOTIFY_H
#define _SYS_FANOTIFY_H

#include <stdint.h>
#include <sys/types.h>
#include <uapi/fanotify.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAN_EVENT_METADATA_LEN (sizeof(struct fanotify_event_metadata))
#define FAN_EVENT_NEXT(meta, len)    \
	((len) -= (meta)->event_len, \
	 (struct fanotify_event_metadata *)((char *)(meta) + (meta)->event_len))
#define FAN_EVENT_OK(meta, len)                                     \
	((long)(len) >= (long)FAN_EVENT_METADATA_LEN &&             \
	 (long)(meta)->event_len >= (long)FAN_EVENT_METADATA_LEN && \
	 (long)(meta)->event_len <= (long)(len))

int fanotify_init(unsigned int flags, unsigned int event_flags);
int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir, const char *path);

#ifdef __cplusplus
}
#endif

#endif
