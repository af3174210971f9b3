"""Tasks: the list, the stack of any of them, and standing in one of them."""
import gdb
import gdb.unwinder

from tarngdb.base import (STATES, TF_IDLE, USER_TOP, Command, all_tasks, at, current, find_task,
                          global_value, hart_running, harts, name_of, pid_of, symbol_of, table,
                          thread_of_hart, tid_of, title_of)

CAUSE_IRQ = 1 << 63
ECALL = 8
CAUSES = {0: 'misaligned instruction', 1: 'instruction access fault', 2: 'illegal instruction',
          3: 'breakpoint', 4: 'misaligned load', 5: 'load access fault', 6: 'misaligned store',
          7: 'store access fault', 12: 'instruction page fault', 13: 'load page fault',
          15: 'store page fault', 64: 'kernel stack overflow', CAUSE_IRQ | 1: 'software interrupt',
          CAUSE_IRQ | 5: 'timer interrupt', CAUSE_IRQ | 9: 'external interrupt'}


class FrameId:
    """What gdb tells a frame by."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class SleepingTask(gdb.unwinder.Unwinder):
    """Makes a task that does not run the caller of the innermost frame: its registers are those
    that context_switch stored. So its stack can be walked without writing a register."""

    def __init__(self):
        super().__init__('tarn-task')
        self.task = None
        gdb.unwinder.register_unwinder(None, self, replace=True)
        gdb.events.cont.connect(lambda _event: self.choose(None))

    def choose(self, task):
        """The task to show (None: what the hart runs)."""
        if (self.task is None) != (task is None) or task is not None:
            self.task = task
            gdb.invalidate_cached_frames()

    def __call__(self, pending):
        if self.task is None or pending.level() != 0:
            return None
        long = gdb.lookup_type('unsigned long')
        # A low stack address for the hart's own frame: gdb takes a caller that lies below its
        # callee for a damaged stack.
        info = pending.create_unwind_info(FrameId(gdb.Value(16).cast(long),
                                                  pending.read_register('pc').cast(long)))
        saved = self.task['thread']['ctx']
        info.add_saved_register('pc', saved['ra'].cast(long))
        info.add_saved_register('ra', saved['ra'].cast(long))
        info.add_saved_register('sp', saved['sp'].cast(long))
        for i in range(12):
            info.add_saved_register('fp' if i == 0 else f's{i}', saved['s'][i].cast(long))
        info.add_saved_register('tp', gdb.Value(int(self.task.address)).cast(long))
        return info


SLEEPING = SleepingTask()


def describe(frame):
    """A frame's function and place."""
    sal = frame.find_sal()
    where = f' at {sal.symtab.filename}:{sal.line}' if sal.symtab else ''
    return f'{frame.name() or symbol_of(frame.pc())}{where}'


def place(pc):
    """An address with its name, when it has one."""
    name = symbol_of(pc)
    return name if name == hex(pc) else f'{name} ({pc:#x})'


def user_line(frame_regs):
    """What a frame of user registers tells: where, and why the kernel was entered."""
    cause, pc = int(frame_regs['cause']), int(frame_regs['pc'])
    if cause in (ECALL, (1 << 64) - 1):
        why = f"system call {int(frame_regs['a7'])}"
    else:
        why = CAUSES.get(cause, f'cause {cause:#x}')
    return f'user code at {place(pc)}: {why}'


def user_frame(task):
    """The registers of a task's user code: at the top of its kernel stack."""
    size = gdb.lookup_type('struct trapframe').sizeof
    return at(int(task['thread']['kstack_top']) - size, 'trapframe')


def frames_of(task, most=60):
    """Lines of a task's kernel stack, innermost first."""
    lines = []
    frame = gdb.newest_frame()
    if SLEEPING.task is not None:
        frame = frame.older()
    while frame is not None and len(lines) < most:
        if frame.pc() < USER_TOP:
            if task is not None and not int(task['flags']) & TF_IDLE and lines:
                lines.append(user_line(user_frame(task)))
            else:
                lines.append(f'user code at {place(frame.pc())}')
            break
        lines.append(describe(frame))
        frame = frame.older()
    return lines


def stack_of(task):
    """Lines of the stack of any task, running or not."""
    hart = hart_running(task)
    chosen, thread = SLEEPING.task, gdb.selected_thread()
    try:
        if hart is None:
            SLEEPING.choose(task)
        else:
            SLEEPING.choose(None)
            there = thread_of_hart(hart)
            if there is None:
                return ['(no thread of gdb for its hart)']
            there.switch()
        return frames_of(task)
    except gdb.MemoryError:
        return [f'firmware at {gdb.newest_frame().pc():#x}']
    finally:
        SLEEPING.choose(chosen)
        thread.switch()


def print_stack(task):
    """A title and the stack."""
    hart = hart_running(task)
    where = f', on hart {hart}' if hart is not None else f", {STATES.get(int(task['state']), '?')}"
    print(f'{title_of(task)}{where}')
    for number, line in enumerate(stack_of(task)):
        print(f'  #{number:<2} {line}')


WAITING = ('schedule', 'wait_sleep', 'wait_until', 'context_switch', 'sem_wait', 'lock_slow',
           'lock', 'sleep_until')


def waits_in(task):
    """The function a sleeping task sleeps in: the first that is not about sleeping."""
    if int(task['thread']['ctx']['ra']) == int(gdb.parse_and_eval('(unsigned long)&thread_entry')):
        return '(has not run yet)'
    names = [line.split(' at ')[0] for line in stack_of(task)]
    for name in names:
        if name not in WAITING:
            return name
    return names[0] if names else '?'


class Tasks(Command):
    """The tasks: tarn tasks [-s].

    Columns: thread and process number, state (R runs or could, S and D sleep, T and t are stopped,
    X is dead), the hart it runs on, or ran on last in brackets, name, and the function it sleeps
    in.
    -s shows the stack of each as well."""
    NAME = 'tasks'

    def run(self, words):
        if words not in ([], ['-s']):
            raise gdb.GdbError('tarn tasks [-s]')
        rows = []
        for task in all_tasks():
            hart = hart_running(task)
            if words:
                print_stack(task)
                continue
            doing = '(running)' if hart is not None else waits_in(task)
            last = int(task['thread']['hart'])
            rows.append((tid_of(task) or '-', pid_of(task) or '-',
                         STATES.get(int(task['state']), '?'),
                         hart if hart is not None else f'[{last}]', name_of(task), doing))
        if not words:
            table(['tid>', 'pid>', 's', 'hart', 'name', 'in'], rows)


class Stack(Command):
    """The kernel stack of a task: tarn stack [TASK]."""
    NAME = 'stack'

    def run(self, words):
        if len(words) > 1:
            raise gdb.GdbError('tarn stack [TASK]')
        print_stack(find_task(words[0]) if words else SLEEPING.task or current())


class Task(Command):
    """Stand in a task that does not run: tarn task [TASK].

    bt, up, down and `info locals` then show its stack (frame 0 stays the hart's own). Without an
    argument, and when the machine goes on, back to what the hart runs."""
    NAME = 'task'
    MOVES = True

    def run(self, words):
        if not words:
            SLEEPING.choose(None)
            gdb.newest_frame().select()
            print(title_of(current()))
            return
        task = find_task(words[0])
        hart = hart_running(task)
        if hart is not None:
            SLEEPING.choose(None)
            thread_of_hart(hart).switch()
            print(f'{title_of(task)}, runs on hart {hart}')
            return
        SLEEPING.choose(task)
        frame = gdb.newest_frame().older()
        frame.select()
        print(f'{title_of(task)}\n#1  {describe(frame)}')


class Harts(Command):
    """What each hart does: tarn harts."""
    NAME = 'harts'

    def run(self, words):
        rows = []
        chosen = gdb.selected_thread()
        if not harts():
            # They have no numbers of ours yet.
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
                thread.switch()
                pc = gdb.newest_frame().pc()
                mode = 'kernel' if int(gdb.parse_and_eval('$priv')) == 1 else 'firmware'
                rows.append(('-', thread.ptid[1] - 1, thread.num, 'no task yet', mode, symbol_of(pc)))
            chosen.switch()
        for hart in harts():
            thread = thread_of_hart(hart)
            task = current(hart)
            where, mode = '?', '?'
            if thread is not None:
                thread.switch()
                pc = gdb.newest_frame().pc()
                chosen.switch()
                mode = 'user' if pc < USER_TOP and pc >> 31 != 1 else 'kernel'
                mode = 'firmware' if pc >> 31 == 1 else mode
                where = symbol_of(pc)
            rows.append((hart, int(global_value('hart_sbi_id')[hart]),
                         thread.num if thread else '-', title_of(task), mode, where))
        table(['hart>', 'sbi id>', 'gdb thread>', 'runs', 'mode', 'at'], rows)


for each in (Tasks, Stack, Task, Harts):
    each()
