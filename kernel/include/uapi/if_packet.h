/*
 * uapi/if_packet.h - packet(7): addresses, options, and the ring of received frames.
 */
#ifndef UAPI_IF_PACKET_H
#define UAPI_IF_PACKET_H

#include <uapi/types.h>

#define ETH_P_ALL 0x0003 /* linux/if_ether.h */

struct sockaddr_ll {
	unsigned short sll_family;
	__u16 sll_protocol; /* big-endian */
	int sll_ifindex;
	unsigned short sll_hatype;
	unsigned char sll_pkttype;
	unsigned char sll_halen;
	unsigned char sll_addr[8];
};

#define PACKET_HOST			   0
#define PACKET_BROADCAST		   1
#define PACKET_MULTICAST		   2
#define PACKET_OTHERHOST		   3
#define PACKET_OUTGOING			   4

#define PACKET_ADD_MEMBERSHIP		   1
#define PACKET_DROP_MEMBERSHIP		   2
#define PACKET_RX_RING			   5
#define PACKET_STATISTICS		   6
#define PACKET_COPY_THRESH		   7
#define PACKET_AUXDATA			   8
#define PACKET_ORIGDEV			   9
#define PACKET_VERSION			   10
#define PACKET_HDRLEN			   11
#define PACKET_RESERVE			   12
#define PACKET_TX_RING			   13
#define PACKET_LOSS			   14
#define PACKET_VNET_HDR			   15
#define PACKET_TIMESTAMP		   17
#define PACKET_FANOUT			   18
#define PACKET_ROLLOVER_STATS		   21
#define PACKET_FANOUT_DATA		   22
#define PACKET_IGNORE_OUTGOING		   23

#define PACKET_FANOUT_HASH		   0
#define PACKET_FANOUT_LB		   1
#define PACKET_FANOUT_CPU		   2
#define PACKET_FANOUT_ROLLOVER		   3
#define PACKET_FANOUT_RND		   4
#define PACKET_FANOUT_QM		   5
#define PACKET_FANOUT_CBPF		   6
#define PACKET_FANOUT_EBPF		   7
#define PACKET_FANOUT_FLAG_ROLLOVER	   0x1000
#define PACKET_FANOUT_FLAG_UNIQUEID	   0x2000
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#define PACKET_FANOUT_FLAG_DEFRAG	   0x8000

struct fanout_args {
	__u16 id;
	__u16 type_flags;
	__u32 max_num_members;
};

struct tpacket_rollover_stats {
	__u64 tp_all;
	__u64 tp_huge;
	__u64 tp_failed;
};

#define PACKET_MR_MULTICAST 0
#define PACKET_MR_PROMISC   1
#define PACKET_MR_ALLMULTI  2
#define PACKET_MR_UNICAST   3

struct packet_mreq {
	int mr_ifindex;
	unsigned short mr_type;
	unsigned short mr_alen;
	unsigned char mr_address[8];
};

struct tpacket_stats {
	unsigned int tp_packets;
	unsigned int tp_drops;
};

struct tpacket_stats_v3 {
	unsigned int tp_packets;
	unsigned int tp_drops;
	unsigned int tp_freeze_q_cnt;
};

struct tpacket_auxdata {
	__u32 tp_status;
	__u32 tp_len;
	__u32 tp_snaplen;
	__u16 tp_mac;
	__u16 tp_net;
	__u16 tp_vlan_tci;
	__u16 tp_vlan_tpid;
};

#define TP_STATUS_KERNEL       0
#define TP_STATUS_USER	       (1 << 0)
#define TP_STATUS_COPY	       (1 << 1)
#define TP_STATUS_LOSING       (1 << 2)
#define TP_STATUS_CSUMNOTREADY (1 << 3)
#define TP_STATUS_BLK_TMO      (1 << 5)
#define TP_STATUS_CSUM_VALID   (1 << 7)
#define TP_STATUS_TS_SOFTWARE  (1 << 29)
/* Of a ring that sends. */
#define TP_STATUS_AVAILABLE    0
#define TP_STATUS_SEND_REQUEST (1 << 0)
#define TP_STATUS_SENDING      (1 << 1)
#define TP_STATUS_WRONG_FORMAT (1 << 2)

enum tpacket_versions { TPACKET_V1, TPACKET_V2, TPACKET_V3 };

struct tpacket_hdr {
	unsigned long tp_status;
	unsigned int tp_len;
	unsigned int tp_snaplen;
	unsigned short tp_mac;
	unsigned short tp_net;
	unsigned int tp_sec;
	unsigned int tp_usec;
};

struct tpacket2_hdr {
	__u32 tp_status;
	__u32 tp_len;
	__u32 tp_snaplen;
	__u16 tp_mac;
	__u16 tp_net;
	__u32 tp_sec;
	__u32 tp_nsec;
	__u16 tp_vlan_tci;
	__u16 tp_vlan_tpid;
	__u8 tp_padding[4];
};

struct tpacket_hdr_variant1 {
	__u32 tp_rxhash;
	__u32 tp_vlan_tci;
	__u16 tp_vlan_tpid;
	__u16 tp_padding;
};

struct tpacket3_hdr {
	__u32 tp_next_offset;
	__u32 tp_sec;
	__u32 tp_nsec;
	__u32 tp_snaplen;
	__u32 tp_len;
	__u32 tp_status;
	__u16 tp_mac;
	__u16 tp_net;
	union {
		struct tpacket_hdr_variant1 hv1;
	};
	__u8 tp_padding[8];
};

struct tpacket_bd_ts {
	unsigned int ts_sec;
	unsigned int ts_nsec;
};

/* The head of a block of TPACKET_V3. */
struct tpacket_hdr_v1 {
	__u32 block_status;
	__u32 num_pkts;
	__u32 offset_to_first_pkt;
	__u32 blk_len;
	__u64 seq_num;
	struct tpacket_bd_ts ts_first_pkt, ts_last_pkt;
};

union tpacket_bd_header_u {
	struct tpacket_hdr_v1 bh1;
};

struct tpacket_block_desc {
	__u32 version;
	__u32 offset_to_priv;
	union tpacket_bd_header_u hdr;
};

#define TP_FT_REQ_FILL_RXHASH 1

struct tpacket_req3 {
	unsigned int tp_block_size;
	unsigned int tp_block_nr;
	unsigned int tp_frame_size;
	unsigned int tp_frame_nr;
	unsigned int tp_retire_blk_tov; /* ms */
	unsigned int tp_sizeof_priv;
	unsigned int tp_feature_req_word;
};

struct tpacket_req {
	unsigned int tp_block_size;
	unsigned int tp_block_nr;
	unsigned int tp_frame_size;
	unsigned int tp_frame_nr;
};

#define TPACKET_ALIGNMENT 16
#define TPACKET_ALIGN(x)  (((x) + TPACKET_ALIGNMENT - 1) & ~(TPACKET_ALIGNMENT - 1))
#define TPACKET3_HDRLEN	  (TPACKET_ALIGN(sizeof(struct tpacket3_hdr)) + sizeof(struct sockaddr_ll))
#define TPACKET2_HDRLEN	  (TPACKET_ALIGN(sizeof(struct tpacket2_hdr)) + sizeof(struct sockaddr_ll))

UAPI_SIZE(struct sockaddr_ll, 20);
UAPI_SIZE(struct packet_mreq, 16);
UAPI_SIZE(struct tpacket_auxdata, 20);
UAPI_SIZE(struct tpacket2_hdr, 32);
UAPI_SIZE(struct tpacket3_hdr, 48);
UAPI_SIZE(struct tpacket_block_desc, 48);
UAPI_SIZE(struct tpacket_req3, 28);
UAPI_SIZE(struct fanout_args, 8);

#endif
