/*
 * arpa/telnet.h - the numbers of telnet: RFC 854.
 */
#ifndef _ARPA_TELNET_H
#define _ARPA_TELNET_H

#ifdef __cplusplus
extern "C" {
#endif

#define IAC		255
#define DONT		254
#define DO		253
#define WONT		252
#define WILL		251
#define SB		250
#define SE		240
#define TELOPT_ECHO	1
#define TELOPT_SGA	3
#define TELOPT_TTYPE	24
#define TELOPT_NAWS	31
#define TELOPT_LINEMODE 34

#ifdef __cplusplus
}
#endif

#endif
