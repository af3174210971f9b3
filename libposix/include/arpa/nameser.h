/* arpa/nameser.h - numbers in the messages of name servers: RFC 1035, 3596, 2782. */
#ifndef _ARPA_NAMESER_H
#define _ARPA_NAMESER_H

#define C_IN		1

#define C_CHAOS		3
#define C_HS		4
#define C_ANY		255

#define NS_PACKETSZ	512
#define NS_MAXDNAME	1025
#define NS_MAXCDNAME	255
#define NS_MAXLABEL	63
#define NS_HFIXEDSZ	12
#define NS_QFIXEDSZ	4
#define NS_RRFIXEDSZ	10
#define NS_INT32SZ	4
#define NS_INT16SZ	2
#define NS_INADDRSZ	4
#define NS_IN6ADDRSZ	16
#define NS_CMPRSFLGS	0xc0
#define NS_DEFAULTPORT	53
#define PACKETSZ	NS_PACKETSZ
#define MAXDNAME	NS_MAXDNAME
#define MAXCDNAME	NS_MAXCDNAME
#define HFIXEDSZ	NS_HFIXEDSZ
#define QFIXEDSZ	NS_QFIXEDSZ
#define RRFIXEDSZ	NS_RRFIXEDSZ
#define INT16SZ		NS_INT16SZ
#define INT32SZ		NS_INT32SZ
#define INDIR_MASK	NS_CMPRSFLGS
#define NAMESERVER_PORT NS_DEFAULTPORT

/* The header of a message. */
typedef struct {
	unsigned id : 16;
	unsigned rd : 1, tc : 1, aa : 1, opcode : 4, qr : 1;
	unsigned rcode : 4, cd : 1, ad : 1, unused : 1, ra : 1;
	unsigned qdcount : 16, ancount : 16, nscount : 16, arcount : 16;
} HEADER;

#define NOERROR	       0
#define FORMERR	       1
#define SERVFAIL       2
#define NXDOMAIN       3
#define NOTIMP	       4
#define REFUSED	       5
#define QUERY	       0

#define GETSHORT(s, p) ((s) = (unsigned)((p)[0] << 8 | (p)[1]), (p) += 2)
#define GETLONG(l, p) \
	((l) = (unsigned)(p)[0] << 24 | (unsigned)((p)[1] << 16 | (p)[2] << 8 | (p)[3]), (p) += 4)
#define NS_GET16(s, p) GETSHORT(s, p)
#define NS_GET32(l, p) GETLONG(l, p)

#define T_A	       1
#define T_NS	       2
#define T_CNAME	       5
#define T_SOA	       6
#define T_PTR	       12
#define T_MX	       15
#define T_TXT	       16
#define T_AAAA	       28
#define T_SRV	       33
#define T_HINFO	       13
#define T_NAPTR	       35
#define T_ANY	       255
#define ns_t_a	       T_A
#define ns_t_aaaa      T_AAAA
#define ns_t_mx	       T_MX
#define ns_t_ns	       T_NS
#define ns_t_ptr       T_PTR
#define ns_t_cname     T_CNAME
#define ns_t_txt       T_TXT
#define ns_t_srv       T_SRV
#define ns_t_soa       T_SOA
#define ns_t_any       T_ANY
#define ns_c_in	       C_IN

#endif
