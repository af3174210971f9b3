/*
 * sys/ttydefaults.h - what a terminal is set to at first.
 */
#ifndef _SYS_TTYDEFAULTS_H
#define _SYS_TTYDEFAULTS_H

#ifdef __cplusplus
extern "C" {
#endif

#define TTYDEF_IFLAG (BRKINT | ISTRIP | ICRNL | IMAXBEL | IXON | IXANY)
#define TTYDEF_OFLAG (OPOST | ONLCR | XTABS)
#define TTYDEF_LFLAG (ECHO | ICANON | ISIG | IEXTEN | ECHOE | ECHOKE | ECHOCTL)
#define TTYDEF_CFLAG (CREAD | CS7 | PARENB | HUPCL)
#define TTYDEF_SPEED (B9600)
#define CTRL(x)	     ((x)&037)
#define CEOF	     CTRL('d')
#define CINTR	     CTRL('c')
#define CKILL	     CTRL('u')
#define CQUIT	     034
#define CSUSP	     CTRL('z')
#define CSTART	     CTRL('q')
#define CSTOP	     CTRL('s')
#define CERASE	     0177

#ifdef __cplusplus
}
#endif

#endif
