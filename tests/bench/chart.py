"""The chart of `make bench` as an SVG: a line a row, a mark a figure, on a logarithmic scale of ratios."""
import html
import math

import report

# marks, as well as colours: the chart is read in print, too
LOOKS = [('diamond', '#1b1b1b'), ('circle', '#1f77b4'), ('triangle', '#2ca02c'), ('square', '#d62728'),
         ('cross', '#9467bd')]
LEFT, WIDE, STEP, TOP = 230, 560, 19, 62        # the scale's place; a row's height
LIMITS = (1 / 64, 4)
TICKS = ('≤1/64', '1/32', '1/16', '1/8', '1/4', '1/2', '1', '2', '≥4')
SHAPES = {'diamond': 'M0 -5L5 0L0 5L-5 0Z', 'triangle': 'M0 -5L5 4L-5 4Z', 'square': 'M-4 -4H4V4H-4Z',
          'circle': 'M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z', 'cross': 'M-4 -2H-2V-4H2V-2H4V2H2V4H-2V2H-4Z'}


def across(ratio):
    """Where a ratio lies; what is off the scale, at its end."""
    low, high = (math.log2(x) for x in LIMITS)
    return LEFT + WIDE * (math.log2(min(max(ratio, LIMITS[0]), LIMITS[1])) - low) / (high - low)


def text(x, y, words, anchor='start'):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def mark(look, x, y, title=''):
    shape, colour = look
    return (f'<path d="{SHAPES[shape]}" fill="{colour}" fill-opacity="0.85" transform="translate({x:.1f} {y:.1f})">'
            f'<title>{html.escape(title)}</title></path>')


def draw(result, path):
    """Write the SVG; the same figures give the same file."""
    names = list(result.rows)
    bottom = TOP + STEP * len(names)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDE + 30}" height="{bottom + 50}" '
           'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    for i, tick in enumerate(TICKS):
        x = across(LIMITS[0] * 2 ** i)
        look = {'1': 'stroke="#d62728"', '1/2': 'stroke="#888" stroke-dasharray="5 3"'}.get(tick, 'stroke="#ddd"')
        out += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" {look}/>',
                text(x, bottom + 16, tick, 'middle')]
    for i, name in enumerate(names):
        y = TOP + STEP * i + STEP / 2
        out += [f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="#eee"/>',
                text(LEFT - 8, y + 4, report.ROWS.get(name, name), 'end')]
    drawn = 0
    for look, column in zip(LOOKS, report.columns(result)):
        ratios = [report.ratio(column.figures(row)) for row in result.rows.values()]
        if not any(ratios):
            continue
        x, y = LEFT + drawn % 3 * 190, 18 + drawn // 3 * 18
        drawn += 1
        out += [mark(look, x, y), text(x + 10, y + 4, column.title)]
        out += [mark(look, across(ratio), TOP + STEP * i + STEP / 2, f'{name}: {ratio:.2f}')
                for i, (name, ratio) in enumerate(zip(names, ratios)) if ratio]
    out += [text(LEFT + WIDE / 2, bottom + 38, 'Tarn by the faster of two Linux configurations (left of 1: Tarn needs less)',
                 'middle'), '</svg>']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out) + '\n')
