# What Debian's iproute2, net-tools and ping say of the loopback, and how they change it. Run by busybox sh
# on Linux and on Tarn; what differs from run to run (times, counters) is cut out.
export PATH=/usr/sbin:/usr/bin LC_ALL=C
ip='/usr/sbin/ip -c=never'
ifconfig() { /usr/sbin/ifconfig "$@"; }
route() { /usr/sbin/route "$@"; }
arp() { /usr/sbin/arp "$@"; }
netstat() { /usr/bin/netstat "$@"; }
ping() { /usr/bin/ping "$@"; }
s() { echo "== $*"; }
s up
$ip link set lo up
$ip addr show lo
$ip -o link show lo
$ip -s link show lo | grep -v '^ *[0-9 ]*$'
$ip route show table all | sort
$ip -6 route show table all | sort
$ip rule
$ip -6 rule
$ip neigh
$ip maddr show dev lo 2>&1 | grep -v 'inet6 ff01' | head -2
s addresses
$ip addr add 10.1.2.3/24 dev lo label lo:x
$ip addr add 10.1.2.4/24 dev lo
$ip addr add 10.9.9.9 peer 10.9.9.10 dev lo
$ip addr add 2001:db8::1/64 dev lo
$ip addr add fd00::5/128 dev lo preferred_lft 0
$ip addr show lo
$ip -4 -o addr show to 10.0.0.0/8
$ip addr add 10.1.2.3/24 dev lo
$ip addr add 10.1.2.3/33 dev lo
$ip addr del 10.77.0.1/24 dev lo
$ip addr del 2001:db8::77/64 dev lo
$ip addr add 10.1.2.5/24 dev nosuch
s routes
$ip route add 192.168.7.0/24 dev lo metric 5
$ip route add 192.168.7.0/24 dev lo metric 5
$ip route append 192.168.7.0/24 dev lo metric 9
$ip route add 192.168.8.0/24 via 10.1.2.77 mtu 1400 advmss 1000 initcwnd 20
$ip route add default via 10.1.2.1
$ip route add unreachable 172.16.0.0/12
$ip route add blackhole 172.17.0.0/16
$ip route add prohibit 172.18.0.0/16
$ip route add 192.168.9.0/24 via 99.99.99.99 dev lo
$ip route
$ip route show 192.168.0.0/16
$ip route show root 192.168.7.0/24 proto boot
$ip route replace 192.168.7.0/24 dev lo metric 5 src 10.1.2.4
$ip route change 192.168.77.0/24 dev lo
$ip route show 192.168.7.0/24
$ip route get 192.168.7.9
$ip route get 127.0.0.1
$ip route get 172.16.1.1
$ip route get 172.17.1.1
$ip route get 172.18.1.1
$ip route get 10.1.2.9 from 10.1.2.3
$ip route del 192.168.7.0/24
$ip route del 192.168.7.0/24
$ip route del 192.168.7.0/24
$ip -6 route add 2001:db8:9::/48 dev lo
$ip -6 route add 2001:db8:a::/48 via 2001:db8::99
$ip -6 route add unreachable 2001:db8:b::/48
$ip -6 route add 2001:db8:c::/48 via 2001:db8:9999::1 dev nosuch
$ip -6 route
$ip -6 route get 2001:db8:9::1
$ip -6 route get ::1
$ip -6 route get 2001:db8:b::1
$ip -6 route del 2001:db8:9::/48
$ip -6 route del 2001:db8:9::/48
s "old tools"
ifconfig lo | grep -v packets | sort
ifconfig lo:y 10.5.5.5 netmask 255.255.0.0
ifconfig lo:y
ifconfig lo:y down
ifconfig lo:y 2>&1
ifconfig nosuch
route -n
route add -net 10.66.0.0 netmask 255.255.0.0 dev lo
route add -host 10.67.0.1 dev lo
route add -net 10.66.0.0 netmask 255.255.0.0 dev lo
route -n | grep 10.6
route del -net 10.66.0.0 netmask 255.255.0.0
route del -net 10.66.0.0 netmask 255.255.0.0
arp -n
netstat -rn | tail -n +3
ip6tables -L 2>/dev/null | head -1
s ping
ping -c 2 -q 127.0.0.1 | sed 's/, time.*//; /rtt/d'
ping -c 1 -s 20000 -q 10.1.2.3 | sed 's/, time.*//; /rtt/d'
ping -c 1 ::1 | sed 's/time=.*//; s/, time.*//; /rtt/d'
ping -c 1 -s 70000 ::1 2>&1
ping -c 1 -s 65000 -q ::1 | sed 's/, time.*//; /rtt/d'
ping -c 1 -q 2001:db8::1 | sed 's/, time.*//; /rtt/d'
ping -c 1 172.16.1.1 2>&1 | head -2
ping -c 1 2001:db8:b::1 2>&1 | head -2
s "names and groups of devices"
$ip link set lo alias 'the loopback'
$ip link set lo group 7
$ip link show group 7
$ip link set group 7 mtu 60000
$ip link set group 8 mtu 50000
$ip link show lo
for f in carrier_changes carrier_up_count dev_port ifalias iflink netdev_group proto_down speed testing; do
	cat /sys/class/net/lo/$f 2>&1 | sed "s/^/$f: /; s/cat: [^ ]* //"
done
cat /sys/class/net/lo/subsystem/lo/address
echo 3 > /sys/class/net/lo/netdev_group
$ip link show group 3 | head -1
$ip link set lo alias ''
$ip link set lo group default mtu 65536
$ip link show lo
/usr/sbin/bridge link
$ip mroute
$ip -6 mroute
$ip addr add 10.1.2.9/24 dev lo scope host 2>&1
s down
$ip route flush dev lo scope link
$ip addr flush dev lo label lo:x
$ip addr show lo
$ip link set lo mtu 1000
$ip link set lo mtu 65536
$ip link set lo txqueuelen 77
$ip link show lo
$ip link set lo down
$ip addr show lo
$ip route
$ip -6 route show table all
$ip link set lo up
$ip addr show lo
$ip link set nosuch up
$ip link del lo
$ip link set lo name other
