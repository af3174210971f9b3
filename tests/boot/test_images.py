"""What docker save, podman save and skopeo leave: recognised, and stacked into a root."""
import gzip
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import tarfile

import pytest
from conftest import ROOT

pytestmark = pytest.mark.area('tar')
REG, FOLDER, HARD, SYM = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE


@pytest.fixture(scope='module')
def runner():
    """The script tarn, as a module."""
    loader = importlib.machinery.SourceFileLoader('tarn_script', os.path.join(ROOT, 'tarn'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('tarn_script', loader))
    loader.exec_module(module)
    return module


def archive(members, fmt=tarfile.PAX_FORMAT):
    """A tar archive of (name, data, type, link), as bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=fmt) as tar:
        for name, data, kind, link in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size, info.mode = kind, link, len(data), 0o755
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def plain(table):
    """An archive of {name: data}."""
    return archive([(name, data, REG, '') for name, data in table.items()])


LAYERS = [
    archive([('a', b'low', REG, ''), ('gone', b'x', REG, ''), ('d', b'', FOLDER, ''),
             ('d/hidden', b'x', REG, ''), ('was', b'', FOLDER, ''), ('was/in', b'x', REG, ''),
             ('one', b'linked', REG, ''),
             ('two', b'', HARD, 'one'), ('tree', b'', FOLDER, ''), ('tree/x', b'x', REG, '')]),
    archive([('./a', b'high', REG, ''), ('./.wh.gone', b'', REG, ''),
             ('./d/.wh..wh..opq', b'', REG, ''), ('./d/new', b'new', REG, ''),
             ('./was', b'now a file', REG, ''), ('./.wh.one', b'', REG, ''),
             ('./.wh.tree', b'', REG, ''), ('./soft', b'', SYM, 'a')]),
]
WANT = {'a': b'high', 'd': None, 'd/new': b'new', 'was': b'now a file', 'two': b'linked',
        'soft': 'a'}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def dump(value):
    return json.dumps(value).encode()


def zstd(data):
    return subprocess.run(['zstd', '-qc'], input=data, stdout=subprocess.PIPE, check=True).stdout


def oci(layers, pack=lambda d: d, nested=False, machine='riscv64'):
    """An OCI image layout: {name: data}."""
    blobs = {}

    def blob(data):
        blobs[f'blobs/sha256/{digest(data)}'] = data
        return {'digest': 'sha256:' + digest(data)}
    manifest = blob(dump({'config': blob(dump({'architecture': machine})),
                          'layers': [blob(pack(layer)) for layer in layers]}))
    found = [{**manifest, 'platform': {'architecture': machine}}] if nested else [manifest]
    if nested:      # as buildx does: other machines, and what it attests
        other = blob(dump({'layers': []}))
        inner = blob(dump({'manifests': [
            {**other, 'platform': {'architecture': 'amd64'}}, *found,
            {**other, 'platform': {'architecture': 'unknown', 'os': 'unknown'}}]}))
        found = [inner]
    return {**blobs, 'index.json': dump({'manifests': found}),
            'oci-layout': b'{"imageLayoutVersion":"1.0.0"}'}


def docker_25(layers):
    """docker save since 25: an OCI layout with docker's manifest besides."""
    table = oci(layers)
    manifest = [{'Config': None, 'Layers': [f'blobs/sha256/{digest(d)}' for d in layers]}]
    return plain({**table, 'manifest.json': dump(manifest)})


def docker_old(layers):
    """docker save before: a folder for each layer; a layer that repeats is a link."""
    members, names = [], []
    for number, data in enumerate([layers[0], *layers]):
        folder = f'{number:064x}'
        names.append(f'{folder}/layer.tar')
        members += [(folder, b'', FOLDER, ''), (f'{folder}/VERSION', b'1.0', REG, '')]
        members.append((names[-1], data, REG, '') if number != 1
                       else (names[-1], b'', SYM, f'../{0:064x}/layer.tar'))
    config = f'{9:064x}.json'
    manifest = [{'Config': config, 'RepoTags': ['x:y'], 'Layers': names}]
    members += [(config, dump({'architecture': 'riscv64'}), REG, ''),
                ('manifest.json', dump(manifest), REG, ''), ('repositories', b'{}', REG, '')]
    return archive(members)


FORMS = {
    'docker 25': docker_25,
    'docker before 25': docker_old,
    'podman': lambda layers: plain({
        **{f'{digest(d)}.tar': d for d in layers},
        'manifest.json': dump([{'Layers': [f'{digest(d)}.tar' for d in layers]}])}),
    'oci': lambda layers: plain(oci(layers)),
    'oci gzip': lambda layers: plain(oci(layers, gzip.compress)),
    'oci zstd': lambda layers: plain(oci(layers, zstd)),
    'oci index in index': lambda layers: plain(oci(layers, nested=True)),
    'oci by tar .': lambda layers: archive([('./', b'', FOLDER, ''), *(
        ('./' + name, data, REG, '') for name, data in oci(layers).items())]),
    'compressed': lambda layers: gzip.compress(docker_25(layers)),
}


def contents(file):
    """What an archive holds: {name: data, None for a folder, a str for a link}."""
    found = {}
    with tarfile.open(fileobj=file) as tar:
        for m in tar:
            found[m.name] = m.linkname if m.issym() else \
                None if m.isdir() else tar.extractfile(m).read()
    return found


@pytest.mark.parametrize('form', FORMS)
def test_form(runner, tmp_path, form):
    path = tmp_path / 'image.tar'
    path.write_bytes(FORMS[form](LAYERS))
    file = runner.open_root(str(path))
    file.seek(0)
    assert contents(file) == WANT


def test_folder_of_an_image(runner, tmp_path):
    """`skopeo copy … oci:folder`"""
    for name, data in oci(LAYERS).items():
        path = tmp_path / 'image' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    file = runner.open_root(str(tmp_path / 'image'))
    file.seek(0)
    assert contents(file) == WANT


def test_layer_that_hides_all(runner, tmp_path):
    path = tmp_path / 'image.tar'
    path.write_bytes(docker_25([LAYERS[0], plain({'.wh..wh..opq': b'', 'only': b'this'})]))
    file = runner.open_root(str(path))
    file.seek(0)
    assert contents(file) == {'only': b'this'}


def upper_folder():
    """The second layer as the upper folder of an overlayfs would be packed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name, data, kind in [('a', b'high', REG), ('gone', b'', tarfile.CHRTYPE), ('d', b'', FOLDER),
                                 ('d/new', b'new', REG), ('was', b'now a file', REG),
                                 ('one', b'', tarfile.CHRTYPE), ('tree', b'', tarfile.CHRTYPE),
                                 ('soft', b'a', SYM)]:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o755
            if kind == SYM:
                info.linkname, data = data.decode(), b''
            if name == 'd':
                info.pax_headers = {'SCHILY.xattr.trusted.overlay.opaque': 'y',
                                    'SCHILY.xattr.user.kept': '1'}
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize('form', ['container', 'overlayfs'])
def test_layers_by_name(runner, tmp_path, form):
    """--layer: archives of layers, as they are."""
    (tmp_path / '0.tar').write_bytes(LAYERS[0])
    (tmp_path / '1.tar.gz').write_bytes(gzip.compress(LAYERS[1] if form == 'container' else upper_folder()))
    file = runner.open_layers([str(tmp_path / '0.tar'), str(tmp_path / '1.tar.gz')])
    file.seek(0)
    assert contents(file) == WANT
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        marks = {k for m in tar for k in m.pax_headers if 'xattr' in k}
    assert marks == ({'SCHILY.xattr.user.kept'} if form == 'overlayfs' else set())


def test_layer_on_the_command_line(tarn, busybox, tmp_path):
    with open(busybox, 'rb') as f:
        box = f.read()
    (tmp_path / 'root.tar').write_bytes(archive([
        ('bin', b'', FOLDER, ''), ('bin/sh', box, REG, ''), ('a', b'low\n', REG, ''), ('gone', b'', REG, '')]))
    (tmp_path / '1.tar').write_bytes(archive([('a', b'high\n', REG, ''), ('.wh.gone', b'', REG, '')]))
    (tmp_path / '2').mkdir()
    (tmp_path / '2' / 'b').write_text('highest\n')
    got = tarn('--layer', str(tmp_path / '1.tar'), '--layer', str(tmp_path / '2'), root=str(tmp_path / 'root.tar'),
               command=['/bin/sh', '-c', 'cat a b; [ ! -e gone ]']).ok()
    assert got.out == b'high\nhighest\n'


@pytest.mark.parametrize('form', ['gnu', 'posix'])
def test_sparse_member_of_a_layer(runner, tmp_path, form):
    with open(tmp_path / 'f', 'wb') as f:
        f.truncate(1 << 20)
        f.seek(500000)
        f.write(b'island')
    layer = subprocess.run(['tar', f'--format={form}', '-S', '-C', tmp_path, '-cf', '-', 'f'],
                           check=True, stdout=subprocess.PIPE).stdout
    assert len(layer) < 100000
    (tmp_path / 'image.tar').write_bytes(docker_25([layer]))
    file = runner.open_root(str(tmp_path / 'image.tar'))
    file.seek(0)
    assert contents(file) == {'f': (tmp_path / 'f').read_bytes()}


def test_no_image(runner, tmp_path):
    """A root that holds such names, but is none, stays as it is."""
    for number, table in enumerate([
            {'blobs/x': b''}, {'index.json': b'{}'}, {'etc/manifest.json': b'[]'},
            {'a': b'', 'manifest.json': b'[]'}]):
        path = tmp_path / f'{number}.tar'
        path.write_bytes(plain(table))
        file = runner.open_root(str(path))
        file.seek(0)
        assert contents(file) == table


WRONG = {
    'two images': (plain({'manifest.json': dump([{'Layers': []}] * 2)}), '2 images'),
    'another machine': (plain({'c.json': dump({'architecture': 'amd64'}), 'manifest.json': dump(
        [{'Config': 'c.json', 'Layers': []}])}), 'amd64'),
    'oci of another': (plain(oci(LAYERS, machine='arm64')), 'arm64'),
    'nothing for us': (plain(oci(LAYERS, nested=True, machine='s390x')), 'riscv64'),
    'a layer not there': (plain({'manifest.json': dump([{'Layers': ['x/layer.tar']}])}),
                          'x/layer.tar'),
    'a layer that is none': (plain({'x': b'hello', 'manifest.json': dump([{'Layers': ['x']}])}),
                             'export'),
    'a layer cut off': (plain({'x': gzip.compress(LAYERS[0])[:60], 'manifest.json': dump(
        [{'Layers': ['x']}])}), 'x.tar'),
    'links in a ring': (archive([('a', b'', SYM, 'b'), ('b', b'', SYM, 'a'), ('manifest.json', dump(
        [{'Layers': ['a']}]), REG, '')]), 'without its'),
    'no json': (plain({'manifest.json': b'hello'}), 'export'),
    'json of another shape': (plain({'manifest.json': dump({'a': 1})}), 'export'),
    'a number for a digest': (plain({'oci-layout': b'{}', 'index.json': dump(
        {'manifests': [{'digest': 7}]})}), 'export'),
    'an index without end': (plain({
        'oci-layout': b'{}', 'index.json': dump({'manifests': [{'digest': 'sha256:0'}]}),
        'blobs/sha256/0': dump({'manifests': [{'digest': 'sha256:0'}]})}), 'deep'),
}


@pytest.mark.parametrize('what', WRONG)
def test_wrong(runner, tmp_path, what):
    """One line that says what is wrong."""
    data, word = WRONG[what]
    path = tmp_path / 'x.tar'
    # the first member tells an image from a root
    path.write_bytes(archive([('repositories', b'{}', REG, '')])[:1024] + data)
    with pytest.raises(runner.Failure) as caught:
        runner.open_root(str(path))
    text = str(caught.value)
    assert word in text and '\n' not in text and 'x.tar' in text
