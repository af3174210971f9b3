# Packets from addresses that are the receiver's own: told of in the kernel's log once that is wished.
export PATH=/usr/sbin:/usr/bin
ip() { /usr/sbin/ip -c=never "$@"; }
mount -t tmpfs none /run
ip netns add b
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 netns b
ip addr add 10.5.0.1/24 dev v0
ip addr add 10.5.0.3/24 dev v0
ip link set v0 up
ip -n b addr add 10.5.0.2/24 dev v1
ip -n b addr add 10.5.0.1/32 dev lo
ip -n b link set lo up
ip -n b link set v1 up
for a in 3 4; do ip -n b neigh replace 10.5.0.$a lladdr 02:00:00:00:00:01 dev v1; done
ip netns exec b /usr/bin/ping -c 1 -W 5 10.5.0.3 | grep -c 'from 10.5.0.3'
ip netns exec b /usr/bin/ping -c 1 -W 1 -I 10.5.0.1 10.5.0.3 > /dev/null
echo 1 > /proc/sys/net/ipv4/conf/v0/log_martians
ip addr add 10.5.0.4/24 dev v0
ip netns exec b /usr/bin/ping -c 1 -W 1 -I 10.5.0.1 10.5.0.4 > /dev/null
echo over
