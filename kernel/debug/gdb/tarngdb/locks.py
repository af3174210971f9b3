"""Locks that are held, by whom, and who waits. The kernel keeps no list of them: memory is searched for
what looks like a lock, as kernel/debug/locks.c does; a debug build also knows what each hart holds."""
import struct

import gdb

from tarngdb.base import (PAGE_SIZE, Command, all_tasks, container, entries,
                          global_value, harts, offset_of, phys_to_virt, table, text_of, title_of,
                          type_of)

PG_SLAB, PG_TABLE = 1, 3
LOCK = struct.Struct('<IHHQ')       # word, rank, holder, name


class Search:
    """One search through the kernel's data and slabs."""

    def __init__(self):
        self.inferior = gdb.selected_inferior()
        self.names = {}
        self.low, self.high = (int(gdb.parse_and_eval(f'(unsigned long)&{name}'))
                               for name in ('__rodata_start', '__rodata_end'))
        kinds = gdb.lookup_type('enum lock_rank').fields()
        ranks = {field.name: field.enumval for field in kinds}
        self.waitq, self.rwsem = ranks['RANK_WAITQ'], ranks['RANK_RWSEM']
        self.last = max(ranks.values())
        self.tasks = {int(task.address): task for task in all_tasks()}

    def name(self, address):
        """A lock's name, or None for what is none."""
        if address not in self.names:
            text = None
            if self.low <= address < self.high:
                raw = bytes(self.inferior.read_memory(address, 32))
                raw = raw[:raw.find(b'\0')] if b'\0' in raw else b''
                text = raw.decode('ascii', 'replace') if raw and raw.isascii() else None
            self.names[address] = text
        return self.names[address]

    def memory(self):
        """(address, bytes) of all that is searched."""
        start, end = (int(gdb.parse_and_eval(f'(unsigned long)&{name}'))
                      for name in ('__data_start', '__bss_pages'))
        yield start, bytes(self.inferior.read_memory(start, end - start))
        array, count = int(global_value('page_array')), int(global_value('ram_pages'))
        size, base = type_of('page').sizeof, int(global_value('ram_base'))
        lock_at = offset_of('page', 'ptl')
        step = 16384
        for first in range(0, count, step):
            pages = bytes(self.inferior.read_memory(array + first * size,
                                                    min(step, count - first) * size))
            for i in range(len(pages) // size):
                flags, = struct.unpack_from('<I', pages, i * size)
                if flags >> PG_SLAB & 1:
                    address = phys_to_virt(base + (first + i) * PAGE_SIZE)
                    yield address, bytes(self.inferior.read_memory(address, PAGE_SIZE))
                elif flags >> PG_TABLE & 1:
                    at_ = i * size + lock_at
                    yield array + first * size + at_, pages[at_:at_ + LOCK.size]

    def locks(self):
        """(address, word, rank, holder, name) of every spinlock there is."""
        for start, data in self.memory():
            for at_ in range(0, len(data) - LOCK.size + 1, 8):
                if data[at_] > 1 or data[at_ + 1:at_ + 4] != b'\0\0\0':
                    continue
                word, rank, holder, name = LOCK.unpack_from(data, at_)
                if 0 < rank <= self.last and holder <= 8 and self.low <= name < self.high:
                    text = self.name(name)
                    if text:
                        yield start + at_, word, rank, holder, text

    def held(self):
        """(kind, name, address, holder, waiters) of what is held."""
        for address, word, rank, holder, name in self.locks():
            if word:
                yield ('spinlock', name, address,
                       f'hart {holder - 1}' if holder else '? (a DEBUG=1 kernel knows)', '')
            if rank == self.waitq:
                yield from self.mutex(address, name)
            elif rank == self.rwsem:
                yield from self.semaphore(address, name)

    def mutex(self, address, name):
        """A wait queue's lock may be a mutex's."""
        lock = container(address, 'mutex', 'q.lock')
        try:
            state, owner = int(lock['state']['v']), int(lock['owner'])
        except gdb.MemoryError:
            return
        if state in (1, 2) and owner in self.tasks:
            yield ('mutex', name, int(lock.address), title_of(self.tasks[owner]),
                   self.waiters(lock))

    def semaphore(self, address, name):
        """A rwsem's."""
        lock = container(address, 'rwsem', 'q.lock')
        count, owner = int(lock['count']), int(lock['owner'])
        if count:
            task = self.tasks.get(owner)
            holder = f'{count} readers' if count > 0 else \
                f'{title_of(task)}, writes' if task else 'a writer'
            yield 'rwsem', name, int(lock.address), holder, self.waiters(lock)

    @staticmethod
    def waiters(lock):
        """Who sleeps for it."""
        names = []
        for waiter in entries(lock['q']['waiters'], 'waiter', 'link'):
            task = waiter['task']
            names.append(title_of(task.dereference()) if int(task) else '?')
        return ', '.join(names)


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

    Of a rwsem that readers hold only their number is known. A debug kernel (make debug runs one) also
    lists each hart's spinlocks in the order they were taken."""
    NAME = 'locks'

    def run(self, words):
        order = held_by_hart()
        for hart, lock in order or ():
            print(f"hart {hart} took {text_of(lock['name'])} ({int(lock):#x})")
        rows = [(kind, name, hex(address), holder, waits)
                for kind, name, address, holder, waits in Search().held()]
        if rows:
            table(['kind', 'class', 'address', 'held by', 'waited for by'], rows)
        else:
            print('no lock is held')


Locks()
