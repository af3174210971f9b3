/* arpa/nameser.h - numbers in the messages of name servers: RFC 1035, 3596, 2782. */
#ifndef _ARPA_NAMESER_H
#define _ARPA_NAMESER_H

#define C_IN	1

#define T_A	1
#define T_NS	2
#define T_CNAME 5
#define T_SOA	6
#define T_PTR	12
#define T_MX	15
#define T_TXT	16
#define T_AAAA	28
#define T_SRV	33

#endif
