// Formulas and code, made pretty once their libraries have come: only where there are any.
function stripped(source: string): { tex: string; display: boolean } {
  const display = source.startsWith('$$') || source.startsWith('\\[');
  const marks = source.startsWith('$') && !display ? 1 : 2;
  return { tex: source.slice(marks, -marks), display };
}

export async function typesetFormulas(root: HTMLElement) {
  const [{ default: katex }] = await Promise.all([
    import('katex'),
    import('katex/dist/katex.min.css'),
  ]);
  for (const place of root.querySelectorAll<HTMLElement>('[data-tex]')) {
    const { tex, display } = stripped(place.dataset.tex ?? '');
    place.removeAttribute('data-tex');
    // As elements, not as HTML: the page's policy refuses styles in HTML.
    katex.render(tex, place, { displayMode: display, throwOnError: false, trust: false });
  }
}

export async function highlightCode(root: HTMLElement) {
  const { default: highlighter } = await import('highlight.js/lib/common');
  for (const code of root.querySelectorAll<HTMLElement>('pre code')) {
    if (code.dataset.shown || code.textContent.length > 20_000) continue;
    code.dataset.shown = 'yes';
    const { value } = highlighter.highlightAuto(code.textContent);
    code.innerHTML = value; // made by the library of text: all of it is escaped
  }
}
