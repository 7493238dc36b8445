// A model's words as safe HTML: Markdown by marked, cleaned by DOMPurify. What a model wrote may
// neither run, nor fetch anything, nor look like a part of this page.
import DOMPurify from 'dompurify';
import { marked } from 'marked';

// Longer text is shown as it is: parsing it would hold the page up.
export const markdownMax = 200_000; // characters

const cleaner = DOMPurify();
cleaner.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('rel', 'noreferrer noopener');
  node.setAttribute('target', '_blank');
});

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Formulas as LaTeX marks them. One dollar alone is money unless both sides hug what is between.
const formula =
  /^(?:\$\$[^$]+\$\$|\\\[[\s\S]+?\\\]|\\\([\s\S]+?\\\)|\$(?=\S)[^$\n]*[^\s$]\$(?!\d))/;

marked.use({
  gfm: true,
  extensions: [
    {
      name: 'formula',
      level: 'inline',
      start: (text: string) => text.search(/\$|\\[([]/),
      tokenizer(text: string) {
        const found = formula.exec(text);
        return found ? { type: 'formula', raw: found[0] } : undefined;
      },
      // As it was written, until typeset.ts has made it pretty.
      renderer: ({ raw }) => `<span data-tex="${escaped(raw)}">${escaped(raw)}</span>`,
    },
  ],
  // HTML is shown as it was written, but for marks that only shape text.
  renderer: {
    html: ({ text }) => (/^(?:<\/?(?:br|sub|sup|b|i|em|strong|u|kbd)\s*\/?>)+\s*$/i.test(text) ? text : escaped(text)),
  },
  // Headings inside an answer stand below those of the page.
  walkTokens(token) {
    if (token.type === 'heading') token.depth = Math.min(6, token.depth + 2);
  },
});

export function toHtml(text: string): string {
  const html = marked.parse(text, { async: false });
  return cleaner.sanitize(html, {
    USE_PROFILES: { html: true },
    // An image's address would tell its host what was asked; forms and styles could deceive.
    FORBID_TAGS: ['img', 'picture', 'video', 'audio', 'source', 'form', 'input', 'button', 'style'],
    FORBID_ATTR: ['style', 'id', 'name', 'class'],
    ADD_ATTR: ['data-tex'],
    ALLOW_DATA_ATTR: false,
  });
}
