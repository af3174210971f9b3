"""The shell where POSIX's letter and what Debian's dash does differ, and what it says to whom; ps by numbers."""
import pytest

pytestmark = pytest.mark.area('user')

# A script and what it prints. `in` and `do` are reserved behind a for's and a case's word, so no aliases.
SCRIPTS = {
    'aliases of in': ("alias forx='for x ' i='in 0' in='in 1' for='in 2'\nforx i a; do echo $x; done\n"
                      'forx in b; do echo $x; done\nforx for c; do echo $x; done\n', '0\na\nb\n2\nc\n'),
    'aliases of do': ("alias forx='for x ' do=';'\nset 1\nforx do echo $x; done\n", '1\n'),
    'aliases behind case': ("alias c='case a ' case='\n in a) :' in=\nc case X; echo A; esac\nc in a) echo B; esac\n", 'A\nB\n'),
    'set -h': ('set -h\nf() { if cat; then ls | od; fi; }; hash | sort\n', '/usr/local/bin/cat\n/usr/local/bin/ls\n/usr/local/bin/od\n'),
    'set +h': ('f() { cat; }; hash\n', ''),
    'return in a trap': ("f() { true; return; }\ntrap 'f; echo trapped $?' USR1\n(exit 19)\n(kill -s USR1 $$; exit 19)\n:\n",
                         'trapped 19\n'),
    'a signal that was sent': ("for s in HUP INT QUIT ALRM TERM PIPE; do sh -c \"kill -$s \\$\\$\"; kill -l $?; done 2>&1\n",
                               'Hangup\nHUP\nINT\nQuit\nQUIT\nAlarm clock\nALRM\nTerminated\nTERM\nPIPE\n'),
    'a fault': ("{ sh -c 'kill -SEGV $$'; :; } 2>&1\n", 'Segmentation fault\n'),
    'an error in the action of EXIT': ("sh -c 'trap \"set < none\" EXIT' 2> /dev/null; [ $? -gt 0 ] && echo failed\n", 'failed\n'),
    'output to what is only read': ('3< /dev/null >&3; echo $?; exec 3<> /dev/null; >&3; echo $?; exec 3> /dev/null; >&3; echo $?\n',
                                    '2\n0\n0\n'),
    'ps by number': ("[ \"$(ps -o ppid= $$)\" -eq $PPID ] && [ $(ps -o pid= -p 1,$$ | wc -l) = 2 ] && echo same\n"
                     'ps 999999 > /dev/null || echo none\nps 1x 2> /dev/null || echo bad\n', 'same\nnone\nbad\n'),
}


@pytest.mark.parametrize('name', SCRIPTS)
def test_script(name, tarn, full_root):
    """What a script prints."""
    text, want = SCRIPTS[name]
    assert tarn(root=full_root, command=['sh', '-c', text]).out.decode() == want


def test_bg(console, full_root):
    """bg says which job goes on as POSIX has it, [number] command; a job that stops is told of at a prompt."""
    con = console(full_root, timeout=60)
    con.wait_prompt()
    con.child.send("sh -c 'kill -STOP $$; cat /dev/zero > /dev/null'\r")
    con.expect(rb'\[1\] \+ Stopped \(signal\) +sh -c')
    con.expect(con.prompt)
    assert con.command('bg').decode().strip() == "[1] sh -c 'kill -STOP $$; cat /dev/zero > /dev/null'"
    con.command('kill -TERM %')
    assert con.command('wait %; echo $?').decode().strip().endswith('143')
