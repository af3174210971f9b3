"""Run inside gdb by the tests: the commands in the file TARN_COMMANDS, each with a line before it
that the test finds again."""
import os

import gdb

for command in open(os.environ['TARN_COMMANDS'], encoding='utf-8').read().splitlines():
    print(f'=== {command}', flush=True)
    try:
        gdb.execute(command)
    except gdb.error as err:
        print(f'error: {err}', flush=True)
    gdb.flush()
