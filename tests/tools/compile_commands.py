"""compile_commands.py OUT COMMAND SOURCE...: write the compilation data base that editors read."""
import json
import os
import sys


def main():
    out, command, *sources = sys.argv[1:]
    root = os.getcwd()
    rows = [{'directory': root, 'file': src, 'command': f'{command} -c -o /dev/null {src}'}
            for src in sources]
    with open(out, 'w', encoding='utf-8') as f:
        json.dump(rows, f, indent=1)
        f.write('\n')


if __name__ == '__main__':
    main()
