"""Root archives for tests: from a table of names, as a tar for Tarn or an initramfs for Linux.

A table maps a name to bytes (a file), (mode, bytes), None (a folder), a str (a symbolic link), or a
Hard (another name of a member; in a tar only).
"""
import io
import os
import stat
import tarfile

MTIME = 1767225600
FOLDERS = {'bin': None, 'dev': None, 'etc': None, 'proc': None, 'sys': None, 'root': None, 'tmp': (0o1777, None)}


class Hard(str):
    """A hard link to the member of that name."""


def rows(table):
    """(name, kind bits, mode, data) for each member, parents first and hard links (kind 0) last."""
    full = {}
    for name in table:
        folder = os.path.dirname(name)
        while folder and folder not in table and folder not in full:
            full[folder] = None
            folder = os.path.dirname(folder)
    full.update(table)
    for name in sorted(full, key=lambda n: (isinstance(full[n], Hard), n)):
        value = full[name]
        mode = None
        if isinstance(value, tuple):
            mode, value = value
        if value is None:
            yield name, stat.S_IFDIR, 0o755 if mode is None else mode, b''
        elif isinstance(value, Hard):
            yield name, 0, 0o644, value.encode()
        elif isinstance(value, str):
            yield name, stat.S_IFLNK, 0o777, value.encode()
        else:
            yield name, stat.S_IFREG, 0o755 if mode is None else mode, value


def write_tar(path, table):
    """The table as a tar archive."""
    types = {stat.S_IFDIR: tarfile.DIRTYPE, stat.S_IFLNK: tarfile.SYMTYPE, stat.S_IFREG: tarfile.REGTYPE,
             0: tarfile.LNKTYPE}
    with tarfile.open(path + '.tmp', 'w', format=tarfile.PAX_FORMAT) as tar:
        for name, kind, mode, data in rows(table):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.mtime = types[kind], mode, MTIME
            info.uname = info.gname = 'root'
            if kind in (stat.S_IFLNK, 0):
                info.linkname, data = data.decode(), b''
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    os.replace(path + '.tmp', path)
    return path


def write_cpio(path, table):
    """The table as an initramfs (newc format of cpio)."""
    with open(path, 'wb') as out:
        def entry(name, mode, data, rdev=(0, 0)):
            raw = name.encode() + b'\0'
            fields = [0, mode, 0, 0, 1, MTIME, len(data), 0, 0, *rdev, len(raw), 0]
            out.write(b'070701' + b''.join(b'%08x' % f for f in fields) + raw)
            out.write(b'\0' * (-out.tell() % 4) + data)
            out.write(b'\0' * (-out.tell() % 4))
        for name, kind, mode, data in rows(table):
            entry(name, kind | mode, data)
        entry('dev/console', stat.S_IFCHR | 0o600, b'', (5, 1))
        entry('TRAILER!!!', 0, b'')
    return path


def read(path):
    """A file's bytes."""
    with open(path, 'rb') as f:
        return f.read()


def applets(path):
    """Names of a busybox's applets (see tests/tools/mkroot.py)."""
    import importlib.util
    spec = importlib.util.spec_from_file_location(
        'mkroot', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'tools', 'mkroot.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.applets(path)
