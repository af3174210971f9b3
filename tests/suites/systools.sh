# What Debian's procps, util-linux, psmisc and lsof say of a machine. Run by bash on Linux and on Tarn; what
# differs from run to run (sizes, times, numbers of processes) is cut out or made one letter.
export PATH=/usr/sbin:/usr/bin LC_ALL=C TERM=linux HOME=/root
s() { echo "== $*"; }
n() { sed -E 's/[0-9]+(\.[0-9]+)?/N/g; s/ +/ /g; s/ $//'; }
rc() { "$@"; echo "rc $?"; }
mkdir -p /tmp /dev/pts /dev/shm /run
mount -t tmpfs -o size=1m,mode=1777 tmpfs /tmp
mountpoint -q /dev/pts || mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
cd /tmp
echo box > /proc/sys/kernel/hostname
sleep 1000 & sleeper=$!
(exec -a waiter bash -c 'sleep 1001; :') & waiter=$!
sleep 0.3
s ps
ps -o pid= -p $sleeper | grep -c .
ps -p $sleeper -o comm,args,stat,nice,tty,user,group,uid,gid,euid,ruid,cls,pri,rtprio,ni,nlwp,psr -h | sed 's/ [0-9]*$/ P/'
ps -p $sleeper -o ppid,pgid,sid,tpgid -h | n
ps -p $sleeper -o pcpu,pmem,vsz,rss,sz,time,etime,start -h | sed -E 's/[0-9:]+/N/g' | n | sed "s,^ ,,"
ps -p $sleeper -o pending,blocked,ignored,caught -h | n
ps -C waiter -o comm,args -h
ps --ppid $waiter -o comm -h
ps -o lstart= -p $$ | wc -w
ps axo comm | sort -u | grep -E '^(bash|sleep|ps)$'
ps aux | head -1
ps -ef | head -1
ps -el | head -1
ps axjf | head -1
ps -eLf | head -1
ps -o oom,oomadj,drs,trs,maj_flt,min_flt,supgrp,supgid,fuid,exe -h -p $sleeper | n
s top
top -b -n1 -w 120 | head -7 | n
top -b -n1 -w 120 -p $sleeper | tail -1 | n
s free
free | n
free -w -h | head -1
s vmstat
vmstat | n
vmstat -s | n
vmstat -m | head -1
s uptime
uptime | sed -E 's/^ [0-9:]+ up .*, +([0-9]+) users?,.*average: [0-9., ]+/up \1 users load/'
uptime -p | sed -E 's/[0-9]+ (minutes?|hours?|days?)/N/g;s/, N//'
uptime -s | wc -w
w -h | wc -l
s pgrep
pgrep -c -x sleep
pgrep -l -f 'sleep 1001' | n
pidof sleep | wc -w
rc pkill -f 'nothing such'
s pmap
pmap $sleeper | sed 1d | awk '{print $3, $4, $5}' | sort -u | grep -v '^$' | sed -E 's/[0-9]+K/N/'
pmap -x $sleeper | head -2 | tail -1
pmap -X $sleeper | sed -n 2p
s pwdx
pwdx $sleeper | n
s slabtop
slabtop -o | head -1 | n
s tload
s sysctl
sysctl kernel.ostype kernel.hostname kernel.pid_max vm.swappiness fs.file-nr 2>&1 | sed -E 's/[0-9]+/N/g'
sysctl -w kernel.hostname=box
hostname 2>/dev/null || cat /proc/sys/kernel/hostname
sysctl dev.tty
sysctl -a 2>/dev/null | cut -d= -f1 | grep -cE '^(kernel|vm|fs)\.' | sed 's/[0-9]*/N/'
s mount
mount | grep -E ' /(proc|sys|tmp) '
findmnt -n -o TARGET,FSTYPE,OPTIONS /tmp
findmnt -n -o SOURCE,TARGET,FSTYPE,FSROOT,PROPAGATION /tmp
findmnt -n -o MAJ:MIN /tmp | n
rc mountpoint /tmp
rc mountpoint /usr
mkdir -p /tmp/a /tmp/b
rc mount --bind /tmp/a /tmp/b
findmnt -n -o SOURCE,FSROOT /tmp/b
rc umount /tmp/b
rc mount -o remount,size=2m /tmp
findmnt -n -o OPTIONS /tmp
rc umount /tmp/nothing
s df
df /tmp | sed -E 's/ +/ /g'
df -i /tmp | head -1 | n
df -T /proc /sys /dev/pts 2>&1 | sed -E 's/ +/ /g'
stat -f -c '%T %s %S %l' /tmp /proc /sys /dev/pts
s stat
stat -c '%F %a %U %G %t %T %h' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/console /dev/ptmx /dev/kmsg 2>&1 | sort
ls -l /proc/self/exe | sed 's/.*-> //'
s lsblk
lsblk -d -n -o NAME,TYPE 2>&1 | grep -v -E '^(loop|ram|vda)' | head -3
s lscpu
lscpu 2>/dev/null | grep -E '^(Architecture|Byte Order|CPU\(s\)|On-line|Thread|Core|Socket)' | sed -E 's/[0-9,-]+$/N/' | n
lscpu -p=CPU,ONLINE | grep -v '#' | head -1
nproc | n
s getconf
for c in PAGESIZE CLK_TCK OPEN_MAX ARG_MAX NGROUPS_MAX CHILD_MAX IOV_MAX HOST_NAME_MAX LOGIN_NAME_MAX LONG_BIT NAME_MAX PATH_MAX PIPE_BUF LINK_MAX MAX_CANON MAX_INPUT _POSIX_VDISABLE FILESIZEBITS; do
	echo "$c $(getconf $c /tmp 2>&1)"
done
s pstree
pstree -A $waiter
pstree -A -p $waiter | n
s fuser
exec 7>/tmp/held
fuser /tmp/held 2>&1 | n | sed "s,\( N\)*$, N,"
fuser -v /tmp/held 2>&1 | n
fuser -m /tmp 2>&1 | grep -c .
exec 7>&-
rc fuser /tmp/held
prtstat $sleeper | grep -vE 'Code|Stack' | n
peekfd 2>&1 | head -1
s lsof
exec 7>/tmp/held 8</etc/passwd
(exec 7>&- 8<&-; exec sleep 77) <> /dev/null > /tmp/pipe 2>&1 & held=$!
sleep 0.2
lsof -p $held -n -P 2>&1 | awk '{print $1, $4, $5, $NF}' | sed -E 's/[0-9]+$/N/' | grep -v 'mem '
lsof /tmp/held | awk '{print $1, $4, $5, $NF}'
lsof -t /tmp/held | wc -l
kill $held
exec 7>&- 8<&-
s lslocks
exec 7>/tmp/lock
flock 7
lslocks -n -o COMMAND,TYPE,MODE,M,START,END,PATH 2>&1
rc flock -n /tmp/lock true
exec 7>&-
s lsipc
lsipc -n 2>/dev/null | awk '{print $1}' | head -12
ipcmk -M 4096 -p 600 | n
ipcs -m | tail -2 | cut -d' ' -f2- | n
ipcs -l | n
ipcrm -a 2> /dev/null
s prlimit
prlimit --pid $$ | awk '{print $1}'
prlimit -n -o RESOURCE,SOFT,UNITS --noheadings | sed -E 's/ +/ /g'
s sched
chrt -p $$ | n
taskset -p $$ | n
rc nice -n 5 bash -c 'ps -o ni= -p $$'
ionice -p $$
renice -n 3 -p $sleeper | n
s setsid
setsid bash -c 'ps -o sid=,tty= -p $$ | awk "{print \$2}"'
rc setsid -w false
s stty
script -qec 'stty -a; stty size; tty | sed s/[0-9]*$//' /dev/null < /dev/null | tr -d '\r' | sed -E 's/rows [0-9]+; columns [0-9]+/rows; columns/'
script -qec 'stty rows 10 cols 40; stty size; stty raw -echo; stty; stty sane; stty -g' /dev/null < /dev/null | tr -d '\r'
script -qec 'ps -o tty=,stat= -p $$ | sed s/[0-9]//' /dev/null < /dev/null | tr -d '\r'
rc stty < /tmp/held 2>&1
s less
printf 'one\ntwo\n' | less | cat
s tmux
tmux -f /dev/null -L t new-session -d -x 80 -y 24 'echo in tmux; stty size; sleep 100' 2>&1
sleep 2
tmux -L t capture-pane -p 2>&1 | head -2
tmux -L t kill-server
s dmesg
rc dmesg -n 3
dmesg | grep -c . | sed 's/[1-9][0-9]*/N/'
echo '<5>hello log' > /dev/kmsg
dmesg --notime | tail -1
dmesg -x --notime | tail -1
s misc
cal 1 2000 2>/dev/null | head -1
rc blockdev --getsz /dev/null 2>&1
rc mkswap --version | n
swapon --show | wc -l
hexdump -n 4 -C /dev/zero 2>/dev/null | head -1
logger -s hi 2>&1 | sed 's/<.*>.*root/root/' | n
rev <<< abc
getopt -o ab: -- -a -b c d
whereis ls | cut -d' ' -f1
fallocate -l 8192 /tmp/f && stat -c '%s %b' /tmp/f
rc fallocate -p -o 0 -l 4096 /tmp/f
stat -c '%s %b' /tmp/f
losetup -a 2>&1 | wc -l
s proc
for f in buddyinfo cgroups cmdline consoles cpuinfo devices diskstats execdomains fb filesystems interrupts \
	kallsyms kmsg kpagecount kpageflags loadavg locks meminfo misc modules mounts partitions \
	schedstat self/mountinfo self/status slabinfo stat swaps sysvipc/shm thread-self/stat tty/drivers tty/ldiscs uptime \
	version vmstat zoneinfo; do
	[ -e /proc/$f ] && echo "$f $(stat -c %a /proc/$f)"
done
for f in auxv cgroup clear_refs cmdline comm coredump_filter cpuset cwd environ exe fd fdinfo gid_map io limits map_files maps \
	mem mountinfo mounts mountstats net ns numa_maps oom_adj oom_score oom_score_adj pagemap personality root schedstat \
	sessionid setgroups smaps smaps_rollup stack stat statm status syscall task timerslack_ns uid_map wchan; do
	[ -e /proc/$$/$f ] && echo "$f $(stat -c %a /proc/$$/$f)"
done
cut -d: -f1 /proc/meminfo | head -22
cut -d: -f1 /proc/$$/status | grep -v untag
grep -E '^(/dev/[tcp]|pty_slave)' /proc/tty/drivers
head -1 /proc/tty/ldiscs
cut -d' ' -f1 /proc/stat | sort -u | sed 's/cpu[0-9]/cpuN/' | uniq
head -1 /proc/cgroups
cat /proc/swaps
cat /proc/execdomains
cut -d' ' -f1-3 /proc/$$/limits | head -3
cat /proc/$$/sessionid; echo
cat /proc/$$/personality /proc/$$/coredump_filter /proc/$$/setgroups /proc/$$/timerslack_ns
cat /proc/$$/uid_map
awk '{print NF}' /proc/$$/syscall
cat /proc/$$/cpuset
exec 7>/tmp/lock
flock 7
sed -E '/^lock/s/[0-9]+ [0-9a-f]+:[0-9a-f]+:[0-9]+/PID FILE/' /proc/$$/fdinfo/7 | grep lock
exec 7>&-
s sys
ls -1d /sys/{block,bus,class,dev,devices,firmware,fs,kernel,module,power}
ls -1 /sys/class/mem | grep -vE 'mem|port'
cat /sys/class/mem/null/dev /sys/class/tty/ptmx/dev
cat /sys/class/mem/null/uevent
cat /sys/devices/system/cpu/{possible,present,online} | sed "s,^0-[0-9]*$,0," | n
cat /sys/devices/system/cpu/{offline,isolated}
cat /sys/kernel/{address_bits,cpu_byteorder}
ls -1 /sys/dev
ls -1 /sys/dev/char | grep -E '^(1:[35789]|5:[012])$'
readlink -f /sys/dev/char/1:3 /sys/dev/char/5:0
s end
kill $sleeper $waiter
