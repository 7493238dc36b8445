// What differs between two texts, word by word (longest common subsequence).
export interface Piece {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

// The table has this many cells at most: longer texts are compared in their beginning only.
const wordsMax = 600;

const wordsOf = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

function lengths(a: string[], b: string[]): Uint16Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      rows[i]![j] =
        a[i] === b[j] ? rows[i + 1]![j + 1]! + 1 : Math.max(rows[i + 1]![j]!, rows[i]![j + 1]!);
    }
  }
  return rows;
}

// From `before` to `after`; `cut` says that not all of them was compared.
export function diff(before: string, after: string): { pieces: Piece[]; cut: boolean } {
  const [allA, allB] = [wordsOf(before), wordsOf(after)];
  const [a, b] = [allA.slice(0, wordsMax), allB.slice(0, wordsMax)];
  const rows = lengths(a, b);
  const pieces: Piece[] = [];
  const add = (kind: Piece['kind'], text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add('same', a[i++]!);
      ++j;
    } else if (j >= b.length || (i < a.length && rows[i + 1]![j]! >= rows[i]![j + 1]!)) {
      add('gone', a[i++]!);
    } else {
      add('new', b[j++]!);
    }
  }
  return { pieces, cut: allA.length > wordsMax || allB.length > wordsMax };
}
