/*
 * uapi/ioctl.h - how ioctl numbers are made, and those of files, ttys and blocks.
 */
#ifndef UAPI_IOCTL_H
#define UAPI_IOCTL_H

#include <uapi/types.h>

#define _IOC_NRBITS    8
#define _IOC_TYPEBITS  8
#define _IOC_SIZEBITS  14
#define _IOC_DIRBITS   2
#define _IOC_NRSHIFT   0
#define _IOC_TYPESHIFT 8
#define _IOC_SIZESHIFT 16
#define _IOC_DIRSHIFT  30
#define _IOC_NONE      0U
#define _IOC_WRITE     1U
#define _IOC_READ      2U

#define _IOC(dir, type, nr, size)                                                         \
	(((dir) << _IOC_DIRSHIFT) | ((type) << _IOC_TYPESHIFT) | ((nr) << _IOC_NRSHIFT) | \
	 ((size) << _IOC_SIZESHIFT))
#define _IO(type, nr)	     _IOC(_IOC_NONE, (type), (nr), 0)
#define _IOR(type, nr, arg)  _IOC(_IOC_READ, (type), (nr), sizeof(arg))
#define _IOW(type, nr, arg)  _IOC(_IOC_WRITE, (type), (nr), sizeof(arg))
#define _IOWR(type, nr, arg) _IOC(_IOC_READ | _IOC_WRITE, (type), (nr), sizeof(arg))
#define _IOC_DIR(cmd)	     (((cmd) >> _IOC_DIRSHIFT) & 3)
#define _IOC_TYPE(cmd)	     (((cmd) >> _IOC_TYPESHIFT) & 0xff)
#define _IOC_NR(cmd)	     (((cmd) >> _IOC_NRSHIFT) & 0xff)
#define _IOC_SIZE(cmd)	     (((cmd) >> _IOC_SIZESHIFT) & 0x3fff)

#define TCGETS		     0x5401
#define TCSETS		     0x5402
#define TCSETSW		     0x5403
#define TCSETSF		     0x5404
#define TCGETA		     0x5405
#define TCSETA		     0x5406
#define TCSETAW		     0x5407
#define TCSETAF		     0x5408
#define TCSBRK		     0x5409
#define TCXONC		     0x540a
#define TCFLSH		     0x540b
#define TIOCEXCL	     0x540c
#define TIOCNXCL	     0x540d
#define TIOCSCTTY	     0x540e
#define TIOCGPGRP	     0x540f
#define TIOCSPGRP	     0x5410
#define TIOCOUTQ	     0x5411
#define TIOCSTI		     0x5412
#define TIOCGWINSZ	     0x5413
#define TIOCSWINSZ	     0x5414
#define TIOCMGET	     0x5415
#define TIOCMBIS	     0x5416
#define TIOCMBIC	     0x5417
#define TIOCMSET	     0x5418
#define TIOCGSOFTCAR	     0x5419
#define TIOCSSOFTCAR	     0x541a
#define FIONREAD	     0x541b
#define TIOCINQ		     FIONREAD
#define TIOCLINUX	     0x541c
#define TIOCCONS	     0x541d
#define TIOCGSERIAL	     0x541e
#define TIOCSSERIAL	     0x541f
#define TIOCPKT		     0x5420
#define FIONBIO		     0x5421
#define TIOCNOTTY	     0x5422
#define TIOCSETD	     0x5423
#define TIOCGETD	     0x5424
#define TCSBRKP		     0x5425
#define TIOCSBRK	     0x5427
#define TIOCCBRK	     0x5428
#define TIOCGSID	     0x5429
#define TCGETS2		     0x802c542a
#define TCSETS2		     0x402c542b
#define TCSETSW2	     0x402c542c
#define TCSETSF2	     0x402c542d
#define TIOCGLCKTRMIOS	     0x5456
#define TIOCSLCKTRMIOS	     0x5457
#define TIOCGPTN	     0x80045430
#define TIOCSPTLCK	     0x40045431
#define TIOCGDEV	     0x80045432
#define TIOCSIG		     0x40045436
#define TIOCVHANGUP	     0x5437
#define TIOCGPKT	     0x80045438
#define TIOCGPTLCK	     0x80045439
#define TIOCGEXCL	     0x80045440
#define TIOCGPTPEER	     0x5441
#define FIONCLEX	     0x5450
#define FIOCLEX		     0x5451
#define FIOASYNC	     0x5452
#define FIOQSIZE	     0x5460

#define TIOCPKT_DATA	     0
#define TIOCPKT_FLUSHREAD    1
#define TIOCPKT_FLUSHWRITE   2
#define TIOCPKT_STOP	     4
#define TIOCPKT_START	     8
#define TIOCPKT_NOSTOP	     16
#define TIOCPKT_DOSTOP	     32
#define TIOCPKT_IOCTL	     64

#if UAPI_LINUX
#define FIBMAP		  1
#define FIGETBSZ	  2
#define FIFREEZE	  _IOWR('X', 119, int)
#define FITHAW		  _IOWR('X', 120, int)
#define FICLONE		  _IOW(0x94, 9, int)
#define FS_IOC_GETFLAGS	  _IOR('f', 1, long)
#define FS_IOC_SETFLAGS	  _IOW('f', 2, long)
#define FS_IOC_FSGETXATTR _IOR('X', 31, struct fsxattr)
#define FS_IOC_FSSETXATTR _IOW('X', 32, struct fsxattr)

/* /proc/PID/maps */
struct procmap_query {
	__u64 size;
	__u64 query_flags;
	__u64 query_addr;
	__u64 vma_start;
	__u64 vma_end;
	__u64 vma_flags;
	__u64 vma_page_size;
	__u64 vma_offset;
	__u64 inode;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 vma_name_size;
	__u32 build_id_size;
	__u64 vma_name_addr;
	__u64 build_id_addr;
};
#define PROCMAP_QUERY			   _IOWR('f', 17, struct procmap_query)

#define PROCMAP_QUERY_VMA_READABLE	   0x01
#define PROCMAP_QUERY_VMA_WRITABLE	   0x02
#define PROCMAP_QUERY_VMA_EXECUTABLE	   0x04
#define PROCMAP_QUERY_VMA_SHARED	   0x08
#define PROCMAP_QUERY_COVERING_OR_NEXT_VMA 0x10
#define PROCMAP_QUERY_FILE_BACKED_VMA	   0x20

/* FS_IOC_GETFLAGS */
#define FS_SYNC_FL	   0x00000008
#define FS_IMMUTABLE_FL	   0x00000010
#define FS_APPEND_FL	   0x00000020
#define FS_NODUMP_FL	   0x00000040
#define FS_NOATIME_FL	   0x00000080
#define FS_DAX_FL	   0x02000000
#define FS_PROJINHERIT_FL  0x20000000
#define FS_FL_USER_VISIBLE 0x0003dfff

/* FS_IOC_FSGETXATTR */
#define FS_XFLAG_IMMUTABLE   0x00000008
#define FS_XFLAG_APPEND	     0x00000010
#define FS_XFLAG_SYNC	     0x00000020
#define FS_XFLAG_NOATIME     0x00000040
#define FS_XFLAG_NODUMP	     0x00000080
#define FS_XFLAG_PROJINHERIT 0x00000200
#define FS_XFLAG_DAX	     0x00008000

struct fsxattr {
	__u32 fsx_xflags;
	__u32 fsx_extsize;
	__u32 fsx_nextents;
	__u32 fsx_projid;
	__u32 fsx_cowextsize;
	unsigned char fsx_pad[8];
};

#define BLKROSET     0x125d
#define BLKROGET     0x125e
#define BLKGETSIZE   0x1260
#define BLKFLSBUF    0x1261
#define BLKSSZGET    0x1268
#define BLKPBSZGET   0x127b
#define BLKGETSIZE64 _IOR(0x12, 114, unsigned long)

/* /dev/random */
#define RNDGETENTCNT   _IOR('R', 0x00, int)
#define RNDADDTOENTCNT _IOW('R', 0x01, int)
#define RNDADDENTROPY  _IOW('R', 0x03, int[2])
#define RNDZAPENTCNT   _IO('R', 0x04)
#define RNDCLEARPOOL   _IO('R', 0x06)
#define RNDRESEEDCRNG  _IO('R', 0x07)

/* RTC, /dev/rtc0 */
struct rtc_time {
	int tm_sec;
	int tm_min;
	int tm_hour;
	int tm_mday;
	int tm_mon;
	int tm_year;
	int tm_wday;
	int tm_yday;
	int tm_isdst;
};

#define RTC_RD_TIME  _IOR('p', 0x09, struct rtc_time)
#define RTC_SET_TIME _IOW('p', 0x0a, struct rtc_time)
#endif

#endif
