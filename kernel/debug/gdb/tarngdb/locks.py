"""Locks that are held, by whom, and who waits. The kernel keeps no list of sleeping locks: memory
is searched for what looks like one that a task holds, as kernel/debug/locks.c does. Each hart's
spinlocks a debug build knows (sync/spinlock.c)."""
import gdb

from tarngdb.base import (DIRECT_BASE, PAGE_SIZE, Command, all_tasks, at, entries, global_value,
                          harts, offset_of, phys_to_virt, symbol_of, table, text_of, title_of,
                          type_of, virt_to_phys)

STEP = 16384        # pages of the page array read at once


class Search:
    """One search through the kernel's data and slabs."""

    def __init__(self):
        self.inferior = gdb.selected_inferior()
        self.tasks = {int(task.address): task for task in all_tasks()}
        flags = {f.name: f.enumval for f in gdb.lookup_type('enum page_flag').fields()}
        self.slab = 1 << flags['PG_SLAB']

    def memory(self):
        """(address, bytes) of all that is searched."""
        start, end = (int(gdb.parse_and_eval(f'(unsigned long)&{name}'))
                      for name in ('__data_start', '__bss_pages'))
        yield start, bytes(self.inferior.read_memory(start, end - start))
        array, count = int(global_value('page_array')), int(global_value('ram_pages'))
        size, base = type_of('page').sizeof, int(global_value('ram_base'))
        for first in range(0, count, STEP):
            pages = bytes(self.inferior.read_memory(array + first * size,
                                                    min(STEP, count - first) * size))
            for i in range(len(pages) // size):
                if int.from_bytes(pages[i * size:i * size + 4], 'little') & self.slab:
                    address = phys_to_virt(base + (first + i) * PAGE_SIZE)
                    yield address, bytes(self.inferior.read_memory(address, PAGE_SIZE))

    def held(self):
        """(kind, address, holder, waiters) of what is held."""
        mutex, semaphore = offset_of('mutex', 'owner'), offset_of('rwsem', 'owner')
        for start, data in self.memory():
            for owner, task in self.tasks.items():
                place = data.find(owner.to_bytes(8, 'little'))
                while place >= 0:
                    if place % 8 == 0:
                        yield from self.is_mutex(start + place - mutex, task)
                        yield from self.is_semaphore(start + place - semaphore, task)
                    place = data.find(owner.to_bytes(8, 'little'), place + 1)

    @staticmethod
    def is_waitq(queue):
        """Is this a wait queue, empty or with waiters on kernel stacks?"""
        first = int(queue['waiters']['next'])
        return int(queue['lock']['word']) <= 1 and \
            (first == int(queue['waiters'].address) or first >= 0xffffffe000000000)

    def is_mutex(self, address, task):
        """A word before a task's address may be a mutex."""
        lock = at(address, 'mutex')
        try:
            if int(lock['state']['v']) in (1, 2) and self.is_waitq(lock['q']):
                yield 'mutex', address, title_of(task), waiters(lock)
        except gdb.MemoryError:
            return

    def is_semaphore(self, address, task):
        """What lies before it may be a rwsem held for writing."""
        lock = at(address, 'rwsem')
        try:
            if int(lock['count']) == -1 and self.is_waitq(lock['q']):
                yield 'rwsem', address, title_of(task), waiters(lock)
        except gdb.MemoryError:
            return


def waiters(lock):
    """Who sleeps for it."""
    names = []
    for waiter in entries(lock['q']['waiters'], 'waiter', 'link'):
        task = waiter['task']
        names.append(title_of(task.dereference()) if int(task) else '?')
    return ', '.join(names)


def place_of(address):
    """What an address lies in: a variable, or cache+offset of a slab's object."""
    if not DIRECT_BASE <= address < 0xffffffe000000000:
        return symbol_of(address)
    number = (virt_to_phys(address) - int(global_value('ram_base'))) // PAGE_SIZE
    page = global_value('page_array')[number]
    flags = {f.name: f.enumval for f in gdb.lookup_type('enum page_flag').fields()}
    if int(page['flags']) >> flags['PG_TAIL'] & 1:
        page = page['next'].dereference()
    cache = global_value('by_id', 'slab.c')[int(page['slab_id'])]
    array, base = int(global_value('page_array')), int(global_value('ram_base'))
    start = phys_to_virt(base + (int(page.address) - array) // type_of('page').sizeof * PAGE_SIZE)
    return f"{text_of(cache['name'])}+{(address - start) % int(cache['stride']):#x}"


def held_by_hart():
    """(hart, lock pointer) from the stacks of a debug kernel; None without them."""
    try:
        held = global_value('held', 'spinlock.c')
    except gdb.error:
        return None
    found = []
    for hart in harts():
        for i in range(int(held[hart]['n'])):
            found.append((hart, held[hart]['lock'][i]))
    return found


class Locks(Command):
    """Held locks, their holders, and who waits for them: tarn locks.

    Spinlocks, hart by hart and in the order they were taken, only a debug kernel knows (make debug
    runs one). Of a rwsem that readers hold nothing tells who they are."""
    NAME = 'locks'

    def run(self, words):
        spinlocks = held_by_hart()
        rows = [('spinlock', hex(int(lock)), f"{text_of(lock['name'])} (rank {int(lock['rank'])})",
                 f'hart {hart}', '') for hart, lock in spinlocks or ()]
        rows += [(kind, hex(address), place_of(address), holder, waits)
                 for kind, address, holder, waits in Search().held()]
        if rows:
            table(['kind', 'address', 'in', 'held by', 'waited for by'], rows)
        else:
            print('no lock is held' if spinlocks is not None else
                  'no sleeping lock is held (spinlocks a DEBUG=1 kernel knows)')


Locks()
