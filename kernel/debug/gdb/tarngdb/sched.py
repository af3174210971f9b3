"""Run queues."""
from tarngdb.base import (TF_IDLE, Command, entries, global_value, harts, name_of, table, tid_of,
                          title_of, tree)


def runnable(queue):
    """Tasks that wait for their turn: real-time ones first, then fair ones by virtual time."""
    lists = queue['rt']
    for prio in range(lists.type.range()[1] + 1):
        yield from entries(lists[prio], 'task', 'se.rt_link')
    yield from tree(queue['fair']['root'], 'task', 'se.node')


class RunQueues(Command):
    """Who runs and who waits for a turn, hart by hart: tarn runqueues.

    vruntime is in milliseconds past the queue's minimum; the first in the list runs next."""
    NAME = 'runqueues'

    def run(self, words):
        queues = global_value('runqueues')
        for hart in harts():
            queue = queues[hart]
            now = queue['curr'].dereference()
            print(f"hart {hart}: runs {title_of(now)}; runnable {int(queue['nr_running'])}, "
                  f"load {int(queue['load'])}, switches {int(queue['switches'])}")
            rows = []
            waiting = [] if int(now['flags']) & TF_IDLE else [(now, 'now')]
            waiting += [(task, 'waits') for task in runnable(queue)]
            for task, what in waiting:
                entity = task['se']
                ahead = int(entity['vruntime']) - int(queue['min_vruntime'])
                rows.append((what, tid_of(task) or '-', name_of(task),
                             int(entity['rt_prio']) or '-', int(entity['nice']),
                             '-' if int(entity['rt_prio']) else f'{ahead / 1e6:+.2f}',
                             f"{int(entity['sum_exec']) / 1e6:.2f}"))
            if rows:
                table(['  ', 'tid>', 'name', 'rt>', 'nice>', 'vruntime>', 'ran ms>'],
                      [('  ' + row[0],) + row[1:] for row in rows])


RunQueues()
