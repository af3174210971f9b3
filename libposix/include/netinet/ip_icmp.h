/*
 * netinet/ip_icmp.h - control messages: RFC 792.
 */
#ifndef _NETINET_IP_ICMP_H
#define _NETINET_IP_ICMP_H

#include <features.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdint.h>
#include <uapi/icmp.h>

#ifdef __cplusplus
extern "C" {
#endif

struct icmphdr {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	union {
		struct {
			uint16_t id;
			uint16_t sequence;
		} echo;
		uint32_t gateway;
		struct {
			uint16_t __unused;
			uint16_t mtu;
		} frag;
	} un;
};

#if __MISC_VISIBLE
struct icmp {
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint16_t icmp_cksum;
	union {
		unsigned char ih_pptr;
		struct in_addr ih_gwaddr;
		struct {
			uint16_t icd_id;
			uint16_t icd_seq;
		} ih_idseq;
		uint32_t ih_void;
		struct {
			uint16_t ipm_void;
			uint16_t ipm_nextmtu;
		} ih_pmtu;
	} icmp_hun;
	union {
		struct {
			uint32_t its_otime, its_rtime, its_ttime;
		} id_ts;
		struct {
			struct ip idi_ip;
		} id_ip;
		uint32_t id_mask;
		uint8_t id_data[1];
	} icmp_dun;
};
#define icmp_pptr	  icmp_hun.ih_pptr
#define icmp_gwaddr	  icmp_hun.ih_gwaddr
#define icmp_id		  icmp_hun.ih_idseq.icd_id
#define icmp_seq	  icmp_hun.ih_idseq.icd_seq
#define icmp_void	  icmp_hun.ih_void
#define icmp_nextmtu	  icmp_hun.ih_pmtu.ipm_nextmtu
#define icmp_otime	  icmp_dun.id_ts.its_otime
#define icmp_rtime	  icmp_dun.id_ts.its_rtime
#define icmp_ttime	  icmp_dun.id_ts.its_ttime
#define icmp_ip		  icmp_dun.id_ip.idi_ip
#define icmp_mask	  icmp_dun.id_mask
#define icmp_data	  icmp_dun.id_data

#define ICMP_UNREACH	  ICMP_DEST_UNREACH
#define ICMP_SOURCEQUENCH ICMP_SOURCE_QUENCH
#define ICMP_TIMXCEED	  ICMP_TIME_EXCEEDED
#define ICMP_PARAMPROB	  ICMP_PARAMETERPROB
#define ICMP_TSTAMP	  ICMP_TIMESTAMP
#define ICMP_TSTAMPREPLY  ICMP_TIMESTAMPREPLY
#define ICMP_MINLEN	  8
#define ICMP_MAXTYPE	  18
#endif

#ifdef __cplusplus
}
#endif

#endif
