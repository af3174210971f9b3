/* arpa/nameser.h - numbers in the messages of name servers: RFC 1035, 2136, 2782, 3596, 4034, 6891. And readers of them. */
#ifndef _ARPA_NAMESER_H
#define _ARPA_NAMESER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* Sections of a message; the second names are those of updates. */
typedef enum {
	ns_s_qd = 0,
	ns_s_zn = 0,
	ns_s_an = 1,
	ns_s_pr = 1,
	ns_s_ns = 2,
	ns_s_ud = 2,
	ns_s_ar = 3,
	ns_s_max = 4,
} ns_sect;

/* Parts of the word of flags. */
typedef enum {
	ns_f_qr = 0,
	ns_f_opcode = 1,
	ns_f_aa = 2,
	ns_f_tc = 3,
	ns_f_rd = 4,
	ns_f_ra = 5,
	ns_f_z = 6,
	ns_f_ad = 7,
	ns_f_cd = 8,
	ns_f_rcode = 9,
	ns_f_max = 10,
} ns_flag;

/* What is asked. */
typedef enum {
	ns_o_query = 0,
	ns_o_iquery = 1,
	ns_o_status = 2,
	ns_o_notify = 4,
	ns_o_update = 5,
	ns_o_max = 6,
} ns_opcode;

/* How it ended. */
typedef enum {
	ns_r_noerror = 0,
	ns_r_formerr = 1,
	ns_r_servfail = 2,
	ns_r_nxdomain = 3,
	ns_r_notimpl = 4,
	ns_r_refused = 5,
	ns_r_yxdomain = 6,
	ns_r_yxrrset = 7,
	ns_r_nxrrset = 8,
	ns_r_notauth = 9,
	ns_r_notzone = 10,
	ns_r_max = 11,
	ns_r_badvers = 16,
	ns_r_badsig = 16,
	ns_r_badkey = 17,
	ns_r_badtime = 18,
} ns_rcode;

/* Classes. */
typedef enum {
	ns_c_invalid = 0,
	ns_c_in = 1,
	ns_c_2 = 2,
	ns_c_chaos = 3,
	ns_c_hs = 4,
	ns_c_none = 254,
	ns_c_any = 255,
	ns_c_max = 65536,
} ns_class;

/* Types of records. */
typedef enum {
	ns_t_invalid = 0,
	ns_t_a = 1,
	ns_t_ns = 2,
	ns_t_md = 3,
	ns_t_mf = 4,
	ns_t_cname = 5,
	ns_t_soa = 6,
	ns_t_mb = 7,
	ns_t_mg = 8,
	ns_t_mr = 9,
	ns_t_null = 10,
	ns_t_wks = 11,
	ns_t_ptr = 12,
	ns_t_hinfo = 13,
	ns_t_minfo = 14,
	ns_t_mx = 15,
	ns_t_txt = 16,
	ns_t_rp = 17,
	ns_t_afsdb = 18,
	ns_t_x25 = 19,
	ns_t_isdn = 20,
	ns_t_rt = 21,
	ns_t_nsap = 22,
	ns_t_nsap_ptr = 23,
	ns_t_sig = 24,
	ns_t_key = 25,
	ns_t_px = 26,
	ns_t_gpos = 27,
	ns_t_aaaa = 28,
	ns_t_loc = 29,
	ns_t_nxt = 30,
	ns_t_eid = 31,
	ns_t_nimloc = 32,
	ns_t_srv = 33,
	ns_t_atma = 34,
	ns_t_naptr = 35,
	ns_t_kx = 36,
	ns_t_cert = 37,
	ns_t_a6 = 38,
	ns_t_dname = 39,
	ns_t_sink = 40,
	ns_t_opt = 41,
	ns_t_apl = 42,
	ns_t_ds = 43,
	ns_t_sshfp = 44,
	ns_t_ipseckey = 45,
	ns_t_rrsig = 46,
	ns_t_nsec = 47,
	ns_t_dnskey = 48,
	ns_t_dhcid = 49,
	ns_t_nsec3 = 50,
	ns_t_nsec3param = 51,
	ns_t_tlsa = 52,
	ns_t_smimea = 53,
	ns_t_hip = 55,
	ns_t_ninfo = 56,
	ns_t_rkey = 57,
	ns_t_talink = 58,
	ns_t_cds = 59,
	ns_t_cdnskey = 60,
	ns_t_openpgpkey = 61,
	ns_t_csync = 62,
	ns_t_spf = 99,
	ns_t_uinfo = 100,
	ns_t_uid = 101,
	ns_t_gid = 102,
	ns_t_unspec = 103,
	ns_t_nid = 104,
	ns_t_l32 = 105,
	ns_t_l64 = 106,
	ns_t_lp = 107,
	ns_t_eui48 = 108,
	ns_t_eui64 = 109,
	ns_t_tkey = 249,
	ns_t_tsig = 250,
	ns_t_ixfr = 251,
	ns_t_axfr = 252,
	ns_t_mailb = 253,
	ns_t_maila = 254,
	ns_t_any = 255,
	ns_t_uri = 256,
	ns_t_caa = 257,
	ns_t_avc = 258,
	ns_t_ta = 32768,
	ns_t_dlv = 32769,
	ns_t_max = 65536,
} ns_type;

typedef struct __ns_msg {
	const unsigned char *_msg, *_eom;
	uint16_t _id, _flags, _counts[ns_s_max];
	const unsigned char *_sections[ns_s_max]; /* NULL: it has no records */
	ns_sect _sect; /* the one that is read, */
	int _rrnum; /* the number of its next record, */
	const unsigned char *_msg_ptr; /* and where that is */
} ns_msg;

#define ns_msg_id(m)		 ((m)._id + 0)
#define ns_msg_base(m)		 ((m)._msg + 0)
#define ns_msg_end(m)		 ((m)._eom + 0)
#define ns_msg_size(m)		 ((m)._eom - (m)._msg)
#define ns_msg_count(m, section) ((m)._counts[section] + 0)

typedef struct __ns_rr {
	char name[NS_MAXDNAME];
	uint16_t type, rr_class;
	uint32_t ttl;
	uint16_t rdlength;
	const unsigned char *rdata;
} ns_rr;

#define ns_rr_name(rr)	((rr).name[0] ? (rr).name : ".")
#define ns_rr_type(rr)	((ns_type)((rr).type + 0))
#define ns_rr_class(rr) ((ns_class)((rr).rr_class + 0))
#define ns_rr_ttl(rr)	((rr).ttl + 0)
#define ns_rr_rdlen(rr) ((rr).rdlength + 0)
#define ns_rr_rdata(rr) ((rr).rdata + 0)

/* -1 with EMSGSIZE: the message is cut short, or something follows it. */
int ns_initparse(const unsigned char *msg, int len, ns_msg *m);
/* Record `nr` of a section (-1: the next one). -1 with ENODEV: it has none; EMSGSIZE. */
int ns_parserr(ns_msg *m, ns_sect section, int nr, ns_rr *rr);
/* How many bytes so many records take. */
int ns_skiprr(const unsigned char *at, const unsigned char *end, ns_sect section, int count);
int ns_msg_getflag(ns_msg m, int flag);
/* dn_expand, and dn_skipname which moves *at. */
int ns_name_uncompress(const unsigned char *msg, const unsigned char *end, const unsigned char *at,
		       char *name, size_t room);
int ns_name_skip(const unsigned char **at, const unsigned char *end);

unsigned ns_get16(const unsigned char *p);
unsigned long ns_get32(const unsigned char *p);
void ns_put16(unsigned v, unsigned char *p);
void ns_put32(unsigned long v, unsigned char *p);

#define NS_GET16(v, p) ((v) = (uint16_t)ns_get16(p), (void)((p) += 2))
#define NS_GET32(v, p) ((v) = (uint32_t)ns_get32(p), (void)((p) += 4))
#define NS_PUT16(v, p) (ns_put16(v, p), (void)((p) += 2))
#define NS_PUT32(v, p) (ns_put32(v, p), (void)((p) += 4))
#define GETSHORT       NS_GET16
#define GETLONG	       NS_GET32
#define PUTSHORT       NS_PUT16
#define PUTLONG	       NS_PUT32

#define QUERY	       ns_o_query
#define NOERROR	       ns_r_noerror
#define FORMERR	       ns_r_formerr
#define SERVFAIL       ns_r_servfail
#define NXDOMAIN       ns_r_nxdomain
#define NOTIMP	       ns_r_notimpl
#define REFUSED	       ns_r_refused

#define C_IN	       ns_c_in
#define C_CHAOS	       ns_c_chaos
#define C_HS	       ns_c_hs
#define C_NONE	       ns_c_none
#define C_ANY	       ns_c_any

#define T_A	       ns_t_a
#define T_NS	       ns_t_ns
#define T_CNAME	       ns_t_cname
#define T_SOA	       ns_t_soa
#define T_MB	       ns_t_mb
#define T_MG	       ns_t_mg
#define T_MR	       ns_t_mr
#define T_NULL	       ns_t_null
#define T_WKS	       ns_t_wks
#define T_PTR	       ns_t_ptr
#define T_HINFO	       ns_t_hinfo
#define T_MINFO	       ns_t_minfo
#define T_MX	       ns_t_mx
#define T_TXT	       ns_t_txt
#define T_RP	       ns_t_rp
#define T_AFSDB	       ns_t_afsdb
#define T_SIG	       ns_t_sig
#define T_KEY	       ns_t_key
#define T_AAAA	       ns_t_aaaa
#define T_LOC	       ns_t_loc
#define T_NXT	       ns_t_nxt
#define T_SRV	       ns_t_srv
#define T_NAPTR	       ns_t_naptr
#define T_CERT	       ns_t_cert
#define T_DNAME	       ns_t_dname
#define T_OPT	       ns_t_opt
#define T_DS	       ns_t_ds
#define T_SSHFP	       ns_t_sshfp
#define T_RRSIG	       ns_t_rrsig
#define T_NSEC	       ns_t_nsec
#define T_DNSKEY       ns_t_dnskey
#define T_TLSA	       ns_t_tlsa
#define T_TKEY	       ns_t_tkey
#define T_TSIG	       ns_t_tsig
#define T_IXFR	       ns_t_ixfr
#define T_AXFR	       ns_t_axfr
#define T_ANY	       ns_t_any
#define T_CAA	       ns_t_caa

#ifdef __cplusplus
}
#endif

#endif
