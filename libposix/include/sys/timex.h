/*
 * sys/timex.h - the clock, disciplined: adjtimex(2).
 */
#ifndef _SYS_TIMEX_H
#define _SYS_TIMEX_H

#include <features.h>
#include <uapi/time.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOD_OFFSET    ADJ_OFFSET
#define MOD_FREQUENCY ADJ_FREQUENCY
#define MOD_STATUS    ADJ_STATUS

struct ntptimeval {
	struct timeval time;
	long maxerror, esterror, tai;
};

struct timex;

int adjtimex(struct timex *tx);
int ntp_adjtime(struct timex *tx);
int clock_adjtime(clockid_t clock, struct timex *tx);

#ifdef __cplusplus
}
#endif

#endif
