"""Address spaces, page tables, slabs."""
import gdb

from tarngdb.base import (DIRECT_BASE, PAGE_SIZE, USER_TOP, Command, at, entries,
                          global_value, pages_of, phys_to_virt, symbol_of, table, task_argument,
                          text_of, title_of, tree)
from tarngdb.files import file_path

VM_READ, VM_WRITE, VM_EXEC, VM_SHARED = 1, 2, 4, 8
MORE = ((1 << 7, 'growsdown'), (1 << 8, 'locked'), (1 << 13, 'special'), (1 << 14, 'stack'),
        (1 << 17, 'heap'))
PTE_V, PTE_R, PTE_W, PTE_X, PTE_NONE = 1, 2, 4, 8, 1 << 9
LETTERS = 'VRWXUGAD'


def space_of(task):
    """A task's address space, or None."""
    return task['mm'].dereference() if int(task['mm']) else None


def rights(flags):
    """rwxs, as in /proc/PID/maps."""
    return ''.join(c if flags & bit else '-' for bit, c in
                   ((VM_READ, 'r'), (VM_WRITE, 'w'), (VM_EXEC, 'x'))) + \
        ('s' if flags & VM_SHARED else 'p')


def area_name(area):
    """The file it maps, or what it is for."""
    if int(area['label']):
        return text_of(area['label'])
    if int(area['ops']) and int(area['owner']) and 'file_area_ops' in symbol_of(area['ops']):
        return file_path(at(int(area['owner']), 'file').address)
    names = [name for bit, name in MORE if int(area['flags']) & bit]
    return f"[{','.join(names)}]" if names else ''


class Areas(Command):
    """A task's address space: its areas and counters: tarn areas [TASK]."""
    NAME = 'areas'

    def run(self, words):
        task = task_argument(words)
        space = space_of(task)
        if space is None:
            print(f'{title_of(task)} has no address space')
            return
        print(f"{title_of(task)}: mm {int(space.address):#x}, users {int(space['users']['v'])}, "
              f"root table {int(space['root']):#x}, brk {int(space['brk']):#x}")
        rss = [int(space['rss_' + kind]['v']) for kind in ('anon', 'file', 'shmem')]
        print(f"  present {pages_of(sum(rss))} (anonymous {pages_of(rss[0])}, files "
              f"{pages_of(rss[1])}, shared {pages_of(rss[2])}); mapped "
              f"{pages_of(space['total_pages'])}; page tables {pages_of(space['nr_tables'])}")
        rows = []
        for area in tree(space['areas'], 'area', 'node'):
            rows.append((f"{int(area['start']):x}-{int(area['end']):x}",
                         rights(int(area['flags'])),
                         f"{int(area['pgoff']) * PAGE_SIZE:x}" if int(area['obj']) else '-',
                         hex(int(area.address)), area_name(area)))
        table(['range', 'perm', 'offset>', 'struct area', 'what'], rows)


def entry_text(entry):
    """A page-table entry in words."""
    letters = ''.join(c if entry >> i & 1 else '-' for i, c in enumerate(LETTERS))
    address = entry >> 10 & (1 << 44) - 1
    if entry & PTE_V and not entry & (PTE_R | PTE_W | PTE_X):
        return f'{letters} -> table at {address << 12:#x}'
    if entry & PTE_V:
        return f'{letters} -> {address << 12:#x}'
    if entry & PTE_NONE:
        return f'{letters} PROT_NONE, keeps {address << 12:#x}'
    return 'empty' if not entry else f'{letters} not valid ({entry:#x})'


def page_text(physical):
    """What the page array tells of a page."""
    base, count = int(global_value('ram_base')), int(global_value('ram_pages'))
    number = (physical - base) // PAGE_SIZE
    if not 0 <= number < count or not int(global_value('page_array')):
        return 'no RAM that the kernel counts'
    page = global_value('page_array')[number]
    flags = [field.name[3:].lower() for field in gdb.lookup_type('enum page_flag').fields()
             if int(page['flags']) >> field.enumval & 1]
    mapped = f"mapped {int(page['mapcount']['v'])} times, " if 'file' in flags else ''
    return (f"struct page {int(page.address):#x}: refs {int(page['refs']['v'])}, {mapped}"
            f"{', '.join(flags) or 'no flags'}")


class PageTable(Command):
    """The way of an address through the page table: tarn pt ADDRESS [TASK].

    Sv39: three levels of 9 bits. Without TASK the table is that of the selected hart (satp)."""
    NAME = 'pt'
    COMPLETE = gdb.COMPLETE_EXPRESSION

    def run(self, words):
        if not words or len(words) > 2:
            raise gdb.GdbError('tarn pt ADDRESS [TASK]')
        address = int(gdb.parse_and_eval(words[0])) & (1 << 64) - 1
        if len(words) > 1:
            space = space_of(task_argument(words[1:]))
            if space is None:
                raise gdb.GdbError('this task has no address space')
            root = int(space['root'])
        else:
            satp = int(gdb.parse_and_eval('$satp')) & (1 << 64) - 1
            if satp >> 60 == 0:
                raise gdb.GdbError('the MMU is off: addresses are physical')
            root = (satp & (1 << 44) - 1) << 12
        if not (address < USER_TOP or address >= DIRECT_BASE):
            raise gdb.GdbError(f'{address:#x}: not an address of Sv39')
        physical = self.walk(address, root)
        if physical is not None:
            print(f'{address:#x} is physical {physical:#x}')
            print(page_text(physical & ~(PAGE_SIZE - 1)))

    @staticmethod
    def walk(address, root):
        """Prints each level; the physical address, or None."""
        entries_type = gdb.lookup_type('unsigned long').pointer()
        for level in (2, 1, 0):
            index = address >> 12 + 9 * level & 511
            entry = int(gdb.Value(phys_to_virt(root)).cast(entries_type)[index])
            print(f'level {level}: table {root:#x}[{index}] = {entry_text(entry)}')
            if not entry & PTE_V:
                return None
            root = (entry >> 10 & (1 << 44) - 1) << 12
            if entry & (PTE_R | PTE_W | PTE_X):
                return root + (address & (1 << 12 + 9 * level) - 1)
        return None


class Slabs(Command):
    """The caches of small objects: tarn slabs.

    used: in use; idle: kept ready by the harts' magazines; total: what the slabs have room for."""
    NAME = 'slabs'

    def run(self, words):
        rows = []
        for cache in entries(global_value('caches', 'slab.c'), 'slab_cache', 'all'):
            magazines, idle = cache['mag'], 0
            for hart in range(magazines.type.range()[1] + 1):
                if int(magazines[hart]):
                    idle += int(magazines[hart]['n'])
            slabs, pages = int(cache['nr_slabs']), 1 << int(cache['order'])
            rows.append((text_of(cache['name']), int(cache['size']), int(cache['nr_out']) - idle,
                         idle, slabs * int(cache['per_slab']), slabs, pages_of(slabs * pages)))
        table(['cache', 'bytes>', 'used>', 'idle>', 'total>', 'slabs>', 'memory>'], rows)


for each in (Areas, PageTable, Slabs):
    each()
