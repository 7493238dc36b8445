// Where the page is: its address, and how to go elsewhere without loading anew.
class Route {
  path = $state(location.pathname);
  search = $state(location.search);

  go(target: string) {
    if (target !== location.pathname + location.search) history.pushState(null, '', target);
    this.read();
    scrollTo(0, 0);
  }
  // The same place with another question mark's part: no step for the back button.
  refine(search: string) {
    history.replaceState(null, '', location.pathname + (search ? `?${search}` : ''));
    this.read();
  }
  begin() {
    const back = () => this.read();
    const click = (event: MouseEvent) => this.follow(event);
    addEventListener('popstate', back);
    document.addEventListener('click', click);
    return () => {
      removeEventListener('popstate', back);
      document.removeEventListener('click', click);
    };
  }

  private read() {
    this.path = location.pathname;
    this.search = location.search;
  }
  // A plain click on a link to a room of the page.
  private follow(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) {
      return;
    }
    if (link.pathname.includes('.') || link.pathname.startsWith('/api/') || link.hash) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const route = new Route();
