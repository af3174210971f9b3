"""manpages.py OUT SOURCE... [ALIAS:NAME...]: a manual page for each program, in the form of man(7).

A page says what its program's source says: the name and what it is for are in the first comment, how it is
called in the text of --help. docs/man/NAME.txt, where there is one, follows as it is: paragraphs, and lines
in capitals as headings.
"""
import ast
import os
import re
import sys

EXTRA = 'docs/man'


def escaped(text):
    """Text that means itself: no line of it a request, no backslash an escape."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return re.sub(r"^(?=[.'])", r'\\&', text, flags=re.M)


def source_text(path):
    """The first comment and the help text of a program."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    comment = re.match(r'/\*\n(.*?)\*/', text, re.S).group(1)
    comment = re.sub(r'^ \* ?', '', comment, flags=re.M)
    found = re.search(r'\bhelp\[\] ?=(.*?);\n', text, re.S)
    words = re.findall(r'"(?:[^"\\]|\\.)*"', found.group(1))
    return comment.strip(), ''.join(ast.literal_eval(w) for w in words)


def page(name, comment, usage, extra):
    """The page as text."""
    first, _, rest = comment.partition('\n\n')
    what = re.sub(r'^[\w, \[.-]*? - ', '', ' '.join(first.split()))
    head, _, body = usage.partition('\n')
    synopsis = [head]
    lines = body.split('\n')
    while lines and re.match(r' {6,}\w', lines[0]):
        synopsis.append(lines.pop(0))
    out = [f'.TH {name.upper()} 1', '.SH NAME', f'{escaped(name)} \\- {escaped(what.rstrip("."))}', '.SH SYNOPSIS', '.nf']
    out += [escaped(line.removeprefix('usage: ').strip()) for line in synopsis]
    out += ['.fi', '.SH DESCRIPTION', '.nf'] + [escaped(line) for line in lines if line] + ['.fi']
    if rest:
        out += ['.SH NOTES'] + escaped(rest.strip()).replace('\n\n', '\n.PP\n').split('\n')
    for block in extra.strip().split('\n\n') if extra.strip() else []:
        if block.isupper() and '\n' not in block:
            out.append(f'.SH {block}')
        elif block.startswith('    '):
            out += ['.PP', '.nf', *[escaped(line) for line in block.split('\n')], '.fi']
        else:
            out += ['.PP', escaped(block)]
    return '\n'.join(out) + '\n'


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    pages = {}
    for path in (word for word in sys.argv[2:] if ':' not in word):
        name = os.path.basename(os.path.dirname(path) if path.endswith('/main.c') else path[:-2])
        extra = os.path.join(EXTRA, name + '.txt')
        text = ''
        if os.path.exists(extra):
            with open(extra, encoding='utf-8') as f:
                text = f.read()
        pages[name] = page(name, *source_text(path), text)
    for word in (word for word in sys.argv[2:] if ':' in word):
        alias, name = word.split(':')
        pages[alias] = pages[name].replace(f'.TH {name.upper()} 1', f'.TH {alias.upper()} 1', 1)
    for name, text in pages.items():
        with open(os.path.join(out, name + '.1'), 'w', encoding='utf-8') as f:
            f.write(text)


if __name__ == '__main__':
    main()
