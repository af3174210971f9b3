/*
 * packetdrill's shared-library interface, between its files: packetdrill.c has the calls and time,
 * packetdrill_net.c the device and the settings.
 */
#ifndef TESTS_HOST_NET_PACKETDRILL_H
#define TESTS_HOST_NET_PACKETDRILL_H

#include "tcp_world.h"

/* Of libc, as far as needed. */
int *__errno_location(void);
char *getenv(const char *name);
void *fopen(const char *name, const char *mode);
char *fgets(char *s, int n, void *f);
int fputs(const char *s, void *f);
int fclose(void *f);
int sscanf(const char *s, const char *fmt, ...);

/* A packet that was sent, as it is on the wire. */
struct pd_sent {
	struct list_head link;
	u64 at;
	u32 len;
	u8 bytes[];
};
extern struct list_head pd_sent_list;

void pd_device_start(void);
void pd_device_input(const void *ip, size_t n); /* a packet from outside */
void pd_settings_read(void); /* what TARN_SYSCTL says now */
void pd_counters_write(void); /* for nstat, where it says */
#endif
