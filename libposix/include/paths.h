/*
 * paths.h - where files lie.
 */
#ifndef _PATHS_H
#define _PATHS_H

#ifdef __cplusplus
extern "C" {
#endif

#define _PATH_DEFPATH  "/usr/local/bin:/bin:/usr/bin"
#define _PATH_STDPATH  "/bin:/usr/bin:/sbin:/usr/sbin"
#define _PATH_BSHELL   "/bin/sh"
#define _PATH_CONSOLE  "/dev/console"
#define _PATH_DEVNULL  "/dev/null"
#define _PATH_KLOG     "/proc/kmsg"
#define _PATH_LASTLOG  "/var/log/lastlog"
#define _PATH_MAILDIR  "/var/mail"
#define _PATH_MAN      "/usr/share/man"
#define _PATH_MNTTAB   "/etc/fstab"
#define _PATH_MOUNTED  "/proc/mounts"
#define _PATH_NOLOGIN  "/etc/nologin"
#define _PATH_SENDMAIL "/usr/sbin/sendmail"
#define _PATH_SHADOW   "/etc/shadow"
#define _PATH_SHELLS   "/etc/shells"
#define _PATH_TTY      "/dev/tty"
#define _PATH_UTMP     "/run/utmp"
#define _PATH_WTMP     "/var/log/wtmp"
#define _PATH_VI       "/bin/vi"
#define _PATH_DEV      "/dev/"
#define _PATH_TMP      "/tmp/"
#define _PATH_VARDB    "/var/lib/misc/"
#define _PATH_VARRUN   "/run/"
#define _PATH_VARTMP   "/var/tmp/"

#ifdef __cplusplus
}
#endif

#endif
