# Our own network programs over the loopback: nc, ifconfig, ping, httpget. Run by busybox sh on Linux and on
# Tarn; what differs from run to run (times, counters, ports) is cut out.
export PATH=/bin LC_ALL=C
# by their paths: busybox's shell prefers its own
nc=/ours/nc ifconfig=/ours/ifconfig ping=/ours/ping httpget=/ours/httpget
s() { echo "== $*"; }
listens() { until grep -q ":$(printf %04X "$1") " /proc/net/tcp /proc/net/tcp6 /proc/net/udp6; do sleep .05; done; }
device() { $ifconfig lo | grep -v received; }
cd /tmp || exit 1
# another program may have been here
$ifconfig lo:1 down 2> /dev/null
$ifconfig lo up
$ifconfig lo down

s ifconfig
$ifconfig -a | grep -c LOOPBACK
device
$ifconfig lo up
device
$ifconfig lo:7 10.7.0.1/24
$ifconfig lo add fd00:7::1/64
$ifconfig lo mtu 1500
device
$ifconfig lo:7 netmask 255.255.0.0
$ifconfig lo mtu 65536
device
$ifconfig lo:7 down
$ifconfig lo del fd00:7::1/64
device
$ifconfig nosuch 2>&1
$ifconfig nosuch up 2>&1
$ifconfig lo 10.1.1.300 2>&1
$ifconfig lo 10.1.1.1/33 2>&1
$ifconfig lo del fd00:9::9/64 2>&1
$ifconfig lo what 2>&1
$ifconfig lo what 7 2>&1

s nc over TCP
dd if=/dev/urandom of=a bs=64k count=16 2> /dev/null
dd if=/dev/urandom of=b bs=64k count=16 2> /dev/null
$nc -l -p 7001 < a > b.got &
listens 7001
$nc 127.0.0.1 7001 < b > a.got
wait
cmp a a.got && cmp b b.got && echo both ways
echo to 6 > in
$nc -6 -l 7002 < in &
listens 7002
$nc ::1 7002 < /dev/null
wait
$nc -d -v -k -l 127.0.0.1 7003 > out 2> log &
listens 7003
for i in 1 2 3; do echo "line $i" | $nc localhost 7003; done
$nc -z 127.0.0.1 7000-7005
until [ "$(cat out log | wc -l)" = 7 ]; do sleep .05; done
kill %1; wait
cat out; sed 's/port .*/port/' log
$nc -w 2 127.0.0.1 7004 < /dev/null 2>&1; echo $?
$nc -z -v 127.0.0.1 7004 2>&1; echo $?
$nc -6 127.0.0.1 7004 2>&1; echo $?
$nc 127.0.0.1 service 2>&1
$nc 2>&1 | head -1

s nc with datagrams
$nc -d -u -w 0 -l 7005 > out &
listens 7005
printf 'one datagram' | $nc -u -w 0 127.0.0.1 7005
wait
cat out; echo
echo back > in
$nc -u -w 0 -l ::1 7006 < in > out &
listens 7006
: > got
{ echo forth; until grep -q back got; do sleep .05; done; } | $nc -6 -u -w 0 localhost 7006 > got
wait
cat out got
$nc -u -w 1 127.0.0.1 7007 < in 2>&1; echo $?

s nc and Unix sockets
$nc -U -l sock < a > out &
until grep -q ' 00010000 .* sock$' /proc/net/unix; do sleep .05; done
echo through the file system | $nc -U sock | cmp a - && cat out
wait
rm -f sock
$nc -U sock 2>&1
$nc -d -U -u -w 0 -l sock > out &
until [ -S sock ]; do sleep .05; done
echo a datagram | $nc -U -u -w 0 sock
wait
cat out

s names
echo '127.0.0.1 localhost
::1 localhost six
127.0.0.1 four alias' > /etc/hosts
echo 'nameserver 127.0.0.2
options timeout:1 attempts:1' > /etc/resolv.conf
httpd -f -p 7010 -h /data &
listens 7010
for host in four six alias localhost '[::1]' 127.0.0.1; do $httpget "http://$host:7010/words" | cmp - /data/words && echo "$host"; done
$httpget -i http://four:7010/nothing | head -1
kill %%; wait
$httpget http://four:7010/ 2>&1
$httpget http://nosuch.invalid/ 2>&1
for host in four six localhost; do $ping -c 2 -i 0 $host | sed 's/ in .*//'; done
$ping -c 1 -s 20000 four | sed 's/ in .*//'
$ping -c 1 nosuch.invalid 2>&1
s end
