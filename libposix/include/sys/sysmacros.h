/*
 * sys/sysmacros.h - device numbers, in the form that struct stat and mknod carry:
 * 12 bits of major, 20 of minor, the high bits of each above the low ones.
 */
#ifndef _SYS_SYSMACROS_H
#define _SYS_SYSMACROS_H

#define major(dev) ((unsigned int)((((dev) >> 8) & 0xfff) | (((dev) >> 32) & ~0xfffu)))
#define minor(dev) ((unsigned int)(((dev)&0xff) | (((dev) >> 12) & ~0xffu)))
#define makedev(maj, min)                                                                  \
	((((unsigned long)(maj)&0xfff) << 8) | (((unsigned long)(maj) & ~0xffful) << 32) | \
	 ((unsigned long)(min)&0xff) | (((unsigned long)(min) & ~0xfful) << 12))

#endif
