# Pairs that are made, moved and removed, and networks that end, by several at once, with pings on their way and others
# who look on. Nothing is to be left of them.
export PATH=/usr/sbin:/usr/bin
ip() { /usr/sbin/ip -c=never "$@"; }
mount -t tmpfs none /run
ip link set lo up
for n in 0 1 2; do ip netns add n$n; done
mover() { # number, rounds
	i=0
	while [ $i -lt $2 ]; do
		a=n$((i % 3)) b=n$(((i + $1) % 3))
		ip link add p$1 type veth peer name q$1
		ip addr add 10.$1.0.1/24 dev p$1
		ip link set p$1 up
		ip link set q$1 netns $a
		ip -n $a addr add 10.$1.0.2/24 dev q$1
		ip -n $a link set q$1 up
		/usr/bin/ping -i 0.002 -c 200 -W 0.1 -q 10.$1.0.2 > /dev/null &
		ip -n $a link set q$1 netns $b
		ip link set p$1 netns $a
		ip -n $a link set p$1 up
		[ $((i % 4)) = 3 ] && ip netns del $a && ip netns add $a
		ip -n $a link del p$1
		ip -n $b link del q$1
		i=$((i + 1))
	done
}
onlooker() {
	i=0
	while [ $i -lt $1 ]; do
		for n in 0 1 2; do ip -n n$n addr; ip -n n$n netns list-id; done
		ip link
		cat /proc/net/dev /proc/net/if_inet6
		i=$((i + 1))
	done
}
(for n in 1 2 3; do mover $n $1 & done; onlooker $1 & wait) > /dev/null 2>&1
for n in 0 1 2; do ip netns del n$n; done
for i in 1 2 3 4 5 6 7 8 9 10; do [ $(ls /sys/class/net | wc -l) = 1 ] && break; sleep 1; done
ls -1 /sys/class/net
echo over
