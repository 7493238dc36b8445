// Gives a text to the user as a file of this name; its ending says what it is.
const types: Record<string, string> = { json: 'application/json', csv: 'text/csv' };

export function save(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: types[name.split('.').at(-1)!] ?? '' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
