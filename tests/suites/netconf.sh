# A pair of devices for netconf (c/netconf.c), which sees what each word of net.ipv4 and net.ipv6 changes.
export PATH=/usr/sbin:/usr/bin LC_ALL=C
ip() { /usr/sbin/ip -c=never "$@"; }
mount -t tmpfs none /run
cd /proc/sys/net
[ ! -e ipv4/tcp_no_metrics_save ] || echo 1 > ipv4/tcp_no_metrics_save # no connection shall know of another one
ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
echo 1 > ipv6/conf/v1/disable_ipv6
echo 0 > ipv6/conf/v0/accept_dad
for p in ipv4/icmp_ratelimit ipv4/conf/v0/send_redirects ipv4/conf/all/send_redirects ipv4/conf/v0/rp_filter ipv4/route/redirect_load \
	ipv6/conf/v0/router_solicitations; do
	echo 0 > $p
done
ip addr add 10.9.0.1/24 dev v0
ip addr add 10.7.7.7/32 dev lo
ip link set v1 up
ip link set v0 up
ip addr add fe80::1/64 dev v0 nodad
ip addr add fd00::1/64 dev v0 nodad
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
ip neigh replace fd00::2 lladdr 02:00:00:00:00:02 dev v0
ip route add 10.8.0.2 dev v0 src 10.7.7.7
ip neigh replace 10.8.0.2 lladdr 02:00:00:00:00:02 dev v0
ip route add 10.88.0.0/16 via 10.9.0.2
echo 1 > ipv4/ip_forward
echo 1 > ipv6/conf/v0/forwarding
echo 2 > ipv6/conf/v0/accept_ra
echo 1 > ipv4/conf/v0/send_redirects
for p in 4 6; do echo 100 > ipv$p/neigh/v0/retrans_time_ms; done
echo 1 > ipv4/neigh/v0/ucast_solicit
echo 0 > ipv6/conf/all/enhanced_dad
ip link add w0 type veth peer name w1
echo 1 > ipv6/conf/w1/disable_ipv6
echo 0 > ipv6/conf/w0/accept_dad
ip addr add 10.10.0.1/24 dev w0
ip link set w1 up
echo 20 > ipv4/conf/w0/igmpv3_unsolicited_report_interval
echo 20 > ipv6/conf/w0/mldv2_unsolicited_report_interval
echo 20 > ipv4/conf/w0/igmpv2_unsolicited_report_interval
echo 20 > ipv6/conf/w0/mldv1_unsolicited_report_interval
echo 0 > ipv6/conf/w0/router_solicitations
i=0
while ip addr show | grep -q tentative && [ $i -lt 60 ]; do # until its own addresses are settled
	i=$((i + 1))
	sleep .5
done
echo 1 > ipv6/conf/v0/accept_dad
/netconf 2>&1
echo == sockets
/netconf_sock 2>&1
echo == neigh
ls -1 ipv4/neigh
cat ipv4/neigh/default/base_reachable_time ipv4/neigh/default/unres_qlen ipv4/neigh/v0/retrans_time
echo 45 > ipv4/neigh/default/base_reachable_time
echo 3 > ipv4/neigh/default/unres_qlen
cat ipv4/neigh/default/base_reachable_time_ms ipv4/neigh/v0/base_reachable_time_ms ipv4/neigh/default/unres_qlen
echo == carrier
wait_for() { # what ip says of v0, or no more
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		ip link show v0 | grep -q $1 && return
		sleep .5
	done
	echo no $1
}
for keep in 0 1; do
	echo $((1 - keep)) > ipv4/conf/v0/arp_evict_nocarrier
	echo $((1 - keep)) > ipv6/conf/v0/ndisc_evict_nocarrier
	ip neigh replace 10.9.0.50 lladdr 02:00:00:00:00:50 nud stale dev v0
	ip neigh replace fd00::50 lladdr 02:00:00:00:00:50 nud stale dev v0
	ip link set v1 down
	wait_for NO-CARRIER
	ip neigh show dev v0 | grep 50
	ip neigh flush dev v0
	ip link set v1 up
	wait_for LOWER_UP
	echo kept $keep
done
ip link del v0
ip link del w0
ls -1 ipv4/neigh
