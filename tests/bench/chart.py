"""The chart of `make bench`: a line a row, a mark a figure, on a logarithmic scale of ratios."""
import matplotlib

matplotlib.use('svg')
from matplotlib import pyplot    # noqa: E402

import report    # noqa: E402

# marks, as well as colours: the chart is read in print, too
LOOKS = [('D', '#1b1b1b'), ('o', '#1f77b4'), ('^', '#2ca02c'), ('s', '#d62728'), ('*', '#9467bd')]
LIMITS = (1 / 64, 4)


def draw(result, path):
    """Write the SVG; the same figures give the same file."""
    matplotlib.rcParams['svg.hashsalt'] = 'tarn'
    matplotlib.rcParams['svg.fonttype'] = 'none'
    names = list(result.rows)
    figure, axes = pyplot.subplots(figsize=(8.5, 0.27 * len(names) + 1.6))
    for number, column in enumerate(report.columns(result)):
        points = [(report.ratio(column.figures(row)), len(names) - i)
                  for i, row in enumerate(result.rows.values()) if report.ratio(column.figures(row))]
        if not points:
            continue
        mark, colour = LOOKS[number % len(LOOKS)]
        axes.plot([min(max(x, LIMITS[0]), LIMITS[1]) for x, _ in points], [y for _, y in points], mark,
                  color=colour, label=column.title, markersize=5, alpha=0.85, linestyle='none')
    axes.set_xscale('log', base=2)
    axes.set_xlim(LIMITS[0] / 1.15, LIMITS[1] * 1.15)
    ticks = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4]
    axes.set_xticks(ticks, ['≤1/64', '1/32', '1/16', '1/8', '1/4', '1/2', '1', '2', '≥4'])
    axes.set_yticks(range(len(names), 0, -1), [report.ROWS.get(n, n) for n in names], fontsize=8)
    axes.set_ylim(0.3, len(names) + 0.7)
    axes.axvline(1, color='#d62728', linewidth=1)
    axes.axvline(0.5, color='#888888', linewidth=1, linestyle='--')
    axes.grid(True, axis='both', linewidth=0.3)
    axes.set_xlabel('Tarn by the faster of two Linux configurations (left of 1: Tarn needs less)')
    axes.legend(fontsize=8, loc='lower center', bbox_to_anchor=(0.4, 1.0), ncol=3, frameon=False)
    figure.tight_layout()
    figure.savefig(path, format='svg', metadata={'Date': None})
    pyplot.close(figure)
