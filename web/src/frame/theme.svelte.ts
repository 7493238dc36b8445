// Light or dark: as the system has it, until the user chooses.
const key = 'kai.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  chosen = $state<string | null>(localStorage.getItem(key));
  private system = $state(dark.matches);
  now = $derived(this.chosen ?? (this.system ? 'dark' : 'light'));

  begin() {
    const changed = () => (this.system = dark.matches);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }
  toggle() {
    this.chosen = this.now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(key, this.chosen);
  }
}

export const theme = new Theme();
