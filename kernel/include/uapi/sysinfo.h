/*
 * uapi/sysinfo.h - sysinfo(2), reboot(2), syslog(2).
 */
#ifndef UAPI_SYSINFO_H
#define UAPI_SYSINFO_H

#include <uapi/types.h>

#define SI_LOAD_SHIFT 16

struct sysinfo {
	long uptime; /* seconds */
	unsigned long loads[3]; /* fixed point, SI_LOAD_SHIFT bits */
	unsigned long totalram; /* this and the next ones in units of mem_unit bytes */
	unsigned long freeram;
	unsigned long sharedram;
	unsigned long bufferram;
	unsigned long totalswap;
	unsigned long freeswap;
	__u16 procs;
	__u16 pad;
	unsigned long totalhigh;
	unsigned long freehigh;
	__u32 mem_unit;
};

#define LINUX_REBOOT_MAGIC1	    0xfee1dead
#define LINUX_REBOOT_MAGIC2	    672274793
#define LINUX_REBOOT_MAGIC2A	    85072278
#define LINUX_REBOOT_MAGIC2B	    369367448
#define LINUX_REBOOT_MAGIC2C	    537993216
#define LINUX_REBOOT_CMD_RESTART    0x01234567
#define LINUX_REBOOT_CMD_HALT	    0xcdef0123
#define LINUX_REBOOT_CMD_CAD_ON	    0x89abcdef
#define LINUX_REBOOT_CMD_CAD_OFF    0x00000000
#define LINUX_REBOOT_CMD_POWER_OFF  0x4321fedc
#define LINUX_REBOOT_CMD_RESTART2   0xa1b2c3d4
#define LINUX_REBOOT_CMD_SW_SUSPEND 0xd000fce2
#define LINUX_REBOOT_CMD_KEXEC	    0x45584543

UAPI_SIZE(struct sysinfo, 112);
UAPI_OFFSET(struct sysinfo, mem_unit, 104);

#endif
