# What Linux tells of its network, and counts: /proc/net, ss and nstat of Debian's iproute2, netstat of its
# net-tools, over sockets that socat opens. Run by dash on Linux and on Tarn; numbers that differ from run to run
# (inodes, pids, ports, timers) are cut out.
export PATH=/usr/sbin:/usr/bin LC_ALL=C
exec 2>&1
s() { echo "== $*"; }
# a file of /proc/net with its blanks squeezed, without addresses of structures and inodes
p() { sed -E 's/ +/ /g; s/ $//; s/^ *[0-9]+: /N: /; s/\b0[0-9]:0[0-9A-F]{7}\b/T/; s/(alloc [0-9]+) mem [0-9]+/\1/' /proc/net/$1 | cut -d' ' -f "${2:-1-}"; }
# what ss says, without names of processes' numbers
x() { ss "$@" 2> /dev/null | sed -E 's/ +/ /g; s/ $//; s/pid=[0-9]+/pid=N/g; s/sec,/s,/; s/timer:\([a-z]+,[^)]*\)/timer/; s/ino:[0-9]+/ino/; s/sk:[0-9a-f]+/sk/; s/ cgroup:[^ ]*//; s/:(3[2-9]|[45][0-9]|60)[0-9]{3}\b/:port/g'; }
until_so() { i=0; until eval "$1"; do i=$((i + 1)); [ $i -lt 100 ] || break; sleep .1; done; }
ip link set lo up
s idle
p snmp | grep -v '^Tcp'
p sockstat | tail -n +2
p sockstat6
p route
p rt_cache
p arp
p mcfilter
p mcfilter6
p igmp
p ip6_flowlabel
p anycast6
p psched
p ptype
p dev_mcast
p udplite
p udplite6
sed -n '/^Local/,$p' /proc/net/fib_trie | grep -v '+--' | sed 's/^ *//'
sed -n '/^Local/,$p' /proc/net/fib_triestat | grep -E 'Leaves|Prefixes'
s counted
ping -c 2 -q 127.0.0.1 | grep -o '. received'
ping -c 1 -s 20000 -q 127.0.0.1 | grep -o '. received'
ping -c 1 -q ::1 | grep -o '. received'
ping -c 1 -s 3000 -q ::1 | grep -o '. received'
socat UDP4-LISTEN:7003 PIPE 2> /dev/null &
first=$!
socat UDP6-LISTEN:7004 PIPE 2> /dev/null &
second=$!
until_so '[ "$(ss -Huln | wc -l)" = 2 ]'
echo one | socat -t1 - UDP4:127.0.0.1:7003
echo two | socat -t1 - 'UDP6:[::1]:7004'
echo three | socat -t1 - UDP4:127.0.0.1:7999 2> /dev/null
ip route add 10.9.9.9 dev lo mtu 1000
p snmp | grep -v '^Tcp'
p snmp6
p netstat | grep -A1 '^IpExt' | head -1
p netstat | grep '^IpExt' | tail -1 | cut -d' ' -f 2-13
p netstat | sed -n 1p
nstat -asz | grep -E '^(Ip|Icmp|Udp)[IO]' | sed -E 's/ +/ /g; s/ 0.0$//'
netstat -s | sed -n '/^Ip:/,/^Tcp:/p' | grep -v Tcp
netstat -su | sed -n '/^Udp:/,/^[^U ]/p' | grep '^  '
kill $first $second 2> /dev/null
wait
s sockets
socat TCP4-LISTEN:7001,fork EXEC:cat 2> /dev/null &
socat TCP6-LISTEN:7002,ipv6only EXEC:cat 2> /dev/null &
socat UDP4-LISTEN:7005 PIPE 2> /dev/null &
socat UNIX-LISTEN:/tmp/u,fork PIPE 2> /dev/null &
socat -u IP4-RECV:200 /dev/null 2> /dev/null &
socat -u INTERFACE:lo /dev/null 2> /dev/null &
until_so 'ss -Hltn | grep -q 7001 && ss -Hltn | grep -q 7002 && ss -Hlx | grep -q /tmp/u && ss -Huln | grep -q 7005'
until_so 'ss -H0a | grep -q lo && ss -Hwan | grep -q :200'
mkfifo /tmp/hold
socat - TCP4:127.0.0.1:7001 < /tmp/hold 2> /dev/null &
exec 3> /tmp/hold
until_so 'ss -Htn state established | grep -q :7001'
x -tan | sort
x -tanp | grep socat | sort
x -ltnpe | sort
x -uanp
x -wan
x -0anp
x -xl | grep /tmp/u | cut -d' ' -f 1-5
x -A netlink -a | grep -E 'rtnl:kernel|tcpdiag:kernel|uevent:kernel' | cut -d' ' -f 1,3-
x -taom | grep -v '^State' | sort | cut -d' ' -f 1-5
x -tan 'sport = :7001' | sort
x -s | grep -v Total
p tcp 1-9 | sed -E 's/:[89A-E][0-9A-F]{3} /:PORT /g' | sort
p tcp6 1-9
p udp 1-9
p udp6
p raw 1-9
p raw6
p packet 3-7
p sockstat | tail -n +2
p sockstat6
p unix | grep /tmp/u | cut -d' ' -f 3-6,8-
p ptype
netstat -tuwan | sed -E 's/ +/ /g; s/:(3[2-9]|[45][0-9]|60)[0-9]{3}\b/:port/g' | sort
netstat -xl | grep -c /tmp/u
netstat -g | sed 's/ *$//' | grep -v ff01
s destroy
x -K -t 'dport = :7001' | sort
x -tan 'sport = :7001 or dport = :7001'
x -K -tl 'sport = :7002'
x -tln
s errors
cat /proc/net/nothing
(echo 1 > /proc/net/snmp) 2>&1 | sed 's/.*echo: /echo: /'
s monitor
killall socat
until_so '! ss -H0a | grep -q lo'
ip monitor all > /tmp/monitor &
monitor=$!
until_so 'ss -Ha -f netlink | grep -q rtnl:ip'
ip addr add 10.7.7.7/24 dev lo
ip route add 10.8.8.0/24 dev lo
ip route change 10.8.8.0/24 dev lo mtu 1000
ip -6 route add fd01::/64 dev lo
ip link set lo mtu 60000
ip addr del 10.7.7.7/24 dev lo
ip link set lo down
sleep .5
kill $monitor
sed -n '/Deleted/q; p' /tmp/monitor
sed -n '/Deleted/,/LOOPBACK>/p' /tmp/monitor | grep -v -e LOOPBACK -e 'NEIGH.* dev lo ' | sort
grep -c '^.LINK.*<LOOPBACK> mtu 60000.* state DOWN' /tmp/monitor
