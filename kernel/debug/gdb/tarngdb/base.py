"""What the commands share: reading the kernel's lists and trees, finding tasks, printing tables."""
import functools

import gdb

LIMIT = 100000              # a list longer than this goes round in a circle
USER_TOP = 1 << 38
DIRECT_BASE = 0xffffffc000000000
KERNEL_BASE = 0xffffffff80000000
KERNEL_PHYS = 0x80000000
PAGE_SIZE = 4096

TASK_RUNNING, TASK_DEAD = 0, 32
STATES = {0: 'R', 1: 'S', 2: 'D', 4: 'D', 8: 'T', 16: 't', 32: 'X'}     # as in proc_pid_stat(5)
TF_KTHREAD, TF_IDLE = 1, 4


# What was selected when the command began; {hart: address of the task it runs}, once known.
CHOSEN = {'thread': None, 'running': None}


class KernelView:
    """gdb reads memory as the selected hart may: in user mode, or in the firmware, it has no
    kernel. While this is entered such a hart counts as one in supervisor mode."""

    def __init__(self):
        self.thread = self.mode = None

    def __enter__(self):
        self.thread = CHOSEN['thread'] = gdb.selected_thread()
        if self.thread is None:
            return self
        try:
            gdb.selected_inferior().read_memory(int(gdb.parse_and_eval('&nr_harts')), 4)
        except gdb.MemoryError:
            self.mode = int(gdb.parse_and_eval('$priv'))
            gdb.execute('set $priv = 1')
        return self

    def __exit__(self, *_):
        CHOSEN['thread'] = CHOSEN['running'] = None
        if self.mode is not None:
            now = gdb.selected_thread()
            self.thread.switch()
            gdb.execute(f'set $priv = {self.mode}')
            now.switch()


class Command(gdb.Command):
    """A command `tarn NAME`; its docstring is its help. Subclasses have NAME and run(words)."""

    NAME = ''
    COMPLETE = gdb.COMPLETE_NONE
    MOVES = False       # it may leave another thread selected

    def __init__(self):
        super().__init__('tarn ' + self.NAME, gdb.COMMAND_DATA, self.COMPLETE)

    def invoke(self, text, _from_tty):
        """Errors, of the kernel's data or of what was typed, become one line."""
        try:
            level = gdb.selected_frame().level()
        except gdb.error:
            level = 0
        try:
            with KernelView() as view:
                try:
                    self.run(gdb.string_to_argv(text))
                finally:
                    if view.thread is not None and not self.MOVES:
                        view.thread.switch()
                        if level:
                            gdb.execute(f'frame {level}', to_string=True)
        except gdb.error as err:
            raise gdb.GdbError(f'tarn {self.NAME}: {err}') from None

    def run(self, words):
        """Does it."""
        raise NotImplementedError


@functools.lru_cache(maxsize=None)
def type_of(name):
    """A structure's type, by its name without `struct`."""
    try:
        return gdb.lookup_type('struct ' + name)
    except gdb.error:
        return gdb.lookup_type(name)


@functools.lru_cache(maxsize=None)
def offset_of(name, member):
    """Bytes from a structure's start to a member, `a.b` into one of its own."""
    at, kind = 0, type_of(name)
    for part in member.split('.'):
        found = find_member(kind, part)
        if found is None:
            raise gdb.GdbError(f'struct {name} has no {member}')
        at, kind = at + found[0], found[1]
    return at


def find_member(kind, name):
    """(offset, type) of a member, those of nameless parts too; None."""
    for field in kind.strip_typedefs().fields():
        if field.name == name:
            return field.bitpos // 8, field.type
        if not field.name:
            found = find_member(field.type, name)
            if found:
                return field.bitpos // 8 + found[0], found[1]
    return None


def container(address, name, member):
    """The structure whose member lies at an address."""
    return at(int(address) - offset_of(name, member), name)


def at(address, name):
    """The structure at an address."""
    return gdb.Value(int(address)).cast(type_of(name).pointer()).dereference()


def nodes(head):
    """Addresses of the nodes of a list, its head left out."""
    end, node = int(head.address), head['next']
    for _ in range(LIMIT):
        if int(node) == end:
            return
        yield int(node)
        node = node['next']
    raise gdb.GdbError(f'the list at {end:#x} does not end')


def entries(head, name, member):
    """The structures in a list."""
    for node in nodes(head):
        yield container(node, name, member)


def chain(head):
    """Addresses of the nodes of a hash chain."""
    node = head['first']
    for _ in range(LIMIT):
        if not int(node):
            return
        yield int(node)
        node = node['next']
    raise gdb.GdbError('the chain does not end')


def tree_nodes(root):
    """(address, depth) of the nodes of a tree, in order. No recursion: a bad tree may be deep."""
    stack, node, depth, count = [], root['node'], 1, 0
    while stack or int(node):
        while int(node):
            stack.append((node, depth))
            node, depth = node['left'], depth + 1
            if depth > 200:
                raise gdb.GdbError('the tree is no tree')
        node, depth = stack.pop()
        yield int(node), depth
        count += 1
        if count > LIMIT:
            raise gdb.GdbError('the tree does not end')
        node, depth = node['right'], depth + 1


def tree(root, name, member):
    """The structures in a tree, in order."""
    for node, _ in tree_nodes(root):
        yield container(node, name, member)


def global_value(name, file=None):
    """A variable; file: the one it is static in."""
    return gdb.parse_and_eval(f"'{file}'::{name}" if file else name)


def text_of(value, longest=256):
    """A NUL-ended string, by pointer or as an array."""
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR and not int(value):
        return ''
    try:
        return value.string(errors='replace', length=-1)[:longest]
    except gdb.MemoryError:
        return '?'


def symbol_of(address):
    """name, or name+offset, of what lies at an address; else the address."""
    text = gdb.execute(f'info symbol {int(address)}', to_string=True)
    if ' in section ' in text:
        return text.split(' in section ')[0].replace(' + ', '+')
    return f'{int(address):#x}'


def phys_to_virt(address):
    """Where the kernel sees a physical address."""
    return address + DIRECT_BASE


def virt_to_phys(address):
    """The physical address behind one of the direct map or the image."""
    return address - KERNEL_BASE + KERNEL_PHYS if address >= KERNEL_BASE else address - DIRECT_BASE


def table(head, rows):
    """Prints columns; those of a head that ends with > are set to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    right = [name.endswith('>') for name in head]
    names = [name.rstrip('>') for name in head]
    wide = [max(len(row[i]) for row in [names] + rows) for i in range(len(names))]
    for row in [names] + rows:
        line = '  '.join(cell.rjust(w) if r else cell.ljust(w)
                         for cell, w, r in zip(row, wide, right))
        print(line.rstrip())


# ---- harts and tasks -------------------------------------------------------------------------

def booted():
    """Is there a scheduler yet? Before the MMU is on, not even its variables can be read."""
    try:
        return int(global_value('nr_harts')) > 0 and int(global_value('runqueues')[0]['curr']) != 0
    except gdb.MemoryError:
        return False


def need_boot():
    """One clear line before there are tasks."""
    if not booted():
        raise gdb.GdbError('the kernel has no tasks yet: let it run a little (break init_main)')


def harts():
    """Logical numbers of the harts that run tasks; none before there are tasks."""
    if not booted():
        return []
    queues = global_value('runqueues')
    return [h for h in range(int(global_value('nr_harts'))) if int(queues[h]['curr'])]


def thread_of_hart(hart):
    """gdb's thread of a hart: QEMU numbers them as the firmware does, from 1."""
    wanted = int(global_value('hart_sbi_id')[hart])
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[1] - 1 == wanted:
            return thread
    return None


def selected_hart():
    """The logical hart that is gdb's selected thread."""
    thread = CHOSEN['thread'] or gdb.selected_thread()
    if thread is None:
        raise gdb.GdbError('no machine: target remote ...')
    for hart in range(int(global_value('nr_harts'))):
        if int(global_value('hart_sbi_id')[hart]) == thread.ptid[1] - 1:
            return hart
    return 0


def running():
    """{hart: address of the task it runs}: tp in the kernel, else its run queue's. (In the middle
    of schedule() the queue is already at the next task.)"""
    if CHOSEN['running'] is None:
        known, here = {}, gdb.selected_thread()
        for hart in harts():
            task = int(global_value('runqueues')[hart]['curr'])
            thread = thread_of_hart(hart)
            if thread is not None:
                thread.switch()
                frame = gdb.newest_frame()
                if frame.pc() >= KERNEL_BASE:
                    task = int(gdb.parse_and_eval('(unsigned long)$tp')) or task
                here.switch()
            known[hart] = task
        CHOSEN['running'] = known
    return CHOSEN['running']


def current(hart=None):
    """The task that a hart (the selected one) runs."""
    need_boot()
    return at(running()[selected_hart() if hart is None else hart], 'task')


def tid_of(task):
    """A task's number; 0 for threads of the kernel."""
    return int(task['pid']['nr']) if int(task['pid']) else 0


def pid_of(task):
    """Its process's number."""
    return int(task['proc']['pid']['nr']) if int(task['proc']) else 0


def name_of(task):
    """Its name; that of an idle task is its hart's."""
    if int(task['flags']) & TF_IDLE:
        return f"idle/{int(task['thread']['hart'])}"
    return text_of(task['comm'])


def title_of(task):
    """task 12 (sh), or what else it is."""
    flags = int(task['flags'])
    if flags & TF_IDLE:
        return name_of(task)
    if flags & TF_KTHREAD:
        return f'kernel thread {name_of(task)}'
    return f'task {tid_of(task)} ({name_of(task)})'


def all_tasks():
    """Every task but the idle ones; none before there are any."""
    if not booted():
        return []
    return entries(global_value('all_tasks'), 'task', 'all_link')


def find_task(word):
    """A task by its number, by the address of its structure, or a kernel thread by its name."""
    for task in all_tasks():
        if word in (str(tid_of(task)) if tid_of(task) else name_of(task), hex(int(task.address))):
            return task
    raise gdb.GdbError(f'no task {word} (see tarn tasks)')


def task_argument(words):
    """The task a command is about: its argument, or the current one."""
    if len(words) > 1:
        raise gdb.GdbError('one task, or none')
    return find_task(words[0]) if words else current()


def hart_running(task):
    """The hart that runs a task now, or None."""
    for hart, address in running().items():
        if address == int(task.address):
            return hart
    return None


def pages_of(count):
    """Pages as KiB."""
    return f'{int(count) * 4}K'
