# What people do in a shell, over the files of the archive: run by busybox ash on Linux, where
# the output was recorded, and on Tarn. Nothing here may depend on time, pids or the machine.
set -u
cd /data
section() { echo "== $*"; }
section pipes and filters
wc -l < words
sort words | uniq | wc -l
grep -c a words
grep -n '^zu' words | head -n 3
sort -r words | head -n 4 | tr a-z A-Z
cut -d: -f1,3 table | sort -t: -k2 -n | tail -n 3
sed -n '2,4p; s/alpha/ALPHA/p' table
sed -e 's/\(.*\):\(.*\):\(.*\)/\3 \1/' table | head -n 2
awk -F: '{ sum += $3; n++ } END { print n, sum, sum / n }' table
awk 'length($0) > 9 { c[substr($0, 1, 1)]++ } END { for (k in c) print k, c[k] }' words | sort
tr -cd 'a-z' < words | fold -w 1 | sort | uniq -c | sort -rn | head -n 3
cat words words | sort -u | md5sum
head -c 1000 words | sha1sum
seq 1 1000 | awk '{ s += $1 } END { print s }'
yes | head -n 5 | nl
printf '%s\n' one two three | rev | paste -s -d, -
expr 6 \* 7
section redirection
mkdir -p /tmp/w && cd /tmp/w
echo first > a; echo second >> a; cat < a
cat a none > out 2> err; echo "status $?"; cat out; sed 's/^[^:]*: //' err
ls none 2>&1 | grep -c none
{ echo to stdout; echo to stderr >&2; } 2> b | cat; cat b
exec 3> c; echo through three >&3; exec 3>&-; cat c
: > empty; wc -c empty
echo noclobber > d; set -C; (echo again > d) 2> /dev/null || echo refused; set +C; cat d
section here-documents
cat <<END
value $((2 + 3)) and $(echo command) and `echo old style`
END
cat <<'END'
$not expanded
END
cat <<-END
	a tab is taken off
	END
section globbing and expansion
touch x1 x2 x10 y1 .hid
echo x* ; echo ? ; echo [xy]1 ; echo .h* ; echo nothing*
for f in x*; do echo "file $f"; done
v=path/to/file.tar.gz
echo ${v##*/} ${v%.*} ${v%%.*} ${#v} ${v#*/} ${none:-default} ${none:+set} "${v:0:4}"
set -- a 'b c' d; echo $# "$2"; shift; echo "$@"
IFS=:; set -- $(head -n 1 /data/table); IFS=' '; echo "$1|$2|$3"
echo "$(printf 'a\nb\n\n\n')" | wc -l
section control
i=0; while [ $i -lt 5 ]; do i=$((i + 1)); [ $i = 3 ] && continue; printf '%d ' $i; done; echo
case hello.txt in *.c) echo c;; *.txt | *.md) echo text;; *) echo other;; esac
if test -d /data && [ -f /data/words ] && ! [ -e /nothing ]; then echo tests hold; fi
f() { local x=inner; echo "f $x $1"; return 3; }; x=outer; f arg; echo "$? $x"
until false; do echo once; break; done
(exit 7); echo $?; true && echo yes || echo no; ! true; echo $?
eval 'echo evaluated $((0x10))'
section jobs and traps
sleep 0.05 & wait $!; echo "waited $?"
(sleep 0.02; echo background) & wait; echo done
{ for n in 3 1 2; do (sleep 0.$n; echo $n) & done; wait; } | sort
(exit 9) & wait $!; echo "status $?"
trap 'echo trapped' USR1; kill -USR1 $$; trap - USR1
(trap 'echo leaving' EXIT; echo in subshell)
sh -c 'trap "echo term; exit 4" TERM; kill $$; sleep 5'; echo $?
sh -c 'kill -9 $$'; echo $?
sleep 100 & kill $!; wait $! 2> /dev/null; echo $?
yes | head -n 1; echo "${PIPESTATUS:-none}"
section files
mkdir -p tree/a/b tree/c; echo 1 > tree/a/one; echo 22 > tree/a/b/two; ln -s a/one tree/link; ln tree/a/one tree/hard
find tree -type f | sort; find tree -type l; find tree -name 't*' -size -2 | sort
find tree -type f -exec cat {} + | sort
find tree -mindepth 1 -maxdepth 1 -type d | sort | xargs -n 1 basename
cp -r tree copy; diff -r tree copy && echo same
mv copy/a copy/renamed; ls copy; rm -r copy/c; ls -a copy; rm -rf copy; [ -e copy ] || echo removed
chmod 640 tree/a/one; stat -c '%a %s %h %F' tree/a/one tree/link; stat -c '%a %h %F' tree/c
readlink tree/link; readlink -f tree/link; cat tree/link
dd if=/dev/zero of=z bs=1k count=3 2> /dev/null; wc -c z; truncate -s 10 z; wc -c z
cmp words none 2> /dev/null || echo differ; cmp /data/words /data/words && echo equal
du -a tree/a/b | wc -l; test tree/a/one -ef tree/hard && echo one file
umask 077; touch private; stat -c %a private; umask 022
section archives
tar cf t.tar tree; tar tf t.tar | sort
mkdir ex && tar xf t.tar -C ex && diff -r tree ex/tree && echo extracted
gzip -c /data/words > w.gz; gunzip -c w.gz | cmp - /data/words && echo gzip same
tar czf t.tgz tree && tar tzf t.tgz | wc -l
tar cf - tree | gzip | gunzip | tar xOf - tree/a/b/two
bzip2 -c /data/table | bunzip2 | md5sum; xzcat /data/x.xz
cat /data/words | md5sum; sha256sum /data/table | cut -c 1-16
od -A d -t x1 /data/bin | head -n 2; hexdump -C /data/bin | tail -n 2; strings /data/bin
base64 /data/bin | head -n 1; base64 /data/bin | base64 -d | cmp - /data/bin && echo base64 same
cpio -o -H newc 2> /dev/null < /dev/null | wc -c
section text
diff -u /data/table /data/table2 | tail -n +3
sort -t: -k3,3n -k1,1 /data/table | head -n 3; join -t: /data/j1 /data/j2 2> /dev/null || echo no join
tac /data/s1 | head -n 1
printf '%5d|%-5s|%05.1f|%x|%c\n' 42 ab 3.14159 255 z
date -u -d @0 +%Y-%m-%dT%H:%M:%S; date -u -d @1000000000 '+%a %d %b %Y'
echo 'a,b;c' | tr ',;' '\n\n'; echo abc | sed 'y/abc/xyz/;s/x/&&/'
factor 123456; echo '2 ^ 64' | bc; dc -e '5 3 * p' 2> /dev/null
section system
id -u; whoami; hostname; uname -s; uname -m; pwd; tty || true
env -i A=1 B=2 env | sort; which cat; test -t 0 || echo no terminal
ls -l /data | awk '{ print $1, $NF }' | tail -n +2
echo $PPID | grep -qE '^[0-9]+$' && echo ppid
cat /proc/self/comm; readlink /proc/self/exe; [ "$(cat /proc/$$/cmdline | tr '\0' ' ' | cut -c 1-2)" != '' ] && echo cmdline
nproc > /dev/null && echo nproc; ulimit -n; timeout 0.1 sleep 5; echo $?
time -p true 2>&1 | grep -c real; usleep 1000; echo $?
ash -c 'echo nested $0 $1' zero one
mkfifo p; (echo through a fifo > p) & cat p; wait
section end
