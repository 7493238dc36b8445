// Models in the order that people expect: m2 before m10.
const order = new Intl.Collator('en', { numeric: true });

export const byName = (one: string, other: string) => order.compare(one, other);
export const inOrder = <T extends { id: string }>(models: T[]): T[] =>
  [...models].sort((one, other) => byName(one.id, other.id));
