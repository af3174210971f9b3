"""Pretty-printers for lists, trees and locks, and commands that show a list's or tree's elements.

    (gdb) print all_tasks                    list of 14
    (gdb) tarn list all_tasks task all_link pid comm
"""
import gdb
import gdb.printing

from tarngdb.base import (LIMIT, Command, chain, entries, nodes, text_of, title_of, tree,
                          tree_nodes)
from tarngdb.files import path_text

POISON = 0xdead000000000100


def pointer(address):
    """An address as gdb shows pointers."""
    return gdb.Value(address).cast(gdb.lookup_type('void').pointer())


class Sequence:
    """A printer whose children are what find() gives: (label, value)."""

    def __init__(self, value):
        self.value = value

    def find(self):
        """The children."""
        raise NotImplementedError

    def what(self, count):
        """The line above them."""
        raise NotImplementedError

    def to_string(self):
        """The line above the children."""
        try:
            return self.what(sum(1 for _ in self.find()))
        except (gdb.MemoryError, gdb.GdbError) as err:
            return f'broken: {err}'

    def children(self):
        """What is in it."""
        try:
            for number, (label, value) in enumerate(self.find()):
                if number == LIMIT:
                    return
                yield str(label), value
        except (gdb.MemoryError, gdb.GdbError):
            return

    def display_hint(self):
        """Children have no names of their own."""
        return 'array'


class ListPrinter(Sequence):
    """struct list_head: the addresses of the nodes in it."""

    def find(self):
        if int(self.value['next']) in (0, POISON):
            return
        for number, node in enumerate(nodes(self.value)):
            yield number, pointer(node)

    def what(self, count):
        first = int(self.value['next'])
        if first == POISON:
            return 'a node taken out of its list'
        if not first:
            return 'not initialised'
        return f'list of {count}' if count else 'empty list'


class ChainPrinter(Sequence):
    """struct hlist_head."""

    def find(self):
        for number, node in enumerate(chain(self.value)):
            yield number, pointer(node)

    def what(self, count):
        return f'chain of {count}' if count else 'empty chain'


class TreePrinter(Sequence):
    """struct rb_root: the addresses of the nodes, in order."""

    def find(self):
        for number, (node, _) in enumerate(tree_nodes(self.value)):
            yield number, pointer(node)

    def what(self, count):
        if not count:
            return 'empty tree'
        return f'tree of {count}, {max(depth for _, depth in tree_nodes(self.value))} deep'


class CachedTreePrinter(TreePrinter):
    """struct rb_root_cached."""

    def __init__(self, value):
        super().__init__(value['root'])


class RadixPrinter(Sequence):
    """struct radix_tree: index and entry."""

    def find(self):
        root = self.value['root']
        stack = [(root, 0)] if int(root) else []
        while stack:
            node, index = stack.pop()
            shift, deeper = int(node['shift']), []
            for slot in range(node['slots'].type.range()[1] + 1):
                item = node['slots'][slot]
                if not int(item):
                    continue
                here = index | slot << shift
                if shift:
                    deeper.append((item.cast(root.type), here))
                else:
                    yield f'{here}', pointer(int(item))
            stack += reversed(deeper)

    def children(self):
        for index, item in super().children():
            yield index, index
            yield index + ' item', item

    def what(self, count):
        return f'radix tree of {count}' if count else 'empty radix tree'

    def display_hint(self):
        return 'map'


class Line:
    """A printer of one line."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """The line."""
        try:
            return self.line(self.value)
        except (gdb.MemoryError, gdb.GdbError) as err:
            return f'broken: {err}'


class LockPrinter(Line):
    """spinlock_t"""

    @staticmethod
    def line(lock):
        """Free or held; a debug kernel's know their class and rank too."""
        if 'holder' not in [field.name for field in lock.type.strip_typedefs().fields()]:
            return 'spinlock, held' if int(lock['word']) else 'spinlock, free'
        holder = int(lock['holder'])
        state = 'free' if not int(lock['word']) else \
            f'held by hart {holder - 1}' if holder else 'held'
        return f"spinlock {text_of(lock['name'])} (rank {int(lock['rank'])}), {state}"


class MutexPrinter(Line):
    """struct mutex"""

    @staticmethod
    def line(lock):
        """Free or held by whom."""
        if not int(lock['state']['v']):
            return 'mutex, free'
        waiting = sum(1 for _ in nodes(lock['q']['waiters']))
        owner = title_of(lock['owner'].dereference()) if int(lock['owner']) else '?'
        return f'mutex, held by {owner}, {waiting} wait'


class SemaphorePrinter(Line):
    """struct rwsem"""

    @staticmethod
    def line(lock):
        """Free, readers, or the writer."""
        count = int(lock['count'])
        waiting = sum(1 for _ in nodes(lock['q']['waiters']))
        if count < 0:
            owner = title_of(lock['owner'].dereference()) if int(lock['owner']) else '?'
            return f'rwsem, written by {owner}, {waiting} wait'
        return f'rwsem, {count} readers, {waiting} wait' if count else 'rwsem, free'


class AtomicPrinter(Line):
    """atomic_t and its kin"""

    @staticmethod
    def line(value):
        """The number."""
        return str(int(value['v']))


class PathPrinter(Line):
    """struct path"""

    @staticmethod
    def line(path):
        """As the shell writes it."""
        return path_text(path['mnt'], path['dentry']) if int(path['dentry']) else 'no path'


def build():
    """All of them, by type."""
    printer = gdb.printing.RegexpCollectionPrettyPrinter('tarn')
    for name, kind in (('list_head', ListPrinter), ('hlist_head', ChainPrinter),
                       ('rb_root', TreePrinter), ('rb_root_cached', CachedTreePrinter),
                       ('radix_tree', RadixPrinter), ('spinlock', LockPrinter),
                       ('mutex', MutexPrinter), ('rwsem', SemaphorePrinter),
                       ('path', PathPrinter), ('atomic_t|atomic64_t|atomic_long_t|refcount_t',
                                               AtomicPrinter)):
        printer.add_printer(name, f'^({name})$', kind)
    return printer


class Elements(Command):
    """Common to `list` and `tree`."""

    WALK = None

    def run(self, words):
        if len(words) < 3:
            raise gdb.GdbError(f'tarn {self.NAME} HEAD TYPE MEMBER [FIELD...]')
        head = gdb.parse_and_eval(words[0])
        if head.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
            head = head.dereference()
        if head.type.name == 'rb_root_cached':
            head = head['root']
        kind = words[1]
        for element in type(self).WALK(head, kind, words[2]):
            parts = []
            for field in words[3:]:
                value = gdb.parse_and_eval(f'((struct {kind} *){int(element.address)})->{field}')
                if value.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY and \
                        value.type.target().sizeof == 1:
                    parts.append(f'{field} = "{text_of(value)}"')
                else:
                    parts.append(f'{field} = {value.format_string(max_elements=8)}')
            print(f'(struct {kind} *){int(element.address):#x}', ' '.join(parts))


class List(Elements):
    """The elements of a list: tarn list HEAD TYPE MEMBER [FIELD...].

    TYPE is a structure's name, MEMBER its list_head: tarn list all_tasks task all_link comm"""
    NAME = 'list'
    COMPLETE = gdb.COMPLETE_EXPRESSION
    WALK = staticmethod(entries)


class Tree(Elements):
    """The elements of a tree: tarn tree ROOT TYPE MEMBER [FIELD...].

    tarn tree init_proc->leader->mm->areas area node start end"""
    NAME = 'tree'
    COMPLETE = gdb.COMPLETE_EXPRESSION
    WALK = staticmethod(tree)


gdb.printing.register_pretty_printer(None, build(), replace=True)
List()
Tree()
