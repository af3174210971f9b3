#!/usr/bin/env python3
"""Languages and data bases of Debian's on Tarn: each compiles, computes, starts threads and children, or serves.

    languages.py [--smp 4] [NAME...]

What a program prints is fixed by its language, so it needs no recording. One machine runs all of them; a
program that fails is shown with its last lines.
"""
import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
import rootfs  # noqa: E402

JAVA = '''import java.util.*;
import java.util.concurrent.*;
import java.nio.file.*;
public class Work {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Long>> parts = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            final long k = i;
            parts.add(pool.submit(() -> {
                byte[][] kept = new byte[64][];
                long sum = 0;
                for (int j = 0; j < 100000; j++) {
                    sum += j * k;
                    kept[j % 64] = new byte[1000];
                }
                return sum;
            }));
        }
        long sum = 0;
        for (var part : parts)
            sum += part.get();
        pool.shutdown();
        Files.writeString(Path.of("kept"), "sum " + sum);
        System.out.println(Files.readString(Path.of("kept")));
        Process child = new ProcessBuilder("echo", "child").inheritIO().start();
        System.out.println("status " + child.waitFor());
        Thread.ofVirtual().start(() -> System.out.println("virtual")).join();
        System.gc();
    }
}
'''
NODE = '''const { Worker } = require("worker_threads"), fs = require("fs"), net = require("net");
const step = n => new Promise(n);
(async () => {
    await fs.promises.writeFile("kept", "file");
    console.log(fs.readFileSync("kept", "utf8"), require("child_process").execSync("echo child").toString().trim());
    console.log(await step(done => {
        const server = net.createServer(c => c.end("served")).listen(0, () =>
            net.connect(server.address().port).on("data", d => { server.close(); done(d.toString()) }));
    }));
    const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
    console.log(await step(done => worker.on("message", done)));
    const sum = await crypto.subtle.digest("SHA-256", Buffer.from("a"));
    console.log(Buffer.from(sum).toString("hex").slice(0, 8));
})();
'''
ERLANG = '''P = self(), [spawn(fun() -> P ! X end) || X <- lists:seq(1, 10000)],
io:format("~p~n", [lists:sum([receive M -> M end || _ <- lists:seq(1, 10000)])]),
{ok, L} = gen_tcp:listen(0, []), {ok, N} = inet:port(L), {ok, C} = gen_tcp:connect("127.0.0.1", N, []),
{ok, S} = gen_tcp:accept(L), ok = gen_tcp:send(S, "served"), receive {tcp, C, D} -> io:format("~s~n", [D]) end, halt().
'''
RUBY = '''p 8.times.map { |i| Thread.new { (1..1000).sum * i } }.sum(&:value)
r, w = IO.pipe
fork { w.puts "child"; exit! 3 }
p r.gets, Process.wait2[1].exitstatus, `echo out`
'''
PHP = '''<?php
echo array_sum(range(1, 100000)), "\\n";
$p = proc_open(["echo", "child"], [1 => ["pipe", "w"]], $pipes);
echo stream_get_contents($pipes[1]), proc_close($p), "\\n";
'''
PERL = '''use threads;
print join(",", map { $_->join } map { my $n = $_; threads->create(sub { $n * $n }) } 1 .. 5), "\\n";
my $p = fork // die;
exit 3 unless $p;
waitpid $p, 0;
print $? >> 8, "\\n";
'''
LISP = '''(progn (print (loop for i below 1000000 sum i)) (gc :full t)
  (print (sb-thread:join-thread (sb-thread:make-thread (lambda () 42)))) (terpri) (exit))
'''
TCL = '''puts [expr 2**100]
set server [socket -server {apply {{c args} { puts $c served; close $c }}} 0]
set c [socket localhost [lindex [fconfigure $server -sockname] 2]]
fileevent $c readable { set line [gets $c] }
vwait line
puts $line
'''
RUST = '''fn main() {
    let parts: Vec<_> = (0..8u64).map(|i| std::thread::spawn(move || i * i)).collect();
    println!("{}", parts.into_iter().map(|p| p.join().unwrap()).sum::<u64>());
}
'''
POSTGRES = '''b=$(ls -d /usr/lib/postgresql/*/bin); mkdir -p pg /run/postgresql; chown 101 pg /run/postgresql
cat > go <<X
$b/initdb -D $PWD/pg -A trust > init.log && $b/pg_ctl -D $PWD/pg -w -l $PWD/pg/log start > /dev/null &&
$b/psql -Atq -c 'create table t as select generate_series(1, 100000) i' -c 'select sum(i) from t' -c 'vacuum analyze t' \\
    -c checkpoint postgres && $b/pg_ctl -D $PWD/pg -m fast stop
X
chmod 777 .; setpriv --reuid 101 --regid 101 --clear-groups sh go 2>&1
'''
MARIADB = '''mkdir -p my /run/mysqld; chown 102 my /run/mysqld
mariadb-install-db --user=mysql --datadir=$PWD/my > install.log 2>&1 || tail -5 install.log
mariadbd --user=mysql --datadir=$PWD/my --socket=$PWD/my.s --skip-networking > log 2>&1 &
until mariadb -S $PWD/my.s -e 'select 1' > /dev/null 2>&1 || ! kill -0 $!; do sleep 1; done
mariadb -NS $PWD/my.s -e 'create database d; use d; create table t(i int) engine=innodb;
insert into t select seq from seq_1_to_10000; select sum(i) from t; shutdown' || tail -5 log
wait
'''
# name: (the file it is given, the command, what it prints)
PROGRAMS = {
    'c': ('int puts(const char *);\nint main(void)\n{\n\tputs("compiled");\n}\n', 'cp $1 a.c; gcc -O2 a.c -o a && ./a', 'compiled'),
    'rust': (RUST, 'rustc -C linker=gcc -o a $1 && ./a', '140'),
    'java': (JAVA, 'cp $1 Work.java; b=$(ls -d /usr/lib/jvm/*/bin | head -n 1); $b/javac Work.java && $b/java -cp . Work',
             'sum 2479975200000\nchild\nstatus 0\nvirtual'),
    'node': (NODE, 'node $1', 'file child\nserved\n42\nca978112'),
    'erlang': (ERLANG, '/usr/lib/erlang/bin/erl -noshell -eval "$(cat $1)"', '50005000\nserved'),
    'ruby': (RUBY, 'ruby $1', '14014000\n"child\\n"\n3\n"out\\n"'),
    'php': (PHP, '$(ls /usr/bin/php*.* | head -n 1) $1', '5000050000\nchild\n0'),
    'perl': (PERL, 'perl $1', '1,4,9,16,25\n3'),
    'lisp': (LISP, 'sbcl --noinform --load $1', '499999500000 \n42'),
    'scheme': ('(use-modules (ice-9 threads)) (display (par-map (lambda (x) (* x x)) (iota 10))) (newline)\n',
               'guile-3.0 --no-auto-compile $1', '(0 1 4 9 16 25 36 49 64 81)'),
    'tcl': (TCL, 'tclsh8.6 $1', '1267650600228229401496703205376\nserved'),
    'lua': ('local s = 0 for i = 1, 1e7 do s = s + i end print(s)\n', 'luajit $1', '50000005000000'),
    'ocaml': ('let () = print_endline (string_of_int (List.fold_left (+) 0 (List.init 1000 Fun.id)))\n', 'cp $1 a.ml; ocaml a.ml',
              '499500'),
    'postgresql': (POSTGRES, '. $1', '5000050000\nwaiting for server to shut down.... done\nserver stopped'),
    'mariadb': (MARIADB, '. $1', '50005000'),
}
START = '''#!/bin/bash
export PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 HOME=/root
cd /tmp
'''
USERS = (b'root:x:0:0:root:/root:/bin/sh\npostgres:x:101:101::/tmp:/bin/sh\nmysql:x:102:102::/tmp:/bin/sh\n'
         b'nobody:x:65534:65534::/:/bin/false\n')
GROUPS = b'root:x:0:\npostgres:x:101:\nmysql:x:102:\nnogroup:x:65534:\n'


def script(names, seconds):
    """Each in a shell of its own."""
    text = START
    for name in names:
        text += (f'echo "@@ begin {name}"\ntimeout -s KILL {seconds} sh /programs/{name}.sh /programs/{name} 2>&1\n'
                 'echo "@@ status $?"\n')
    return text


def tell(name, status, said):
    """A line about a program, and its last words if they are not those it should have; whether they are."""
    good = status == 0 and '\n'.join(said).strip() == PROGRAMS[name][2]
    print(f'languages: {name}: ' + ('good' if good else f'status {status}'), flush=True)
    if not good:
        print('\n'.join(f'  | {line}' for line in said[-12:] or ['(nothing)']), flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--smp', default='4')
    parser.add_argument('--seconds', type=int, default=600, help='for one of them')
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    names = args.names or list(PROGRAMS)
    for name in names:
        if name not in PROGRAMS:
            sys.exit(f'languages: {name}: not one of {" ".join(PROGRAMS)}')
    folder = os.path.join(args.build, 'suites', 'long')
    os.makedirs(folder, exist_ok=True)
    root, layer = os.path.join(folder, 'languages.tar'), os.path.join(folder, 'languages-work.tar')
    if not os.path.exists(root) or os.path.getmtime(root) < os.path.getmtime(f'{args.cache}/languages.stamp'):
        subprocess.run(['tar', '--owner=0', '--group=0', '-cf', root + '.new', '-C', f'{args.cache}/languages', '.'],
                       check=True)
        os.replace(root + '.new', root)
    files = {'etc/passwd': USERS, 'etc/group': GROUPS, 'etc/hosts': b'127.0.0.1 localhost\n',
             'script': (0o755, script(names, args.seconds).encode())}
    for name in names:
        text, command, _ = PROGRAMS[name]
        files[f'programs/{name}'] = text.encode()
        files[f'programs/{name}.sh'] = f'mkdir -p /tmp/{name} && cd /tmp/{name} || exit\n{command}\n'.encode()
    rootfs.write_tar(layer, files)
    start, good, now, said = time.time(), 0, None, []
    limit = args.seconds * len(names) + 60
    with subprocess.Popen(
            [os.path.join(ROOT, 'tarn'), 'run', '--smp', args.smp, '--mem', '4G', '--timeout', str(limit), '--net', 'none',
             '--kernel', os.path.join(args.build, 'tarn.elf'), '--layer', layer, root, '--', '/bin/bash', '/script'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors='backslashreplace') as process:
        for line in process.stdout:
            line = line.rstrip('\r\n')
            m = re.fullmatch(r'@@ (begin|status) (\S+)', line)
            if not m:
                said.append(line)
            elif m[1] == 'begin':
                now, said = m[2], []
            else:
                good += tell(now, int(m[2]), said)
                now = None
    if now or process.returncode:
        print('\n'.join(f'  | {line}' for line in said[-12:]))
        print(f'languages: the machine ended with {process.returncode}' + (f' in {now}' if now else ''))
    print(f'languages: {good} of {len(names)} on {args.smp} harts, {time.time() - start:.0f} s')
    return 0 if good == len(names) and not process.returncode else 1


if __name__ == '__main__':
    sys.exit(main())
