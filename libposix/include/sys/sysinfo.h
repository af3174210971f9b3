/*
 * sys/sysinfo.h - sysinfo(2), and how many processors and pages there are.
 */
#ifndef _SYS_SYSINFO_H
#define _SYS_SYSINFO_H

#include <features.h>
#include <uapi/sysinfo.h>

#ifdef __cplusplus
extern "C" {
#endif

int sysinfo(struct sysinfo *info);
int get_nprocs(void);
int get_nprocs_conf(void);
long get_phys_pages(void);
long get_avphys_pages(void);

#ifdef __cplusplus
}
#endif

#endif
