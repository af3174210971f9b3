# Networks joined by veth pairs, as Debian's iproute2 makes them: pairs, names, moves, numbers of networks, and what
# goes when one of them ends. Run by busybox sh on Linux and on Tarn; link addresses and hash-like numbers are cut out.
export PATH=/usr/sbin:/usr/bin LC_ALL=C
ip() { /usr/sbin/ip -c=never "$@"; }
cut() { sed 's/link\/ether [0-9a-f:]* /link\/ether MAC /; s/inet6 fe80:[0-9a-f:]*/inet6 fe80::X/; /valid_lft/d; s/ proto kernel_ll//'; }
ping() { short /usr/bin/ping "$@"; }
short() { "$@" 2>&1 | sed 's/, time.*//; /rtt/d; /^$/d'; }
settled() { # IPv6 has tried its addresses: the arguments are ip's
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		ip "$@" | grep -q fe80 && ! ip "$@" | grep -q tentative && return
		sleep .5
	done
}
s() { echo "== $*"; }
until_there() { # what to look for, the command: it may take a moment (carrier is told of by a task of its own)
	what=$1
	shift
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$@" | grep -q "$what" && return
		sleep .5
	done
	echo "no $what: $*"
}
mount -t tmpfs none /run
s pair
ip link set lo up
ip link add v0 type veth peer name v1
ip link show type veth | cut
ip link set v0 up
ip link show v0 | cut
ip addr add 10.5.0.1/24 dev v0
ip route
ip link set v1 up
until_there LOWER_UP ip link show v0
until_there LOWER_UP ip link show v1
ip link show type veth | cut
ip -d link show v0 | grep -o ' veth '
ip route
cat /sys/class/net/v0/carrier /sys/class/net/v0/operstate
ip link set v1 down
until_there NO-CARRIER ip link show v0
ip link show v0 | cut
ip route
ip link del v1
ip link show v0
s wrong
ip link add v0 type veth peer name v0
ip link add lo type veth peer name v1
ip link show v1
ip link add v2 type veth peer name lo
ip link show v2
ip link add v3 mtu 60 type veth peer name v4
ip link add v3 mtu 70000 type veth
ip link add v3 address 01:02:03:04:05:06 type veth
ip link add v3 type veth peer address 00:00:00:00:00:00
ip link add v3 type nosuch
ip link add v3 index 77 mtu 1400 txqueuelen 5 address 02:00:00:00:00:01 type veth peer name v4 index 78 mtu 1300 address 02:00:00:00:00:02
ip link show type veth
ip link add v5 index 77 type veth
ip link add v3 type veth
ip link del v3
ip link add type veth
ip link show type veth | cut
ip link del veth0
ip link del veth0
ip link del lo
ip link set lo netns 1
s networks
ip netns add a
ip netns add b
ip netns list | sort
ip netns add a
ip netns list-id
ip link add v0 netns a type veth peer name v1 netns b
ip link show v0
ip -n a link show v0 | cut
ip -n b link show v1 | cut
ip -n a netns list-id
ip link add w0 type veth peer name w1
ip link set w1 netns a
ip link show w0 | cut
ip -n a link show w1 | cut
ip netns list-id
ip link set w0 netns nosuch
ip link set w0 netns 99999
ip link set w0 netns b name v1
ip link show w0 | cut
ip -n b link set v1 name w0
ip link set w0 netns b
ip link set w0 netns b name v1
ip -n b link show | cut
s numbers
ip netns set a 7
ip netns set b 7
ip netns set b 12
ip netns set a 8
ip netns list-id
ip netns list-id nsid 12
ip netns list-id nsid 13
ip netns list | sort
ip link set v1 netns 1
ip -n b link set v1 netns 1 name v9
ip link show v9 | cut
ip link set v9 netns b name v1
s traffic
ip -n a addr add 10.6.0.1/24 dev v0
ip -n b addr add 10.6.0.2/24 dev v1
ip -n a -6 addr add 2001:db8::1/64 dev v0 nodad
ip -n b -6 addr add 2001:db8::2/64 dev v1 nodad
ip -n a link set v0 up
ip -n b link set v1 up
until_there LOWER_UP ip -n a link show v0
short ip netns exec a ping -c 2 -q 10.6.0.2
short ip netns exec a ping -c 1 -s 20000 -q 10.6.0.2
settled -n a -6 addr show dev v0
settled -n b -6 addr show dev v1
short ip netns exec b ping -c 1 -q 2001:db8::1
short ip netns exec a ping -c 1 -q -W 1 10.6.0.3 | tail -1
ip -n a neigh show 10.6.0.2 | sed 's/lladdr .*//'
ip -n a addr show v0 | cut
ip -n b route
ip -n b -6 route
ip netns exec a ls -1 /sys/class/net
ip netns exec a cat /proc/net/dev | sed '1,2d; s/:.*//' | sort
s "what was configured stays behind"
ip -n a link set v0 mtu 1400 txqueuelen 33
ip -n a link set v0 netns b name v0
ip -n b addr show v0 | cut
ip -n a link | cut
ip -n b link set v0 netns a
ip -n a link set v0 up
ip -n a route
s forwarding
ip link add x0 type veth peer name x1 netns a
ip addr add 10.7.0.1/24 dev x0
ip link set x0 up
ip -n a addr add 10.7.0.2/24 dev x1
ip -n a link set x1 up
ip -n a addr add 10.6.0.1/24 dev v0
ip route add 10.6.0.0/24 via 10.7.0.2
ip -n b route add 10.7.0.0/24 via 10.6.0.1
until_there LOWER_UP ip link show x0
until_there LOWER_UP ip -n a link show v0
ping -c 1 -q 10.6.0.1
ping -c 1 -W 1 -q 10.6.0.2 | tail -1
ip netns exec a sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
ping -c 1 -q 10.6.0.2
s redirects
conf() { # network, device: what it says of redirects
	ip netns exec $1 sh -c "cd /proc/sys/net/ipv4/conf; head -n 1 all/*redirects $2/*redirects $2/shared_media all/shared_media" | grep .
}
set_conf() { ip netns exec $1 sh -c "echo $3 > /proc/sys/net/ipv4/conf/$2"; }
conf b v1
ip netns exec b sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; head -n 1 /proc/sys/net/ipv4/conf/*/accept_redirects' | grep .
ip -n b neigh replace 10.6.0.77 lladdr 02:00:00:00:00:77 dev v1 nud permanent
ip -n a neigh replace 10.6.0.77 lladdr 02:00:00:00:00:77 dev v0 nud permanent
ip -n b route add 10.9.0.0/24 via 10.6.0.77
ip -n a route add 10.9.0.0/24 via 10.6.0.2
ip netns exec a sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward'
told() { ip netns exec a ping -c 1 -W 1 $1 2>&1 | grep -i redirect; ip -n a route get $1 | sed 's/ uid.*//; s/expires.*//'; }
told 10.9.0.1
told 10.9.0.2
ip -n a route show cache | sed 's/expires.*//' | sort
s "redirects that are not sent or not heeded"
set_conf b v1/send_redirects 0
set_conf b all/send_redirects 0
told 10.9.0.3
set_conf b v1/send_redirects 1
sleep 1
set_conf a all/accept_redirects 0
set_conf a v0/accept_redirects 0
told 10.9.0.4
set_conf a v0/accept_redirects 1
set_conf a all/shared_media 0
set_conf a v0/shared_media 0
sleep 1
told 10.9.0.5
set_conf a all/secure_redirects 0
set_conf a v0/secure_redirects 0
sleep 1
told 10.9.0.6
ip -n a route replace 10.9.0.0/24 via 10.6.0.9
ip -n a route get 10.9.0.1 | sed 's/ uid.*//'
ip -n b route del 10.9.0.0/24
s end
ip netns del a
for i in 1 2 3 4 5 6 7 8 9 10; do ip link show x0 > /dev/null 2>&1 || break; sleep .5; done
ip link show x0
ip -n b link show v1
ip netns list-id
ip netns list
ip netns del b
ip netns del b
